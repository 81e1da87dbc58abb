package killtest

import (
	"context"
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// batchSize is how many orders are recorded between two calls of Sync.
const batchSize = 24

// all is what a complete batch is worth.
const all = 1<<batchSize - 1

// batch names orders that are recorded together.
type batch struct{ round, n int }

func (b batch) String() string { return fmt.Sprintf("%d-%d", b.round, b.n) }

// record records the orders of a batch.
func (b batch) record(ctx context.Context, r *bizmetrics.Recorder) error {
	name := b.String()
	for j := range batchSize {
		o := bizmetrics.Order{ID: name + "-" + strconv.Itoa(j), CustomerID: name, Total: bizmetrics.Money{Minor: 1 << j, Currency: "EUR"}}
		if err := r.RecordOrder(ctx, o); err != nil {
			return fmt.Errorf("record %s: %w", o.ID, err)
		}
	}
	return nil
}

// Held is what a Recorder has of the batches: their value by name.
type Held map[string]int64

// Read asks r for all batches. An order that counts twice is an error.
func Read(ctx context.Context, r *bizmetrics.Recorder) (Held, error) {
	now := time.Now()
	rows, err := r.Query(ctx, bizmetrics.Query{
		Metric: "gross", GroupBy: []string{"customer"}, From: now.AddDate(0, 0, -2), To: now.AddDate(0, 0, 2),
	})
	if err != nil {
		return nil, fmt.Errorf("read what is there: %w", err)
	}
	held := Held{}
	for _, row := range rows {
		// A sum of n powers of two has n bits only if no two are equal.
		if worth := row.Money.Minor; int64(bits.OnesCount64(uint64(worth))) != row.Count || worth > all {
			return nil, fmt.Errorf("batch %s has %d orders worth %d: some count twice", row.Group[0], row.Count, worth)
		}
		held[row.Group[0]] = row.Money.Minor
	}
	return held, nil
}

// missing names a batch that is not whole; "": there is none.
func (h Held) missing(batches []batch) string {
	for _, b := range batches {
		if got := h[b.String()]; got != all {
			return fmt.Sprintf("batch %v: %d of %d orders are there", b, bits.OnesCount64(uint64(got)), batchSize)
		}
	}
	return ""
}
