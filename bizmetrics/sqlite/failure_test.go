package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

func TestAFullDiskIsAnErrorAndWhatWasStoredStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	e, err := openEngine(path)
	require.NoError(t, err)
	inner, err := sqlstore.New(ctx, e, sqlstore.Config{})
	require.NoError(t, err)
	s := &Store{inner}
	defer func() { require.NoError(t, s.Close()) }()
	appendAll(t, s, placed("before", noon))
	require.NoError(t, e.writer.script("PRAGMA max_page_count = 40"))
	var many []*ledger.Record
	for i := range 5000 {
		many = append(many, placed(fmt.Sprint(i), noon))
	}
	_, err = s.Append(ctx, eventsOf(t, many...))
	require.ErrorContains(t, err, "disk is full")
	assert.ErrorContains(t, err, path)
	assert.EqualValues(t, 1, month(t, s, "orders").Count)

	require.NoError(t, e.writer.script("PRAGMA max_page_count = 1000000"))
	appendAll(t, s, many...)
	assert.EqualValues(t, 5001, month(t, s, "orders").Count, "with room again, all of it is stored once")
}

func TestADamagedFileSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 1000)), 0o600))
	_, err := Open(text, Config{})
	require.ErrorContains(t, err, "damaged, or not a database")
	assert.ErrorContains(t, err, text)

	path := filepath.Join(dir, "events.db")
	s, err := Open(path, Config{})
	require.NoError(t, err)
	for i := range 10 {
		appendAll(t, s, placed(fmt.Sprint(i), noon))
	}
	require.NoError(t, s.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 4096 + 100; i < len(data); i++ {
		data[i] ^= 0x5a
	}
	require.NoError(t, os.WriteFile(path, data, 0o600))
	s, err = Open(path, Config{})
	if err == nil {
		defer s.Close()
		_, err = s.Append(ctx, eventsOf(t, placed("more", noon)))
	}
	require.ErrorContains(t, err, "damaged")
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "no", "events.db"), Config{})
	require.ErrorContains(t, err, "no/events.db")
}

func TestMigrationsGoUpAndDown(t *testing.T) {
	c, err := openConn(filepath.Join(t.TempDir(), "events.db"))
	require.NoError(t, err)
	defer c.close()
	tables := func() (n int64) {
		c.begin()
		require.NoError(t, c.query(ctx, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'", []sqlstore.Type{sqlstore.Int}, func(v []sqlstore.Value) error {
			n = v[0].Int
			return nil
		}))
		return n
	}
	for range 2 {
		require.NoError(t, migrate(c, latest))
		assert.EqualValues(t, len(sqlstore.Tables)+2, tables())
		require.NoError(t, migrate(c, 0))
		assert.Zero(t, tables())
	}
	require.NoError(t, c.script(fmt.Sprint("PRAGMA user_version = ", latest+1)))
	require.ErrorContains(t, migrate(c, latest), "later version")
}
