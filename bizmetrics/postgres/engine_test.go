package postgres

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

func newTestEngine(t testing.TB) *engine {
	t.Helper()
	e, err := newEngine(newPool(t), Config{}, false)
	require.NoError(t, err)
	require.NoError(t, e.prepare(context.Background()))
	return e
}

func TestAWriterIsBoundedAndDurableWhateverTheServerDoesByDefault(t *testing.T) {
	e := newTestEngine(t)
	require.NoError(t, e.Write(context.Background(), func(tx sqlstore.Tx) error {
		for name, want := range map[string]string{"idle_in_transaction_session_timeout": "30s", "synchronous_commit": "on", "enable_seqscan": "off", "transaction_isolation": "read committed"} {
			var got string
			require.NoError(t, tx.(*writer).tx.QueryRow(context.Background(), "SHOW "+name).Scan(&got))
			assert.Equal(t, want, got, name)
		}
		return nil
	}))
}

func TestAnEngineKnowsWhetherItWroteAlone(t *testing.T) {
	ctx := context.Background()
	a := newTestEngine(t)
	b, err := newEngine(a.pool, Config{}, false)
	require.NoError(t, err)
	write := func(e *engine) (was bool) {
		require.NoError(t, e.Write(ctx, func(sqlstore.Tx) error {
			was = e.Exclusive()
			return nil
		}))
		return was
	}
	assert.False(t, write(a), "who knows who wrote before")
	assert.True(t, write(a))
	assert.False(t, write(b))
	assert.True(t, write(b))
	assert.False(t, write(a))
	broken := errors.New("broken")
	require.ErrorIs(t, b.Write(ctx, func(sqlstore.Tx) error { return broken }), broken)
	assert.True(t, write(a), "what was undone was not written")
	_, err = b.Purge(ctx, 0)
	require.NoError(t, err)
	assert.False(t, write(a), "who purges writes")
}

// What is written is on its way while the batch goes on: its errors come with
// what is read next, or with the commit.
func TestAnErrorOfAWriteUndoesTheBatch(t *testing.T) {
	ctx := context.Background()
	e := newTestEngine(t)
	ints := func(n ...int64) sqlstore.Slice { return sqlstore.Slice{Type: sqlstore.Int, Ints: n} }
	texts := func(s ...string) sqlstore.Slice { return sqlstore.Slice{Type: sqlstore.Text, Texts: s} }
	huge := sqlstore.Columns{texts("s"), ints(1), ints(0), ints(7), ints(1 << 62)}
	for _, read := range []bool{false, true} {
		t.Run("read after it: "+strconv.FormatBool(read), func(t *testing.T) {
			err := e.Write(ctx, func(tx sqlstore.Tx) error {
				require.NoError(t, tx.Put(sqlstore.Settings, sqlstore.Columns{texts("x"), texts("y")}))
				for range 3 { // 3 * 2^62 is beyond a bigint
					require.NoError(t, tx.Add(sqlstore.OrderValues, huge))
				}
				if !read {
					return nil
				}
				return tx.Find(sqlstore.Settings, sqlstore.Columns{texts("x")}, func(int, []sqlstore.Value) {})
			})
			require.ErrorContains(t, err, "add to order_values")
			require.ErrorContains(t, err, "out of range")
		})
	}
	require.NoError(t, e.Read(ctx, func(r sqlstore.Reader) error {
		return r.Find(sqlstore.Settings, sqlstore.Columns{texts("x")}, func(int, []sqlstore.Value) { assert.Fail(t, "it is there") })
	}))
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	ctx := context.Background()
	e := newTestEngine(t)
	long := "größe \U0001F4B6 \"'\\{},"
	rows := sqlstore.MakeColumns(sqlstore.Users.Columns(), 0)
	want := map[int]string{}
	for i := range 300 {
		rows[0].Texts = append(rows[0].Texts, long+strconv.Itoa(i))
		rows[1].Bytes = append(rows[1].Bytes, []byte{0, byte(i), 0xff, '\\'})
		want[i] = string(rows[1].Bytes[i])
	}
	rows[1].Bytes[0], want[0] = nil, ""
	require.NoError(t, e.Write(ctx, func(tx sqlstore.Tx) error { return tx.Put(sqlstore.Users, rows) }))
	got := map[int]string{}
	require.NoError(t, e.Read(ctx, func(r sqlstore.Reader) error {
		return r.Find(sqlstore.Users, rows[:1], func(i int, v []sqlstore.Value) { got[i] = string(v[0].Bytes) })
	}))
	assert.Equal(t, want, got)
}
