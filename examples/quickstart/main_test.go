package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheQuickstartServesCountsAndStops(t *testing.T) {
	program := filepath.Join(t.TempDir(), "quickstart")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))

	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "PORT=0", "SENTRY_DSN=", "MONITORING_STATE_DIR="+t.TempDir())
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // a no-op once it has ended
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "it says where it listens")
	dashboards := strings.TrimSpace(strings.TrimPrefix(line, "open "))
	root := strings.TrimSuffix(dashboards, "monitoring/")

	res, err := http.Post(root+"orders/1", "", nil)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Equal(t, "thank you for order 1\n", string(body))
	assert.NotEmpty(t, res.Header.Get("X-Request-ID"))

	for _, path := range []string{"", "operations", "executive", "health"} {
		res, err := http.Get(dashboards + path)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, http.StatusOK, res.StatusCode, path)
	}

	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		assert.NoError(t, err, stderr.String())
	case <-time.After(10 * time.Second):
		t.Fatal("still running 10 s after the interrupt")
	}
	assert.NotContains(t, stderr.String(), "order not counted")
}

func TestTheQuickstartFitsOnAScreen(t *testing.T) {
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	assert.Less(t, strings.Count(string(source), "\n"), 60)
}
