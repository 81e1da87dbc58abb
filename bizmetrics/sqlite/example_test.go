package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/bizmetrics/sqlite"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	store, err := sqlite.Open(filepath.Join(dir, "business.db"), sqlite.Config{})
	if err != nil {
		log.Fatal(err)
	}
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Store: store}) // its Close closes the store
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	defer r.Close(ctx)

	order := bizmetrics.Order{ID: "o-1", CustomerID: "ada", Total: bizmetrics.Money{Minor: 1999, Currency: "EUR"}}
	for range 2 { // delivered twice, counted once
		if err := r.RecordOrder(ctx, order); err != nil {
			log.Fatal(err)
		}
	}
	if err := r.Sync(ctx); err != nil {
		log.Fatal(err)
	}
	revenue, err := r.Revenue(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(revenue.Today.Value)
	// Output: 19.99 EUR
}
