package alerting

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
)

var (
	bg    = context.Background()
	start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
)

// board is a registry's answers, set by the test.
type board struct {
	mu    sync.Mutex
	known map[string]metric.Indicator
	now   map[string][]metric.Reading
}

func newBoard() *board {
	return &board{known: map[string]metric.Indicator{}, now: map[string][]metric.Reading{}}
}

func (b *board) ReadWindow(name string, _ time.Duration, _ ...string) ([]metric.Reading, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.known[name]; !ok {
		return nil, metric.ErrUnknown
	}
	if len(b.now[name]) == 0 {
		return nil, metric.ErrNoData
	}
	return b.now[name], nil
}

func (b *board) Lookup(name string) (metric.Indicator, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.known[name]
	return i, ok
}

// set makes the next readings of name; none is no data.
func (b *board) set(name string, readings ...metric.Reading) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.known[name]; !ok {
		b.known[name] = metric.Indicator{Name: name}
	}
	b.now[name] = readings
}

func (b *board) define(i metric.Indicator) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[i.Name] = i
}

// plain is a reading that is no share of counts.
func plain(v float64, values ...string) metric.Reading {
	return metric.Reading{Values: values, Value: v, Low: v, High: v, Samples: 1000}
}

// inbox is a receiver that collects.
type inbox struct {
	mu   sync.Mutex
	got  []Notification
	fail func(Notification) error
}

func (i *inbox) Notify(_ context.Context, n Notification) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		if err := i.fail(n); err != nil {
			return err
		}
	}
	i.got = append(i.got, n)
	return nil
}

func (i *inbox) failWith(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fail = func(Notification) error { return err }
}

// said is what came, as "P0 firing".
func (i *inbox) said() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	said := []string{}
	for _, n := range i.got {
		for _, a := range n.Alerts {
			said = append(said, fmt.Sprintf("%s %s", a.Severity, a.State))
		}
	}
	return said
}

func (i *inbox) messages() []Notification {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]Notification(nil), i.got...)
}

// bench is a Manager with readings and a clock that the test moves.
type bench struct {
	*Manager
	board *board
	all   *inbox // told of everything
	t     testing.TB
	clock struct {
		sync.Mutex
		now time.Time
	}
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func newBench(t testing.TB, c Config) *bench {
	b := &bench{board: newBoard(), all: &inbox{}, t: t}
	b.clock.now = start
	c.Now = b.Now
	if c.Logger == nil {
		c.Logger = quiet
	}
	registry, err := metric.NewRegistry(metric.Config{Manual: true, Now: b.Now})
	require.NoError(t, err)
	t.Cleanup(func() { _ = registry.Close(bg) })
	c.Registry = registry
	c.Routes = append([]Route{{Name: "all", To: b.all}}, c.Routes...)
	m, err := New(c)
	require.NoError(t, err)
	m.ask = b.board
	b.Manager = m
	t.Cleanup(func() { _ = m.Close(bg) })
	return b
}

func (b *bench) Now() time.Time {
	b.clock.Lock()
	defer b.clock.Unlock()
	return b.clock.now
}

// step moves the clock by 10 s and evaluates.
func (b *bench) step() {
	b.clock.Lock()
	b.clock.now = b.clock.now.Add(10 * time.Second)
	now := b.clock.now
	b.clock.Unlock()
	b.evaluate(now)
}

// run steps for d.
func (b *bench) run(d time.Duration) {
	for range int(d / (10 * time.Second)) {
		b.step()
	}
}

// delivered waits for the outbox.
func (b *bench) delivered() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(bg, 5*time.Second)
	defer cancel()
	require.NoError(b.t, b.Flush(ctx))
}

func (b *bench) said() []string {
	b.t.Helper()
	b.delivered()
	return b.all.said()
}

// openFile is the store that a Manager with a Dir has.
func openFile(t testing.TB, dir string, now func() time.Time) *fileStore {
	t.Helper()
	s, err := openFileStore(dir, now)
	require.NoError(t, err)
	return s
}

// lockedBuilder is a strings.Builder for a logger of many goroutines.
type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
