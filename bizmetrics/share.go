package bizmetrics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Share is a part of a whole.
type Share struct {
	Name    string
	Amount  Money
	Percent float64 // of the whole; NaN: the whole is not above 0
}

const topShares = 10

// breakdowns fills in who and what this month's money is of.
func (r *Recorder) breakdowns(ctx context.Context, month span, f *Finance) error {
	bySupplier, err := r.breakdown(ctx, "revenue", month, "supplier")
	if err != nil {
		return err
	}
	byBoth, err := r.breakdown(ctx, "revenue", month, "tenant", "currency")
	if err != nil {
		return err
	}
	byMethod, err := r.Query(ctx, Query{
		Metric: "payments", From: month.from, To: month.to, GroupBy: []string{"method"}, Filter: map[string]string{"status": "succeeded"},
	})
	if err != nil {
		return err
	}
	for _, part := range []struct {
		to    *[]Share
		rows  []Row
		group int
	}{{&f.BySupplier, bySupplier, 0}, {&f.ByTenant, byBoth, 0}, {&f.ByCurrency, byBoth, 1}, {&f.ByMethod, byMethod, 0}} {
		if *part.to, err = sharesOf(part.rows, part.group); err != nil {
			return fmt.Errorf("shares of this month: %w", err)
		}
	}
	return nil
}

// sharesOf are the largest groups of money, with the rest as "other". Rows of
// one group are added up.
func sharesOf(rows []Row, group int) ([]Share, error) {
	sums := map[string]ledger.Sum{}
	var whole ledger.Sum
	var currency string
	for _, row := range rows {
		of := ledger.SumOf(row.Money.Minor)
		whole, sums[row.Group[group]], currency = whole.Plus(of), sums[row.Group[group]].Plus(of), row.Money.Currency
	}
	all := make([]Share, 0, len(sums))
	for name, sum := range sums {
		if sum.IsZero() {
			continue
		}
		minor, err := sum.Int64()
		if err != nil {
			return nil, err
		}
		all = append(all, Share{Name: name, Amount: Money{Minor: minor, Currency: currency}})
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Amount.Minor, a.Amount.Minor), cmp.Compare(a.Name, b.Name))
	})
	if len(all) > topShares {
		var rest ledger.Sum
		for _, s := range all[topShares-1:] {
			rest = rest.Plus(ledger.SumOf(s.Amount.Minor))
		}
		minor, err := rest.Int64()
		if err != nil {
			return nil, err
		}
		all = append(all[:topShares-1], Share{Name: "other", Amount: Money{Minor: minor, Currency: currency}})
	}
	for i := range all {
		all[i].Percent = math.NaN()
		if total := whole.Float(); total > 0 {
			all[i].Percent = 100 * float64(all[i].Amount.Minor) / total
		}
	}
	return all, nil
}
