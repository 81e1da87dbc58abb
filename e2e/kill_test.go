package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// promised is an event whose ID was returned.
type promised struct {
	at time.Time
	id string
}

// crasher runs errortracking/testdata/crasher.
type crasher struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	errors strings.Builder
}

func buildCrasher(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crasher")
	build := exec.Command("go", "build", "-o", path, "./errortracking/testdata/crasher")
	build.Dir = ".."
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

func startCrasher(t *testing.T, path string, args ...string) *crasher {
	t.Helper()
	c := &crasher{cmd: exec.Command(path, args...)}
	c.cmd.Stderr = &c.errors
	var err error
	c.out, err = c.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() { _ = c.cmd.Process.Kill() }) // has ended, unless the test failed
	return c
}

// end reads what was promised until the process is gone.
func (c *crasher) end(t *testing.T) (all []promised, err error) {
	t.Helper()
	for lines := bufio.NewScanner(c.out); lines.Scan(); {
		at, id, _ := strings.Cut(lines.Text(), " ")
		nanos, err := strconv.ParseInt(at, 10, 64)
		if err != nil || len(id) != 32 {
			continue // refused, which was counted; or cut by the kill
		}
		all = append(all, promised{time.Unix(0, nanos), id})
	}
	return all, c.cmd.Wait()
}

// TestEventsSurviveKillAndOutage is the promise of the spool, on a receiver
// that is not ours.
func TestEventsSurviveKillAndOutage(t *testing.T) {
	rounds, outage := 5, 2*time.Second
	if os.Getenv("SOAK") != "" {
		rounds, outage = 50, time.Minute
	}
	s := startSpotlight(t)
	path := buildCrasher(t)
	t.Run("kill", func(t *testing.T) {
		dir := t.TempDir()
		sure, late := 0, 0
		for round := range rounds {
			promises := killedUnderLoad(t, path, s.dsn(), dir)
			s.gate.open()
			next := startCrasher(t, path, "-dsn", s.dsn(), "-dir", dir, "-flush", "60s")
			_, err := next.end(t)
			require.NoError(t, err, next.errors.String())
			require.Eventually(t, func() bool { return len(s.missing(promises)) == 0 }, 10*time.Second, 10*time.Millisecond,
				"round %d lost %v of %d", round, s.missing(promises), len(promises))
			s.gate.shut()
			sure += len(promises)
		}
		events, again := s.arrived()
		late = events - sure
		t.Logf("%d rounds: %d events promised 50 ms before the kill, all arrived; %d later ones too; %d came twice", rounds, sure, late, again)
	})
	t.Run("outage", func(t *testing.T) {
		c := startCrasher(t, path, "-dsn", s.dsn(), "-dir", t.TempDir(), "-rate", "100", "-for", (outage + time.Second).String())
		time.AfterFunc(outage, s.gate.open)
		all, err := c.end(t)
		require.NoError(t, err, c.errors.String())
		var ids []string
		for _, p := range all {
			ids = append(ids, p.id)
		}
		require.Eventually(t, func() bool { return len(s.missing(ids)) == 0 }, 10*time.Second, 10*time.Millisecond)
		assert.Equal(t, ids, s.inOrder(ids), "in order")
		t.Logf("an outage of %v: %d events, all arrived, in order", outage, len(ids))
	})
}

// killedUnderLoad gives the IDs that were returned 50 ms before the kill, which
// comes at a random moment.
func killedUnderLoad(t *testing.T, path, dsn, dir string) (sure []string) {
	t.Helper()
	c := startCrasher(t, path, "-dsn", dsn, "-dir", dir, "-workers", "4", "-rate", "250")
	lasts := 100*time.Millisecond + time.Duration(rand.Int64N(int64(time.Second)))
	killed := make(chan time.Time, 1)
	time.AfterFunc(lasts, func() {
		at := time.Now()
		_ = c.cmd.Process.Kill()
		killed <- at
	})
	all, err := c.end(t)
	require.Error(t, err, "it was killed")
	at := (<-killed).Add(-50 * time.Millisecond)
	unique := map[string]bool{}
	for _, p := range all {
		require.False(t, unique[p.id], fmt.Sprintf("%s is given twice", p.id))
		unique[p.id] = true
		if p.at.Before(at) {
			sure = append(sure, p.id)
		}
	}
	return sure
}
