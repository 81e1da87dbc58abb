package dbmon

import (
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// stubborn is a pool whose connecting ignores its context until the test lets it go on.
func stubborn(t *testing.T, m *Monitor, where string, release <-chan struct{}) (detach func()) {
	c, err := pgxpool.ParseConfig(pgtest.URL(t))
	require.NoError(t, err)
	c.ConnConfig.Tracer = NewTracer(m)
	switch where {
	case "BeforeConnect":
		c.BeforeConnect = func(context.Context, *pgx.ConnConfig) error { <-release; return nil }
	case "the dialer":
		c.ConnConfig.DialFunc = func(context.Context, string, string) (net.Conn, error) { <-release; return nil, net.ErrClosed }
	case "a panic":
		c.BeforeConnect = func(context.Context, *pgx.ConnConfig) error { panic("boom") }
	}
	p, err := pgxpool.NewWithConfig(context.Background(), c)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	detach, err = m.Attach("p", p)
	require.NoError(t, err)
	return detach
}

func TestHealthIsBoundedAlsoWhereTheServicesOwnCodeIgnoresItsContext(t *testing.T) {
	for _, where := range []string{"BeforeConnect", "the dialer"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			m := newMonitor(t, Config{})
			release := make(chan struct{})
			detach := stubborn(t, m, where, release)
			before := runtime.NumGoroutine()
			began := time.Now()
			h, err := m.Health(context.Background())
			require.NoError(t, err)
			assert.Less(t, time.Since(began), checkTimeout+500*time.Millisecond)
			assert.Equal(t, Critical, h.Verdict)
			assert.Contains(t, h.Reasons[0], "does not answer in time")
			assert.Contains(t, strings.Join(h.Unchecked, "\n"), "do not heed their context")

			for range 3 { // the next ones do not start another beside it
				m.again()
				began = time.Now()
				h, err = m.Health(context.Background())
				require.NoError(t, err)
				assert.Less(t, time.Since(began), time.Second)
				assert.Contains(t, h.Reasons[0], "the check before has not come back")
			}
			assert.LessOrEqual(t, runtime.NumGoroutine(), before+6, "two subtests and one check each")

			detached := make(chan struct{})
			go func() { detach(); close(detached) }()
			select {
			case <-detached:
				t.Error("detach does not wait for the check")
			case <-time.After(50 * time.Millisecond):
			}
			close(release)
			<-detached
			assert.Empty(t, m.Pools())
		})
	}
}

func TestClosingDoesNotWaitForEverForACheck(t *testing.T) {
	m, err := New(Config{})
	require.NoError(t, err)
	release := make(chan struct{})
	defer close(release)
	stubborn(t, m, "BeforeConnect", release)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err = m.Health(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, m.Close(ctx), context.DeadlineExceeded)
}

func TestAPanicOfTheServicesOwnCodeIsAVerdict(t *testing.T) {
	m := newMonitor(t, Config{})
	defer stubborn(t, m, "a panic", nil)()
	h, err := m.Health(context.Background())
	require.NoError(t, err)
	assert.Equal(t, Critical, h.Verdict)
	assert.Contains(t, h.Reasons[0], "panics")
}

func TestAPoolThatIsClosedAndForgottenIsLetGo(t *testing.T) {
	m := newMonitor(t, Config{})
	func() {
		p, err := m.NewPool(context.Background(), pgtest.URL(t))
		require.NoError(t, err)
		require.NoError(t, p.Ping(context.Background()))
		require.Len(t, m.Pools(), 1)
		runtime.GC()
		runtime.GC()
		require.Len(t, m.Pools(), 1)
		p.Close()
	}()
	open := newPool(t, m, pgtest.URL(t))
	require.Eventually(t, func() bool {
		runtime.GC()
		return len(m.pools.all()) == 1
	}, 10*time.Second, 10*time.Millisecond)
	require.Len(t, m.Pools(), 1)
	require.NoError(t, open.Ping(context.Background()))
}
