package errortracking

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/sentrytest"
)

const exitDSN, exitDir, exitHow = "ERRORTRACKING_TEST_DSN", "ERRORTRACKING_TEST_DIR", "ERRORTRACKING_TEST_EXIT"

// exits are the ways in which a process ends while Sentry is away.
var exits = map[string]struct {
	wait time.Duration // after the last ordinary capture
	end  func(*Tracker)
}{
	"os.Exit":   {50 * time.Millisecond, func(*Tracker) { os.Exit(3) }},
	"log.Fatal": {50 * time.Millisecond, func(*Tracker) { log.Fatal("fatal") }},
	"panic in a goroutine": {50 * time.Millisecond, func(*Tracker) {
		go panic("nobody recovers")
		select {}
	}},
	"Goexit in main": {50 * time.Millisecond, func(*Tracker) {
		go func() {
			time.Sleep(10 * time.Millisecond)
			os.Exit(0)
		}()
		runtime.Goexit()
	}},
	"kill -9": {50 * time.Millisecond, func(*Tracker) { killSelf() }},

	// All below goes without any wait.
	"kill -9 after a critical message": {0, func(t *Tracker) {
		promise(t.CaptureMessage(context.Background(), LevelCritical, "the disk is gone"))
		killSelf()
	}},
	"kill -9 after a critical error": {0, func(t *Tracker) {
		promise(t.CaptureException(WithLevel(context.Background(), LevelCritical), errors.New("gone")))
		killSelf()
	}},
	"a panic through Recover": {0, func(t *Tracker) {
		defer t.Recover(context.Background())
		panic("panicked")
	}},
	"kill -9 after a panic in a handler": {0, func(t *Tracker) {
		h := t.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("panicked") }))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		killSelf()
	}},
}

// promise tells the parent that an event must arrive.
func promise(id string) { fmt.Println("promised " + id) }

func killSelf() {
	p, _ := os.FindProcess(os.Getpid())
	_ = p.Kill()
	select {}
}

// exitChild is the process that ends.
func exitChild(dsn, dir, how string) {
	limit := 1000
	if how == "storm" {
		limit = 0 // the default
	}
	t, err := New(Config{DSN: dsn, SpoolDir: dir, FloodLimit: limit, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if how == "storm" {
		storm(t)
	}
	for i := range 20 {
		promise(t.CaptureException(context.Background(), fmt.Errorf("before the end %d", i)))
	}
	x := exits[how]
	if x.wait > 0 {
		time.Sleep(x.wait)
		for late := time.Now(); t.pending.len() > 0 && time.Since(late) < 10*time.Second; time.Sleep(time.Millisecond) {
			fmt.Println("late")
		}
	}
	x.end(t)
}

// starved reports whether others have the processors, so that nothing can be
// said of 50 ms.
func starved() bool {
	load, err := os.ReadFile("/proc/loadavg")
	if raceEnabled || err != nil {
		return raceEnabled
	}
	one, _ := strconv.ParseFloat(strings.Fields(string(load))[0], 64)
	return one > float64(runtime.NumCPU())
}

// dies runs the child, and gives what it promised.
func dies(t *testing.T, dsn, dir, how string) (promised []string, output string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), exitDSN+"="+dsn, exitDir+"="+dir, exitHow+"="+how)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // it fails in most of these ways
	for line := range strings.Lines(out.String()) {
		if id, ok := strings.CutPrefix(line, "promised "); ok {
			promised = append(promised, strings.TrimSpace(id))
		}
	}
	return promised, out.String() + errs.String()
}

func TestWhateverEndsTheProcessItsEventsGoOutAtTheNextStart(t *testing.T) {
	for how := range exits {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := sentrytest.New(t)
			s.Fail(http.StatusBadGateway)
			dir := t.TempDir()
			promised, output := dies(t, s.DSN, dir, how)
			require.GreaterOrEqual(t, len(promised), 20, output)
			if !starved() {
				require.NotContains(t, output, "late", "all is written within 50 ms")
			}
			for _, id := range promised {
				require.Len(t, id, 32, output)
			}
			s.Heal()
			flush(t, tracker(t, Config{DSN: s.DSN, SpoolDir: dir}))
			var got []string
			panicked := false
			for _, e := range s.Events() {
				if !slices.Contains(got, e.ID()) { // at least once
					got = append(got, e.ID())
				}
				panicked = panicked || e.Text("exception.0.value") == "panicked"
			}
			require.GreaterOrEqual(t, len(got), len(promised))
			assert.Equal(t, promised, got[:len(promised)], "all of them, in order")
			assert.Equal(t, how == "a panic through Recover" || how == "kill -9 after a panic in a handler", panicked)
		})
	}
}
