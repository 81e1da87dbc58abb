package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// describe lists all that is in a schema, by its definition.
func describe(t testing.TB, pool *pgxpool.Pool, schema string) string {
	t.Helper()
	rows, err := pool.Query(context.Background(), `
		SELECT 'relation ' || c.relname || ' ' || c.relkind::text || ' ' || coalesce(array_to_string(c.reloptions, ','), '') || ' ' || coalesce(pg_get_viewdef(c.oid), '')
			FROM pg_class c WHERE c.relnamespace = $1::text::regnamespace
		UNION ALL SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || a.attcollation::regcollation
			FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = $1::text::regnamespace AND NOT a.attisdropped
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE quote_ident(schemaname) = $1
		UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = $1::text::regnamespace
		UNION ALL SELECT 'function ' || pg_get_functiondef(oid) || ' ' || coalesce(proacl::text, '') FROM pg_proc WHERE pronamespace = $1::text::regnamespace
		ORDER BY 1`, schemaNamed(t, schema).quoted)
	require.NoError(t, err)
	var all []string
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		all = append(all, line)
	}
	require.NoError(t, rows.Err())
	return strings.Join(all, "\n")
}

func schemaNamed(t testing.TB, name string) schema {
	t.Helper()
	s, err := schemaOf(name)
	require.NoError(t, err)
	return s
}

func schemaExists(t testing.TB, pool *pgxpool.Pool, name string) bool {
	t.Helper()
	var there bool
	require.NoError(t, pool.QueryRow(context.Background(), "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", name).Scan(&there))
	return there
}

func TestUpDownUpLeavesTheSameSchema(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	require.NoError(t, Up(ctx, pool, "s"))
	first := describe(t, pool, "s")
	require.Contains(t, first, "column events.at bigint")
	all, err := migrations()
	require.NoError(t, err)
	for to := len(all) - 1; to >= 1; to-- {
		require.NoError(t, Down(ctx, pool, "s", to))
		version, err := versionOf(ctx, pool, schemaNamed(t, "s"))
		require.NoError(t, err)
		require.Equal(t, to, version)
		require.NotEqual(t, first, describe(t, pool, "s"))
	}
	require.NoError(t, Up(ctx, pool, "s"))
	require.Equal(t, first, describe(t, pool, "s"))
	require.NoError(t, Up(ctx, pool, "s"), "again")
	require.Equal(t, first, describe(t, pool, "s"))
}

func TestDownToNothingLeavesNothing(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	s := openStore(t, pool, Config{Schema: "s"})
	appendAll(t, s, placed("1", noon, 100), placed("2", noon.AddDate(0, 5, 0), 100))
	require.NoError(t, Down(ctx, pool, "s", 0))
	assert.False(t, schemaExists(t, pool, "s"))
	require.NoError(t, Down(ctx, pool, "s", 0), "again")

	_, err := pool.Exec(ctx, "CREATE SCHEMA mine")
	require.NoError(t, err)
	require.NoError(t, Up(ctx, pool, "mine"))
	require.NoError(t, Down(ctx, pool, "mine", 0))
	assert.True(t, schemaExists(t, pool, "mine"), "it was there before")
	assert.Empty(t, describe(t, pool, "mine"))
}

