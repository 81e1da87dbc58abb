package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/sqlite"
)

func Example() {
	if err := shop(); err != nil {
		fmt.Println(err)
	}
	// Output: 19.99 EUR
}

func shop() error {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	store, err := sqlite.Open(filepath.Join(dir, "business.db"), sqlite.Config{})
	if err != nil {
		return err
	}
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Store: store}) // its Close closes the store
	if err != nil {
		return err
	}
	ctx := context.Background()
	defer r.Close(ctx)

	order := bizmetrics.Order{ID: "o-1", CustomerID: "ada", Total: bizmetrics.Money{Minor: 1999, Currency: "EUR"}}
	for range 2 { // delivered twice, counted once
		if err := r.RecordOrder(ctx, order); err != nil {
			return err
		}
	}
	if err := r.Sync(ctx); err != nil {
		return err
	}
	revenue, err := r.Revenue(ctx)
	fmt.Println(revenue.Today.Value)
	return err
}
