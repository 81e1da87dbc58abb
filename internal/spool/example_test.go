package spool_test

import (
	"context"
	"fmt"

	"github.com/distri-night/monitoring/internal/spool"
)

func Example() {
	q, err := spool.Open(spool.Config{}) // Dir: on disk
	if err != nil {
		fmt.Println("continuing in memory:", err)
	}
	defer func() { _ = q.Close() }()

	_, _ = q.Append([]byte("first"), false)
	_, _ = q.Append([]byte("second"), true)
	for q.Len() > 0 {
		e, err := q.Next(context.Background(), 0)
		if err != nil {
			return
		}
		fmt.Println(string(e.Data)) // deliver, then
		_ = q.Done(e.Seq)
	}
	// Output:
	// first
	// second
}
