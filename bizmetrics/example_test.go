package bizmetrics_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

func Example() {
	ctx := context.Background()
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Target: bizmetrics.Money{Minor: 10_000, Currency: "EUR"}})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = r.Close(ctx) }()

	order := bizmetrics.Order{ID: "o-1", CustomerID: "ada", SupplierID: "s-1", Total: bizmetrics.Money{Minor: 5999, Currency: "EUR"}}
	_ = r.RecordOrder(ctx, order)
	_ = r.RecordOrder(ctx, order) // delivered twice, counted once
	_ = r.RecordRefund(ctx, bizmetrics.Refund{ID: "r-1", OrderID: "o-1", Amount: bizmetrics.Money{Minor: 1000, Currency: "EUR"}})
	_ = r.RecordPayment(ctx, bizmetrics.Payment{ID: "p-1", OrderID: "o-1", Method: "card", Amount: order.Total, Succeeded: true})
	_ = r.Sync(ctx)

	revenue, _ := r.Revenue(ctx)
	payments, _ := r.Transactions(ctx)
	fmt.Println("today", revenue.Today.Value, "of", revenue.Today.Target)
	fmt.Printf("payments %d, %.0f %% succeeded\n", payments.Total, payments.SuccessRate)
	// Output:
	// today 49.99 EUR of 100.00 EUR
	// payments 1, 100 % succeeded
}

func ExampleRecorder_Query() {
	ctx := context.Background()
	r, err := bizmetrics.New(bizmetrics.Config{Currency: "JPY"})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = r.Close(ctx) }()
	for id, supplier := range map[string]string{"o-1": "north", "o-2": "south", "o-3": "north"} {
		_ = r.RecordOrder(ctx, bizmetrics.Order{ID: id, SupplierID: supplier, Total: bizmetrics.Money{Minor: 10_000, Currency: "JPY"}})
	}
	_ = r.Sync(ctx)
	rows, _ := r.Query(ctx, bizmetrics.Query{Metric: "revenue", GroupBy: []string{"supplier"}}) // today
	for _, row := range rows {
		fmt.Println(row.Group[0], row.Money, "from", row.Count, "orders")
	}
	// Output:
	// north 20000 JPY from 2 orders
	// south 10000 JPY from 1 orders
}

func ExampleRecorder_Import() {
	ctx := context.Background()
	r, _ := bizmetrics.New(bizmetrics.Config{Currency: "EUR"})
	defer func() { _ = r.Close(ctx) }()
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	north := r.ForTenant("north")
	_, _ = north.Import(ctx, bizmetrics.ReadCSV(strings.NewReader(
		"kind,status,id,at,customer,amount,currency\norder,placed,o-1,"+at.Format(time.RFC3339)+",ada,19.99,EUR\n")))

	_, _ = bizmetrics.WriteJSONLines(os.Stdout, r.Events(ctx, at, at.AddDate(0, 0, 1)))
	// Output:
	// {"key":"order:placed:o-1","kind":"order","at":"2026-03-01T09:30:00Z","data":{"id":"o-1","customer":"ada","status":"placed","tenant":"north","amount":{"minor":1999,"currency":"EUR"},"value":{"minor":1999,"currency":"EUR"},"at":"2026-03-01T09:30:00Z"}}
}
