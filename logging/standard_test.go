package logging

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The standard loggers are one for the process, and what hangs cannot be
// stopped. So the matrix runs in a child process, which says where it hangs.
const childVariable = "LOGGING_TEST_CHILD"

type writerFunc func(string)

func (f writerFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// wraps hides what is inside, as a service's own handler does.
type wraps struct{ slog.Handler }

// asks looks for the default handler at each record.
type asks struct{}

func (asks) Enabled(context.Context, slog.Level) bool { return true }
func (asks) WithAttrs([]slog.Attr) slog.Handler       { return asks{} }
func (asks) WithGroup(string) slog.Handler            { return asks{} }
func (asks) Handle(ctx context.Context, r slog.Record) error {
	return slog.Default().Handler().Handle(ctx, r)
}

// matrix is each way in which a Logger and the standard loggers may be led
// into each other.
type matrix struct {
	output, handler, order string
}

func (m matrix) String() string { return m.output + " " + m.handler + " " + m.order }

var (
	outputs  = []string{"stderr", "log.Print", "log.Writer", "slog.Info", "itself", "other"}
	handlers = []string{"none", "wrapped", "asking", "json", "other"}
	orders   = []string{"-", "S", "L", "SL", "LS", "SS", "LSL", "SLS", "LL", "SE", "F", "FS", "FSL"}
)

// scenarios are all pairs, or, in the long form, all of the matrix.
func scenarios(all bool) (found []matrix) {
	for _, output := range outputs {
		for _, handler := range handlers {
			for _, order := range orders {
				if all || output == "stderr" || handler == "none" || order == "LSL" {
					found = append(found, matrix{output, handler, order})
				}
			}
		}
	}
	return found
}

// run leads all into each other and logs, three times in each way.
func (m matrix) run(standard slog.Handler) {
	var ours, other *Logger
	log.SetOutput(os.Stderr)
	log.SetFlags(log.LstdFlags)
	slog.SetDefault(slog.New(standard))
	slog.SetLogLoggerLevel(slog.LevelInfo)

	write := map[string]io.Writer{
		"stderr":     os.Stderr,
		"log.Print":  writerFunc(func(s string) { log.Print(s) }),
		"log.Writer": writerFunc(func(s string) { _, _ = log.Writer().Write([]byte(s)) }),
		"slog.Info":  writerFunc(func(s string) { slog.Info(s, "by", "writer") }),
		"itself":     writerFunc(func(s string) { ours.Info(s, "by", "writer") }),
		"other":      writerFunc(func(s string) { other.Info(s, "by", "writer") }),
	}
	intoOurs := writerFunc(func(s string) { ours.Error(s, "by", "log") })
	hand := map[string][]slog.Handler{
		"none":    nil,
		"wrapped": {wraps{standard}},
		"asking":  {asks{}},
		"json":    {slog.NewJSONHandler(write["slog.Info"], nil)},
	}
	other, err := New(Config{Format: "json", Output: writerFunc(func(s string) { _, _ = os.Stderr.WriteString(s) }), Handlers: []slog.Handler{asks{}}})
	check(err)
	hand["other"] = []slog.Handler{other.Handler()}
	ours, err = New(Config{Format: "json", Output: write[m.output], Handlers: hand[m.handler]})
	check(err)
	ours.core.guard.patience, other.core.guard.patience = 5*time.Millisecond, 5*time.Millisecond
	for _, step := range m.order {
		switch step {
		case 'S':
			slog.SetDefault(ours.Logger)
		case 'L':
			log.SetOutput(intoOurs)
		case 'E': // what comes by log.Print is an error
			slog.SetLogLoggerLevel(slog.LevelError)
		case 'F':
			SetDefault(ours)
			slog.SetDefault(FromContext(context.Background()).Logger)
		}
	}
	for range 3 {
		log.Print("by log")
		slog.Info("by slog")
		ours.Info("by ours")
		ours.Named("n").With("a", 1).WithGroup("g").Error("by ours", "error", io.EOF)
		FromContext(context.Background()).Info("by context")
	}
	SetDefault(nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	check(ours.Close(ctx))
	check(other.Close(ctx))
	if n := ours.core.guard.apart.Load() + other.core.guard.apart.Load(); n != 0 {
		check(fmt.Errorf("%d calls never ended", n))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAULT", err)
		os.Exit(3)
	}
}

// TestStandardLoggersChild is the child's part.
func TestStandardLoggersChild(t *testing.T) {
	which := os.Getenv(childVariable)
	if which == "" {
		t.Skip("for TestTheStandardLoggersNeitherHangNorLoop")
	}
	standard := slog.Default().Handler()
	for _, m := range scenarios(which == "all") {
		fmt.Fprintf(os.Stderr, "\n=== %s\n", m)
		done := make(chan struct{})
		go func() {
			m.run(standard)
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			fmt.Fprintln(os.Stderr, "FAULT hangs")
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
			os.Exit(2)
		}
	}
	fmt.Fprintln(os.Stderr, "\n=== end")
	os.Exit(0)
}

func TestTheStandardLoggersNeitherHangNorLoop(t *testing.T) {
	which := "pairs"
	if os.Getenv("SOAK") != "" {
		which = "all"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestStandardLoggersChild$")
	child.Env = append(os.Environ(), childVariable+"="+which)
	var said bytes.Buffer
	child.Stderr = &said
	err := child.Run()
	parts := strings.Split(said.String(), "\n=== ")
	last := parts[len(parts)-1]
	require.NoError(t, err, "%.4000s", last)
	require.True(t, strings.HasPrefix(last, "end"), "%.4000s", last)
	require.Len(t, parts, len(scenarios(which == "all"))+2)

	most := 0
	for _, part := range parts[1 : len(parts)-1] {
		name, text, _ := strings.Cut(part, "\n")
		lines := strings.Count(text, "\n")
		most = max(most, lines)
		assert.Less(t, lines, 400, "%s: a loop", name)
		for _, by := range []string{"by log", "by slog", "by ours", "by context"} {
			assert.GreaterOrEqual(t, strings.Count(text, by), 3, "%s: %s is lost\n%.2000s", name, by, text)
		}
	}
	t.Log("most lines of one scenario:", most)
}

func TestTheStandardLoggersLockIsFound(t *testing.T) {
	require.NotNil(t, standardLock(), "without it each record costs a look at the stack")
	writes := false
	log.SetOutput(writerFunc(func(string) { writes = standardWrites() }))
	defer log.SetOutput(os.Stderr)
	log.Print("hi")
	assert.True(t, writes)
	assert.False(t, standardWrites())
}

func TestTheLongFormHasAllPairs(t *testing.T) {
	all := scenarios(true)
	assert.Len(t, all, len(outputs)*len(handlers)*len(orders))
	for _, m := range scenarios(false) {
		assert.True(t, slices.Contains(all, m))
	}
}
