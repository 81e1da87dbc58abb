package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/pgtest"
)

// open makes the tables with one supplier, three clients and two products.
func open(t *testing.T) *Store {
	pool, err := pgxpool.New(t.Context(), pgtest.Schema(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s, err := Open(t.Context(), pool)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `insert into shop.suppliers (name, commission_bps) values ('Maison', 1250);
		insert into shop.users (name, email, role) select 'client', g || '@example.com', 'client' from generate_series(1, 20) g;
		insert into shop.products (supplier_id, name, category, price_minor, minutes, stock, icon)
		values (1, 'Water', 'drinks', 105, 20, 10, 'bottle'), (1, 'Bread', 'food', 333, 15, 10, 'bread')`)
	require.NoError(t, err)
	return s
}

func (s *Store) stock(t *testing.T, id int64) int {
	products, err := s.Products(t.Context(), []int64{id})
	require.NoError(t, err)
	require.Len(t, products, 1)
	return products[0].Stock
}

func TestOpeningAgainChangesNothing(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := Open(t.Context(), s.pool)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.Equal(t, 10, s.stock(t, 1))
}

func TestTheLastPiecesAreSoldOnce(t *testing.T) {
	s := open(t)
	const shoppers = 8 // want 2 of each, there are 10
	for user := range int64(shoppers) {
		// Filled in opposite orders, so that locks taken in that order would deadlock.
		for i := range int64(2) {
			require.NoError(t, s.SetCart(t.Context(), user+1, 1+(user+i)%2, 2))
		}
	}
	var wg sync.WaitGroup
	results := make([]error, shoppers)
	for user := range int64(shoppers) {
		wg.Go(func() {
			_, results[user] = s.Hold(t.Context(), user+1, fmt.Sprint("key-", user), "0612345678", 390)
		})
	}
	wg.Wait()
	sold := 0
	for _, err := range results {
		if err == nil {
			sold++
		} else {
			assert.ErrorIs(t, err, ErrStock)
		}
	}
	assert.Equal(t, 5, sold)
	assert.Equal(t, 0, s.stock(t, 1))
	assert.Equal(t, 0, s.stock(t, 2))
}

func TestACheckoutIsSettledOnce(t *testing.T) {
	s := open(t)
	require.NoError(t, s.SetCart(t.Context(), 1, 1, 3))
	c, err := s.Hold(t.Context(), 1, "key", "0612345678", 390)
	require.NoError(t, err)
	assert.Equal(t, int64(3*105+390), c.TotalMinor)
	_, err = s.Hold(t.Context(), 1, "key", "0612345678", 390)
	assert.ErrorIs(t, err, ErrRepeated)
	_, err = s.Hold(t.Context(), 1, "another tab's key", "0612345678", 390)
	assert.ErrorIs(t, err, ErrBusy)
	assert.Equal(t, 7, s.stock(t, 1))

	p, orders, err := s.Settle(t.Context(), c, Payment{Method: "card", AmountMinor: c.TotalMinor, Status: "succeeded", At: Now()}, 390)
	require.NoError(t, err)
	require.Len(t, orders, 1)
	assert.Equal(t, orders[0].ID, p.OrderID)
	assert.Equal(t, c.TotalMinor, orders[0].TotalMinor)
	assert.Equal(t, int64(39), orders[0].CommissionMinor, "12.5 % of 3.15, rounded")
	_, _, err = s.Settle(t.Context(), c, Payment{Method: "card", AmountMinor: c.TotalMinor, Status: "failed", At: Now()}, 390)
	assert.ErrorIs(t, err, ErrState)
	assert.Equal(t, 7, s.stock(t, 1))

	_, err = s.Hold(t.Context(), 1, "key-2", "0612345678", 390)
	assert.ErrorIs(t, err, ErrEmpty)
}

func TestWhatWasHeldByADeadProcessGoesBack(t *testing.T) {
	s := open(t)
	require.NoError(t, s.SetCart(t.Context(), 1, 1, 4))
	c, err := s.Hold(t.Context(), 1, "key", "0612345678", 390)
	require.NoError(t, err)
	n, err := s.Abandon(t.Context(), time.Hour)
	require.NoError(t, err)
	assert.Zero(t, n, "it may still be paid")
	n, err = s.Abandon(t.Context(), -time.Minute)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, 10, s.stock(t, 1))
	_, _, err = s.Settle(t.Context(), c, Payment{Method: "card", AmountMinor: c.TotalMinor, Status: "succeeded", At: Now()}, 390)
	assert.ErrorIs(t, err, ErrState)
}

func TestAnOfferIsAnsweredOnce(t *testing.T) {
	s := open(t)
	require.NoError(t, s.SetCart(t.Context(), 1, 1, 1))
	c, err := s.Hold(t.Context(), 1, "key", "0612345678", 390)
	require.NoError(t, err)
	_, orders, err := s.Settle(t.Context(), c, Payment{Method: "card", AmountMinor: c.TotalMinor, Status: "succeeded", At: Now()}, 390)
	require.NoError(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for i := range 6 { // accept, decline and cancel at once
		wg.Go(func() {
			var err error
			if i%3 == 2 {
				_, err = s.Cancel(t.Context(), 1, orders[0].ID, Now())
			} else {
				_, _, err = s.Answer(t.Context(), 1, orders[0].ID, i%3 == 0, Now(), Now())
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if !errors.Is(err, ErrState) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 1, done)
}

func TestATimeReadBackEqualsTheTimeWritten(t *testing.T) {
	s := open(t)
	require.NoError(t, s.SetCart(t.Context(), 1, 1, 1))
	c, err := s.Hold(t.Context(), 1, "key", "0612345678", 390)
	require.NoError(t, err)
	at := Now()
	_, orders, err := s.Settle(t.Context(), c, Payment{Method: "card", AmountMinor: c.TotalMinor, Status: "succeeded", At: at}, 390)
	require.NoError(t, err)
	assert.True(t, at.Equal(orders[0].PlacedAt))
	var replayed []Order
	require.NoError(t, s.Replay(t.Context(), at, History{Order: func(o Order) error { replayed = append(replayed, o); return nil }}))
	require.Len(t, replayed, 1)
	assert.True(t, at.Equal(replayed[0].PlacedAt))
}
