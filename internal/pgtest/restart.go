package pgtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Down stops the server at once, as "pg_ctl stop -m immediate" does: its
// clients are cut off. It returns when the server has ended. [Server.Up] starts
// it again.
func (s *Server) Down(t testing.TB) {
	t.Helper()
	s.Kill()
	if s.again != nil {
		_ = s.again.Wait()
		s.again = nil
		return
	}
	lock := filepath.Join(s.data, "postmaster.pid") // the server's last deed is to remove it
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(lock); errors.Is(err, os.ErrNotExist) {
			s.pid = 0
			return
		}
	}
	t.Fatal("the server does not stop")
}

// Up starts the server that [Server.Down] has stopped, at the same address with
// the same data, and returns when it answers.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	line, err := os.ReadFile(filepath.Join(s.data, "postmaster.opts"))
	if err != nil {
		t.Fatalf("read how the server was started: %v", err)
	}
	program, rest, _ := strings.Cut(strings.TrimSpace(string(line)), ` "`)
	s.again = exec.Command(program, strings.Split(strings.TrimSuffix(rest, `"`), `" "`)...)
	s.again.Dir = s.data
	if os.Getuid() == 0 {
		owner, err := os.Stat(s.data)
		if err != nil {
			t.Fatal(err)
		}
		stat := owner.Sys().(*syscall.Stat_t)
		s.again.SysProcAttr = as(int(stat.Uid), int(stat.Gid))
	}
	if err := s.again.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	s.pid = s.again.Process.Pid
	await(t, s.URL)
}

// learnData asks the server for its folder.
func (s *Server) learnData(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		t.Fatalf("connect to the test's server: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, "show data_directory").Scan(&s.data); err != nil {
		t.Fatalf("ask for the server's folder: %v", err)
	}
}
