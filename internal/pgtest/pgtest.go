// Package pgtest gives tests a real PostgreSQL. Only tests import it.
//
// The server comes from the environment: make test runs everything under
// scripts/postgres.sh, which sets DATABASE_URL. By hand:
//
//	scripts/postgres.sh run -- go test ./dbmon/...
package pgtest

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// URL is the shared server's, with the database that it was given with. A test
// that changes anything takes [Schema]. Without a server the test is skipped.
func URL(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"MONITORING_TEST_DATABASE", "DATABASE_URL"} {
		if u := os.Getenv(name); u != "" {
			return u
		}
	}
	t.Skip("needs PostgreSQL: run make test, or scripts/postgres.sh run -- go test ./...")
	return ""
}

// Schema is the URL of an empty database of the test's own on the shared
// server. It is dropped when the test ends, with whoever is still connected.
func Schema(t testing.TB) string {
	t.Helper()
	shared := URL(t)
	var suffix [6]byte
	_, _ = rand.Read(suffix[:])
	name := "test_" + hex.EncodeToString(suffix[:])
	execute(t, shared, "create database "+name)
	t.Cleanup(func() { execute(t, shared, "drop database if exists "+name+" with (force)") })
	u, err := url.Parse(shared)
	if err != nil {
		t.Fatal("pgtest wants DATABASE_URL as a URL, not as key=value pairs")
	}
	u.Path = "/" + name
	return u.String()
}

func execute(t testing.TB, url, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Server is a PostgreSQL of one test's own, which the test may hurt.
type Server struct {
	// URL reaches the server over TCP.
	URL string

	pid   int
	cmd   *exec.Cmd
	input interface{ Close() error }
	ended bool
	data  string    // its folder
	again *exec.Cmd // the server, once Up has started it
}

// NewServer starts a server of the test's own. It ends with the test. What it
// has committed is still there after [Server.Kill] and [Server.Down].
func NewServer(t testing.TB) *Server {
	t.Helper()
	URL(t) // skipped where the others are
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "..", "..", "scripts", "postgres.sh")
	cmd := exec.Command("bash", script, "run", "--", "sh", "-c", `echo "$MONITORING_POSTGRES_PID $DATABASE_URL"; cat >/dev/null`)
	cmd.Stderr = os.Stderr
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DATABASE_URL=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", script, err)
	}
	s := &Server{cmd: cmd, input: input}
	t.Cleanup(s.Stop)
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("read what %s prints: %v", script, err)
	}
	pid, u, _ := strings.Cut(strings.TrimSpace(line), " ")
	s.URL = u
	if s.pid, err = strconv.Atoi(pid); err != nil || s.pid <= 1 {
		t.Fatalf("%s prints no process: %q", script, line)
	}
	execute(t, s.URL, "alter system set synchronous_commit = on") // the script's servers may lose the last ones
	execute(t, s.URL, "select pg_reload_conf()")
	s.learnData(t)
	return s
}

// Kill ends the server at once, without a goodbye to its clients.
func (s *Server) Kill() { s.signal(syscall.SIGQUIT) }

// Freeze stops the server answering new connections; they hang.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw undoes Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(what syscall.Signal) {
	if s.pid > 1 { // else Down has stopped it
		_ = syscall.Kill(s.pid, what)
	}
}

// Stop ends the server and removes its folder. It may come twice.
func (s *Server) Stop() {
	if s.ended {
		return
	}
	s.ended = true
	if s.again != nil {
		s.Kill()
		_ = s.again.Wait()
	}
	_ = s.input.Close() // the script's command ends, and so the script
	_ = s.cmd.Wait()
}
