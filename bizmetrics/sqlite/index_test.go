package sqlite

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

func TestAFilterForgetsNothingAndIsRarelyWrong(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	f := newFilter(10_000)
	added := make([]int64, 10_000)
	for i := range added {
		added[i] = int64(rnd.Uint64())
		f.add(added[i])
	}
	for _, h := range added {
		require.True(t, f.has(h))
	}
	wrong := 0
	for range 100_000 {
		if f.has(int64(rnd.Uint64())) {
			wrong++
		}
	}
	assert.Less(t, wrong, 400, "of 100,000 that are not there")
}

func TestDuplicatesAreFoundInEachSegment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	reopen := func() (*engine, *Store) {
		e, err := openEngine(path)
		require.NoError(t, err)
		for _, l := range e.lists {
			l.sealAt = 700
		}
		inner, err := sqlstore.New(ctx, e, sqlstore.Config{})
		require.NoError(t, err)
		return e, &Store{inner}
	}
	e, s := reopen()
	var all []*ledger.Record
	for i := range 3000 {
		all = append(all, placed(fmt.Sprint("o", i), noon), money(&ledger.Record{Kind: ledger.KindRefund, ID: fmt.Sprint(i), Order: fmt.Sprint("o", i), At: noon.UnixMicro(), AtGiven: true}, 10))
	}
	for i := 0; i < len(all); i += 300 {
		appendAll(t, s, all[i:i+300]...)
	}
	assert.Greater(t, len(e.lists[byHash].segments), 4)
	check := func() {
		for i := 0; i < len(all); i += 500 {
			for _, o := range appendAll(t, s, all[i:i+500]...) {
				require.Equal(t, bizmetrics.Duplicate, o)
			}
		}
		r := month(t, s, "revenue")
		require.EqualValues(t, 3000*990, r.Money.Minor)
	}
	check()
	require.NoError(t, s.Close())
	e, s = reopen()
	assert.NotEmpty(t, e.lists[byUnit].segments)
	check()

	// An order's events are found in each segment, too.
	appendAll(t, s, &ledger.Record{Kind: ledger.KindCancelled, ID: "o5", Order: "o5", At: noon.UnixMicro() + 1, AtGiven: true})
	assert.EqualValues(t, 3000*990-990, month(t, s, "revenue").Money.Minor)
	require.NoError(t, s.Close())
}
