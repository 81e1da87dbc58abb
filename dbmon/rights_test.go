package dbmon

import (
	"context"
	"crypto/rand"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// plainRole attaches a pool of a new role without any rights to m, and gives
// the administrator's connection to its database.
func plainRole(t *testing.T, m *Monitor) (admin *pgx.Conn, role string) {
	t.Helper()
	u, ctx := pgtest.Schema(t), context.Background()
	admin, err := pgx.Connect(ctx, u)
	require.NoError(t, err)
	role = "plain_" + strings.ToLower(rand.Text())
	_, err = admin.Exec(ctx, "create role "+role+" login password 'pw'")
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, sql := range []string{"drop owned by " + role, "drop role " + role} {
			_, err := admin.Exec(ctx, sql)
			require.NoError(t, err)
		}
		require.NoError(t, admin.Close(ctx))
	})
	c, err := pgxpool.ParseConfig(u)
	require.NoError(t, err)
	c.ConnConfig.User, c.ConnConfig.Password, c.ConnConfig.Tracer = role, "pw", NewTracer(m)
	p, err := pgxpool.NewWithConfig(ctx, c)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	detach, err := m.Attach("plain", p)
	require.NoError(t, err)
	t.Cleanup(detach)
	return admin, role
}

func TestARoleWithoutRightsIsSaidAndStillSeesTheConnections(t *testing.T) {
	m := newMonitor(t, Config{})
	admin, role := plainRole(t, m)
	h := checkAnew(t, m)
	assert.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)
	assert.Contains(t, strings.Join(h.Unchecked, "\n"), "plain: sessions of other roles: the role lacks pg_monitor, which GRANT pg_monitor gives")
	assert.Positive(t, h.ServerConnectionUse, "the admin's session is counted")

	_, err := admin.Exec(context.Background(), "grant pg_monitor to "+role)
	require.NoError(t, err)
	h = checkAnew(t, m)
	assert.NotContains(t, strings.Join(h.Unchecked, "\n"), "pg_monitor", "it suffices")
}

// A hardened server may let nobody read its statistics.
func TestARoleThatMayNotReadAViewStillGetsTheRest(t *testing.T) {
	for view, lost := range map[string]func(Health) float64{
		"pg_stat_activity": func(h Health) float64 { return h.ServerConnectionUse },
		"pg_stat_database": func(h Health) float64 { return h.BufferHitRate },
	} {
		t.Run(view, func(t *testing.T) {
			m := newMonitor(t, Config{})
			admin, role := plainRole(t, m)
			for _, sql := range []string{"revoke select on " + view + " from public", "grant select on " + view + " to pg_monitor"} {
				_, err := admin.Exec(context.Background(), sql)
				require.NoError(t, err)
			}
			checkAnew(t, m)
			h := checkAnew(t, m)
			assert.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)
			assert.Contains(t, strings.Join(h.Unchecked, "\n"), "plain: "+view+": the role may not read it, which GRANT pg_monitor or GRANT SELECT would allow")
			assert.True(t, math.IsNaN(lost(h)), "no figure is better than a wrong one")

			_, err := admin.Exec(context.Background(), "grant pg_monitor to "+role)
			require.NoError(t, err)
			assert.NotContains(t, strings.Join(checkAnew(t, m).Unchecked, "\n"), view)
		})
	}
}

func TestAnExtensionThatIsMissingIsNamedAndTheRestIsChecked(t *testing.T) {
	u, ctx := pgtest.Schema(t), context.Background()
	m := newMonitor(t, Config{})
	p := newPool(t, m, u)
	h := checkAnew(t, m)
	assert.Equal(t, Healthy, h.Verdict, "%v", h.Reasons)
	assert.Contains(t, strings.Join(h.Unchecked, "\n"), "the extension pg_stat_statements is missing, which CREATE EXTENSION makes")
	assert.False(t, math.IsNaN(h.ServerConnectionUse))
	if _, err := p.Exec(ctx, "create extension pg_stat_statements"); err != nil {
		t.Log("the server's installation has no pg_stat_statements either")
		return
	}
	assert.Empty(t, checkAnew(t, m).Unchecked)
}
