package bizmetrics

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

func eur(minor int64) Money { return Money{Minor: minor, Currency: "EUR"} }

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock(at time.Time) *clock { return &clock{at: at} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// open makes a Recorder that is closed when the test ends.
func open(t testing.TB, c Config) *Recorder {
	t.Helper()
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	r, err := New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close(context.Background())) })
	return r
}

// at reads "2026-03-29 01:30" in a zone.
func at(t testing.TB, loc *time.Location, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	require.NoError(t, err)
	return when
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// counted is a counter's value, of all series whose values are given.
func counted(r *Recorder, name string, values ...string) (n float64) {
	r.Produce(func(f metric.Family) {
		if f.Name != name {
			return
		}
		for _, p := range f.Points {
			matches := true
			for i, v := range values {
				matches = matches && p.Values[i] == v
			}
			if matches {
				n += p.Value
			}
		}
	})
	return n
}

// killAfter kills child once it has said that so many events are durable, and
// returns what it said last.
func killAfter(t *testing.T, child *exec.Cmd, out io.Reader, events int) int {
	t.Helper()
	last := 0
	lines := bufio.NewScanner(out)
	killed := false
	for lines.Scan() {
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "durable %d", &n); err == nil {
			last = n
		}
		if last >= events && !killed {
			killed = true
			require.NoError(t, child.Process.Kill())
		}
	}
	require.True(t, killed, "the child ended by itself after %d events", last)
	_ = child.Wait()
	return last
}
