package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// urls reads what a started shop prints, until its last URL.
func urls(t *testing.T, cmd *exec.Cmd) []string {
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	found := make(chan []string, 1)
	go func() {
		var urls []string
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if _, url, ok := strings.Cut(lines.Text(), "http://"); ok {
				if urls = append(urls, "http://"+url); len(urls) == 5 {
					break
				}
			}
		}
		found <- urls
		for lines.Scan() { // so that the shop never blocks on its output
		}
	}()
	select {
	case u := <-found:
		require.Len(t, u, 5, "shop, supplier, admin, operations, executive")
		return u
	case <-time.After(60 * time.Second):
		t.Fatal("it does not serve within 60 s")
		return nil
	}
}

func ended(t *testing.T, cmd *exec.Cmd, within time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(within):
		t.Fatalf("still running after %s", within)
		return nil
	}
}

func answers(t *testing.T, urls []string) {
	for _, u := range urls {
		res, err := http.Get(u)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, http.StatusOK, res.StatusCode, u)
	}
}

func TestAnInterruptEndsTheShopAndAnOpenStream(t *testing.T) {
	database := pgtest.Schema(t)
	cmd := exec.Command(os.Args[0], "-addr", "127.0.0.1:0", "-database", database, "-history", "1", "-state", t.TempDir(), "-speed", "10")
	cmd.Env = append(os.Environ(), asShop+"=1", "SENTRY_DSN=")
	cmd.Stderr = os.Stderr
	pages := urls(t, cmd)
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	answers(t, pages)

	stream, err := http.Get(pages[0] + "monitoring/events?page=operations")
	require.NoError(t, err)
	defer stream.Body.Close()
	assert.Equal(t, http.StatusOK, stream.StatusCode)

	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	assert.NoError(t, ended(t, cmd, 12*time.Second))
	_, _ = io.Copy(io.Discard, stream.Body) // it has ended too
	_, err = http.Get(pages[0])
	assert.Error(t, err, "nobody listens any more")
}

func TestTheDemoLeavesNoProcessAndNoFolder(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a PostgreSQL of its own")
	}
	pgtest.URL(t) // where there is no server for tests, none shall be installed here
	// The minute is for the start, not for a first compilation on a new machine.
	built, err := exec.Command("go", "build", "-o", os.DevNull, ".").CombinedOutput()
	require.NoError(t, err, string(built))
	tmp, err := os.MkdirTemp("", "demo") // not t.TempDir: another user must reach it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	require.NoError(t, os.Chmod(tmp, 0o777)) //nolint:gosec // the database's user writes here
	cmd := exec.Command("../../scripts/demo.sh", "-shoppers", "2", "-history", "1")
	cmd.Env = append(os.Environ(), "PORT=0", "TMPDIR="+tmp, "DATABASE_URL=", "SENTRY_DSN=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	pages := urls(t, cmd)
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	answers(t, pages)

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	assert.NoError(t, ended(t, cmd, 30*time.Second))
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, left)
	_, err = http.Get(pages[0])
	assert.Error(t, err, "nobody listens any more")
	processes, err := exec.Command("ps", "-eo", "args").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(processes), tmp)
}

func TestWrongOptionsAreExplained(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	for want, args := range map[string][]string{
		"set -database":        {},
		"-shoppers is 0 to":    {"-database", "x", "-shoppers", "-1"},
		"-speed is":            {"-database", "x", "-speed", "0"},
		"-history is":          {"-database", "x", "-history", "-1"},
		"unexpected argument":  {"-database", "x", "y"},
		"flag provided but no": {"-nonsense"},
	} {
		assert.ErrorContains(t, run(t.Context(), args, discard{}), want)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestAPoolSizeIsAddedToAnyURL(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://h/db":                   "postgres://h/db?pool_max_conns=10",
		"postgres://h/db?sslmode=disable":   "postgres://h/db?sslmode=disable&pool_max_conns=10",
		"host=h dbname=db":                  "host=h dbname=db pool_max_conns=10",
		"postgres://h/db?pool_max_conns=50": "postgres://h/db?pool_max_conns=50",
	} {
		assert.Equal(t, want, withPoolSize(in))
	}
}
