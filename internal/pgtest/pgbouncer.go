package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PgBouncer is the URL of a PgBouncer in transaction mode before the database
// of databaseURL, on a unix socket. It has two connections to the server for
// all of its clients, and ends with the test. Without PgBouncer the test is
// skipped; make test installs it.
func PgBouncer(t testing.TB, databaseURL string) string {
	t.Helper()
	program := findPgBouncer()
	if program == "" {
		t.Skip("needs pgbouncer: run make test, which installs it")
	}
	server, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		t.Fatalf("parse the database's URL: %v", err)
	}
	dir, err := os.MkdirTemp("/tmp", "monitoring-bouncer.") // a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(config, fmt.Appendf(nil, `[databases]
%s = host=%s port=%d dbname=%s user=%s password=%s
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = %s
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
server_reset_query_always = 0
`, server.Database, server.Host, server.Port, server.Database, server.User, server.Password, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-q", config)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = unprivileged(t, dir, config)
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	query := url.Values{"host": {dir}, "port": {"6432"}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(server.User), Path: "/" + server.Database, RawQuery: query.Encode()}
	await(t, u.String())
	return u.String()
}

func findPgBouncer() string {
	for _, name := range []string{os.Getenv("MONITORING_PGBOUNCER"), "pgbouncer", "/usr/sbin/pgbouncer"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// unprivileged is the user that a program which refuses to be root runs as; the
// paths become that user's.
func unprivileged(t testing.TB, paths ...string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			t.Fatal(err)
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, path := range paths {
		if err := os.Chown(path, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return as(uid, gid)
}

func as(uid, gid int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} //nolint:gosec // IDs of this system
}

// await returns when the database answers.
func await(t testing.TB, databaseURL string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = answers(databaseURL); err == nil {
			return
		}
	}
	t.Fatalf("the server does not answer: %v", err)
}

func answers(databaseURL string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "select 1")
	return err
}
