package ledger

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhoCameBackIsUnknownOnlyBesideAMonthThatIsGone(t *testing.T) {
	month := func(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }
	c := NewCollector(Query{Metric: "returning_customers", From: month(2), To: month(6), Monthly: true}, Calendar{})
	for m := time.January; m <= time.May; m++ {
		c.Add(Fact{Kind: KindPlaced, At: month(m).UnixMicro(), N: 1, Customer: "ada"})
	}
	c.SetPartial(month(1).UnixMicro())
	rows, err := c.Rows("EUR")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	assert.True(t, math.IsNaN(rows[0].Value), "who ordered in January is gone")
	for _, row := range rows[1:] {
		assert.InDelta(t, 1, row.Value, 0, row.At)
	}
}
