package pgtest

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is what it takes to start a server again.
type cluster struct {
	folder, programs string
	owner            *syscall.Credential
}

// Down stops the server as an administrator does: sessions are cut, nothing is
// lost. [Server.Up] starts it again, at the same address.
func (s *Server) Down(t testing.TB) {
	t.Helper()
	s.locate(t)
	_ = syscall.Kill(s.pid, syscall.SIGINT)
	s.await(t)
}

// Up starts the server after [Server.Down] or [Server.Kill].
func (s *Server) Up(t testing.TB) {
	t.Helper()
	if s.cluster == nil {
		t.Fatal("pgtest: Up of a server that was not seen alive: call Locate before Kill, or Down")
	}
	s.await(t)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatalf("the server's URL: %v", err)
	}
	start := exec.Command(filepath.Join(s.cluster.programs, "pg_ctl"), "-D", s.cluster.folder, "-l", filepath.Join(s.cluster.folder, "again.log"), "-o", "-p "+u.Port(), "-w", "-t", "30", "start")
	start.Dir = "/"
	start.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.cluster.owner}
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("start the server again: %v\n%s", err, out)
	}
	pid, err := os.ReadFile(filepath.Join(s.cluster.folder, "postmaster.pid"))
	if err != nil {
		t.Fatalf("find the server that was started again: %v", err)
	}
	first, _, _ := strings.Cut(string(pid), "\n")
	if s.pid, err = strconv.Atoi(first); err != nil || s.pid <= 1 {
		t.Fatalf("the server that was started again has no process: %q", pid)
	}
	s.again = true
}

// Locate finds out where the server keeps its data, so that it can be started
// again after [Server.Kill].
func (s *Server) Locate(t testing.TB) { t.Helper(); s.locate(t) }

func (s *Server) locate(t testing.TB) {
	t.Helper()
	if s.cluster != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		t.Fatalf("connect to the test's server: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var c cluster
	if err := conn.QueryRow(ctx, "select current_setting('data_directory'), (select setting from pg_config where name = 'BINDIR')").Scan(&c.folder, &c.programs); err != nil {
		t.Fatalf("ask the server where it is: %v", err)
	}
	info, err := os.Stat(c.folder)
	if err != nil {
		t.Fatalf("find the server's folder: %v", err)
	}
	if of, ok := info.Sys().(*syscall.Stat_t); ok && int(of.Uid) != os.Getuid() { // it refuses to be root
		c.owner = &syscall.Credential{Uid: of.Uid, Gid: of.Gid}
	}
	s.cluster = &c
}

// await waits until the process has ended.
func (s *Server) await(t testing.TB) {
	t.Helper()
	for range 200 {
		if syscall.Kill(s.pid, 0) != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the server, process %d, does not end", s.pid)
}
