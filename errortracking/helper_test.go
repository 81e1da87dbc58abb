package errortracking

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/metric"
)

// logged is a log in memory.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) logger(extra ...slog.Handler) *slog.Logger {
	return slog.New(slog.NewMultiHandler(append([]slog.Handler{slog.NewJSONHandler(l, nil)}, extra...)...))
}

func (l *logged) records(t testing.TB) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.buf.Bytes()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal(line, &m))
		all = append(all, m)
	}
	return all
}

func tracker(t testing.TB, c Config) *Tracker {
	t.Helper()
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	tr, err := New(c)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_ = tr.Close(ctx)
	})
	return tr
}

func flush(t testing.TB, tr *Tracker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.NoError(t, tr.Flush(ctx))
}

// sent captures by f and gives the one event that comes of it.
func sent(t testing.TB, c Config, f func(*Tracker)) sentrytest.Event {
	t.Helper()
	s := sentrytest.New(t)
	c.DSN = s.DSN
	tr := tracker(t, c)
	f(tr)
	flush(t, tr)
	events := s.Events()
	require.Len(t, events, 1)
	return events[0]
}

// kept collects events in place of Sentry.
type kept struct {
	mu     sync.Mutex
	events []Event
}

func (k *kept) sink(_ context.Context, e Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, e)
}

func (k *kept) all() []Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]Event(nil), k.events...)
}

// counter reads a counter of the Tracker by the last of its attributes.
func counter(tr *Tracker, name, value string) (n float64) {
	tr.Produce(func(f metric.Family) {
		for _, p := range f.Points {
			if f.Name == name && p.Values[len(p.Values)-1] == value {
				n += p.Value
			}
		}
	})
	return n
}

func withID(ctx context.Context, id string) context.Context { return reqctx.WithCorrelationID(ctx, id) }