func TestProcessesMigrateAtTheSameTime(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			if i%2 == 0 {
				assert.NoError(t, Up(ctx, pool, "s"))
				return
			}
			s, err := Open(ctx, pool, Config{Schema: "s"})
			if assert.NoError(t, err) {
				_, err = s.Append(ctx, []bizmetrics.Event{placed("1", noon, 100)})
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.Len(t, scanAll(t, openStore(t, pool, Config{Schema: "s"})), 1)
}

func TestASchemaOfALaterVersionIsRefusedAndLeftAsItIs(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	require.NoError(t, Up(ctx, pool, ""))
	_, err := pool.Exec(ctx, "INSERT INTO bizmetrics.migrations (version, name) VALUES (999, '0999_future')")
	require.NoError(t, err)
	before := describe(t, pool, "bizmetrics")
	_, err = Open(ctx, pool, Config{})
	for _, err := range []error{err, Up(ctx, pool, ""), Down(ctx, pool, "", 0)} {
		assert.ErrorContains(t, err, "version 999, made by a later version of this package")
	}
	assert.Equal(t, before, describe(t, pool, "bizmetrics"))
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	_, err := pool.Exec(ctx, "CREATE SCHEMA s; CREATE TABLE s.totals ()")
	require.NoError(t, err)
	before := describe(t, pool, "s")
	require.ErrorContains(t, Up(ctx, pool, "s"), "0002_totals up")
	assert.Equal(t, before, describe(t, pool, "s"))
}

func TestNamesOfSchemas(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	for _, name := range []string{`Business "Events"`, `it's`, `back\slash`, "{name}", "größe", "select", strings.Repeat("x", 63)} {
		t.Run(name, func(t *testing.T) {
			s := openStore(t, pool, Config{Schema: name})
			appendAll(t, s, placed("1", noon, 100), placed("2", noon.AddDate(0, -7, 0), 100))
			assert.Equal(t, int64(100), revenueOf(t, s, noon))
			assert.Len(t, scanAll(t, s), 2)
			require.NoError(t, Down(ctx, pool, name, 0))
		})
	}
	for _, name := range []string{"pg_own", "a\x00b", "a$b", strings.Repeat("x", 64), "a\xff"} {
		_, err := Open(ctx, pool, Config{Schema: name})
		assert.ErrorIs(t, err, bizmetrics.ErrInvalid, "%q", name)
		assert.ErrorContains(t, err, "Config.Schema")
	}
}

func TestTheTableOfKindsIsThatOfTheLedger(t *testing.T) {
	pool := newPool(t)
	require.NoError(t, Up(context.Background(), pool, ""))
	rows, err := pool.Query(context.Background(), "SELECT kind, name, status FROM bizmetrics.kinds")
	require.NoError(t, err)
	n := 0
	for rows.Next() {
		var kind int64
		var name, status string
		require.NoError(t, rows.Scan(&kind, &name, &status))
		assert.Equal(t, ledger.Kind(kind), ledger.KindOf(name, status), "%s %s", name, status)
		n++
	}
	assert.Equal(t, ledger.Kinds-1, n)
}

func TestTheTablesAreThoseOfTheDescriptors(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	require.NoError(t, Up(ctx, pool, ""))
	list := func(sql, table string) []string {
		rows, err := pool.Query(ctx, sql, "bizmetrics."+table)
		require.NoError(t, err)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return names
	}
	for _, table := range sqlstore.Tables {
		var want []string
		for _, c := range table.Columns() {
			want = append(want, c.Name+" "+sqlType(c.Type))
		}
		assert.Equal(t, want, list(`SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
			WHERE attrelid = $1::text::regclass AND attnum > 0 ORDER BY attnum`, table.Name), table.Name)
		assert.Equal(t, namesOf(table.Key), list(`SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, n), pg_attribute a
			WHERE i.indrelid = $1::text::regclass AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.n`, table.Name), table.Name)
		assert.Empty(t, list(`SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0
			AND attcollation <> 0 AND attcollation <> '"C"'::regcollation`, table.Name), "texts are compared byte by byte")
	}
}

// as makes a role and a pool that is it.
func as(t testing.TB, pool *pgxpool.Pool, role string, grants ...string) *pgxpool.Pool {
	t.Helper()
	ctx := context.Background()
	database := pool.Config().ConnConfig.Database
	name := role + "_" + strings.TrimPrefix(database, "test_")
	exec := func(sql string) {
		_, err := pool.Exec(ctx, strings.ReplaceAll(sql, "$ROLE", name))
		require.NoError(t, err)
	}
	exec("CREATE ROLE $ROLE LOGIN PASSWORD 'secret'")
	t.Cleanup(func() { exec("DROP OWNED BY $ROLE; DROP ROLE $ROLE") })
	exec("REVOKE CREATE ON DATABASE " + database + " FROM PUBLIC")
	for _, g := range grants {
		exec(g)
	}
	c := pool.Config().Copy()
	c.ConnConfig.User, c.ConnConfig.Password = name, "secret"
	other, err := pgxpool.NewWithConfig(ctx, c)
	require.NoError(t, err)
	t.Cleanup(other.Close)
	return other
}

func TestARoleThatMayOnlyReadAndWriteUsesAMigratedSchema(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	require.NoError(t, Up(ctx, pool, ""))
	service := as(t, pool, "service",
		"GRANT USAGE ON SCHEMA bizmetrics TO $ROLE",
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bizmetrics TO $ROLE",
		"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bizmetrics TO $ROLE")
	s := openStore(t, service, Config{Retention: 400 * 24 * hour})
	appendAll(t, s, placed("1", noon, 100), placed("old", noon.AddDate(-3, 0, 0), 100), placed("new", noon.AddDate(3, 0, 0), 100))
	assert.Equal(t, int64(100), revenueOf(t, s, noon.AddDate(-3, 0, 0)), "what is added up stays")
	assert.Len(t, scanAll(t, s), 2, "three years ago is dropped")
	_, err := service.Exec(ctx, "CREATE TABLE bizmetrics.mine ()")
	assert.ErrorContains(t, err, "permission denied", "or the test tests nothing")
}

func TestARoleWithoutRightsIsToldWhatToDo(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	_, err := Open(ctx, as(t, pool, "nobody"), Config{})
	require.ErrorContains(t, err, "create schema")
	require.ErrorContains(t, err, "permission denied")
}

func TestARoleThatOwnsOnlyItsSchemaMigratesIt(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	owner := as(t, pool, "owner", "CREATE SCHEMA theirs AUTHORIZATION $ROLE")
	s := openStore(t, owner, Config{Schema: "theirs"})
	appendAll(t, s, placed("1", noon, 100))
	assert.Equal(t, int64(100), revenueOf(t, s, noon))
	require.NoError(t, Down(ctx, owner, "theirs", 0))
	assert.True(t, schemaExists(t, pool, "theirs"))
}

func TestSearchPathDoesNotMatterAndIsNotTouched(t *testing.T) {
	ctx, pool := context.Background(), newPool(t)
	c := pool.Config().Copy()
	c.ConnConfig.RuntimeParams["search_path"] = "elsewhere, public"
	c.MaxConns = 1
	one, err := pgxpool.NewWithConfig(ctx, c)
	require.NoError(t, err)
	t.Cleanup(one.Close)
	_, err = one.Exec(ctx, "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.events (x int); CREATE TABLE elsewhere.totals (x int)")
	require.NoError(t, err)
	s := openStore(t, one, Config{})
	appendAll(t, s, placed("1", noon, 100))
	assert.Equal(t, int64(100), revenueOf(t, s, noon))
	for name, want := range map[string]string{"search_path": "elsewhere, public", "enable_seqscan": "on", "plan_cache_mode": "auto"} {
		var got string
		require.NoError(t, one.QueryRow(ctx, fmt.Sprintf("SHOW %s", name)).Scan(&got))
		assert.Equal(t, want, got, "nothing is left in the session")
	}
}
