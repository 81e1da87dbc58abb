package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachSchemaIsADatabaseOfItsOwn(t *testing.T) {
	ctx := context.Background()
	a, b := Schema(t), Schema(t)
	require.NotEqual(t, a, b)
	execute(t, a, "create table only_in_a ()")
	conn, err := pgx.Connect(ctx, b)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	var found *string
	require.NoError(t, conn.QueryRow(ctx, "select to_regclass('only_in_a')::text").Scan(&found))
	assert.Nil(t, found)
}

func TestASchemaIsGoneAfterItsTestAlsoWhileConnected(t *testing.T) {
	URL(t) // skips the whole test where there is no server
	ctx := context.Background()
	var url string
	t.Run("leaves a connection", func(t *testing.T) {
		url = Schema(t)
		conn, err := pgx.Connect(ctx, url)
		require.NoError(t, err)
		require.NoError(t, conn.Ping(ctx))
	})
	_, err := pgx.Connect(ctx, url)
	assert.ErrorContains(t, err, "3D000")
}

func TestAServerOfItsOwnIsStoppedAndStartedWithItsData(t *testing.T) {
	s := NewServer(t)
	execute(t, s.URL, "create table kept ()")
	for range 2 {
		s.Down(t)
		require.Error(t, answers(s.URL))
		s.Up(t)
		execute(t, s.URL, "insert into kept default values")
	}
	s.Stop()
	require.Error(t, answers(s.URL))
}

func TestPgBouncerStandsBeforeTheDatabase(t *testing.T) {
	u := PgBouncer(t, Schema(t))
	execute(t, u, "create table t ()")
	require.NoError(t, answers(u))
}

func TestAServerOfItsOwnCanBeKilled(t *testing.T) {
	s := NewServer(t)
	assert.NotEqual(t, URL(t), s.URL)
	execute(t, s.URL, "create table t ()")
	s.Kill()
	require.Eventually(t, func() bool {
		conn, err := pgx.Connect(context.Background(), s.URL)
		if err == nil {
			_ = conn.Close(context.Background())
		}
		return err != nil
	}, 10e9, 50e6)
	s.Stop()
	s.Stop()
}
