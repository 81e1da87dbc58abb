package bizmetrics

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Supplier is how one supplier does this month.
type Supplier struct {
	ID             string
	Revenue        Money         // net, as in [Revenue]
	Orders         int64         // placed
	ResponseTime   time.Duration // mean, from the offer's publication to the answer; 0: no answer
	AcceptanceRate float64       // accepted of all answers, %; NaN: no answer
	OnTimeRate     float64       // deliveries in time, %; NaN: not recorded
}

// Suppliers reports on this month, the supplier with the highest revenue
// first. Orders without a supplier are left out.
func (r *Recorder) Suppliers(ctx context.Context) ([]Supplier, error) {
	if r == nil {
		return nil, ErrNotInitialized
	}
	month, found := thisMonth(r.now(), r.cfg.calendar()), suppliers{}
	revenue, err := r.breakdown(ctx, "revenue", month, "supplier")
	if err != nil {
		return nil, err
	}
	orders, err := r.breakdown(ctx, "orders", month, "supplier")
	if err != nil {
		return nil, err
	}
	responses, err := r.breakdown(ctx, "supplier_response", month, "supplier")
	if err != nil {
		return nil, err
	}
	answers, err := r.breakdown(ctx, "supplier_response", month, "supplier", "status")
	if err != nil {
		return nil, err
	}
	accepted := map[string]int64{}
	for _, row := range answers {
		if row.Group[1] == "accepted" {
			accepted[row.Group[0]] = row.Count
		}
	}
	for _, row := range revenue {
		found.of(row.Group[0]).Revenue = row.Money
	}
	for _, row := range orders {
		found.of(row.Group[0]).Orders = row.Count
	}
	for _, row := range responses {
		s := found.of(row.Group[0])
		s.AcceptanceRate = ledger.Share(accepted[s.ID], row.Count)
		if row.Count > 0 {
			s.ResponseTime = time.Duration(math.Round(row.Value * float64(time.Second)))
		}
	}
	return found.sorted(r.reportCurrency()), nil
}

type suppliers map[string]*Supplier

func (s suppliers) of(id string) *Supplier {
	if s[id] == nil {
		s[id] = &Supplier{ID: id, AcceptanceRate: math.NaN(), OnTimeRate: math.NaN()}
	}
	return s[id]
}

func (s suppliers) sorted(currency string) []Supplier {
	list := make([]Supplier, 0, len(s))
	for id, of := range s {
		if id == "" {
			continue
		}
		of.Revenue.Currency = currency
		list = append(list, *of)
	}
	slices.SortFunc(list, func(a, b Supplier) int {
		return cmp.Or(cmp.Compare(b.Revenue.Minor, a.Revenue.Minor), cmp.Compare(a.ID, b.ID))
	})
	return list
}
