package bizmetrics

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// Supplier is how one supplier does this month. Each figure is of the events
// that are dated in it.
//
//	ResponseTime   = sum(SupplierResponse.After) / Responses
//	AcceptanceRate = 100 accepted / Responses
//	OnTimeRate     = 100 deliveries that were not late / Deliveries
type Supplier struct {
	ID             string
	Rank           int           // 1: the highest revenue; of equal ones the first ID
	Revenue        Money         // net, as in [Revenue]
	Orders         int64         // placed
	Offers         int64         // made
	Responses      int64         // answers to offers
	Deliveries     int64         // recorded with [Recorder.RecordDelivery]
	ResponseTime   time.Duration // mean, from the offer's publication to the answer; 0: no answer
	AcceptanceRate float64       // accepted of all answers, %; NaN: no answer
	OnTimeRate     float64       // deliveries in time, %; NaN: no delivery
}

// Suppliers reports on this month, by the calendar of Config, the supplier with
// the highest revenue first. Orders without a supplier are left out.
func (r *Recorder) Suppliers(ctx context.Context) ([]Supplier, error) {
	if r == nil {
		return nil, ErrNotInitialized
	}
	month, found := thisMonth(r.now(), r.cfg.calendar()), suppliers{}
	var currency string
	for _, q := range []struct {
		metric string
		take   func(*supplier, Row)
	}{
		{"revenue", (*supplier).sold},
		{"offers", func(s *supplier, row Row) { s.Offers += row.Count }},
		{"supplier_response", (*supplier).answered},
		{"deliveries", (*supplier).delivered},
	} {
		rows, err := r.breakdown(ctx, q.metric, month, "supplier", "status")
		if err != nil {
			return nil, err
		}
		if q.metric == "revenue" {
			currency = r.currencyOf(rows)
		}
		for _, row := range rows {
			q.take(found.of(row.Group[0]), row)
		}
	}
	return found.ranked(currency)
}

// supplier is a Supplier in the making.
type supplier struct {
	Supplier
	revenue          ledger.Sum
	waited           float64 // seconds, of all answers
	accepted, onTime int64
}

func (s *supplier) sold(row Row) {
	s.revenue = s.revenue.Plus(ledger.SumOf(row.Money.Minor))
	if row.Group[1] == string(Placed) {
		s.Orders += row.Count
	}
}

func (s *supplier) answered(row Row) {
	if row.Count == 0 {
		return
	}
	s.Responses += row.Count
	s.waited += row.Value * float64(row.Count)
	if row.Group[1] == "accepted" {
		s.accepted += row.Count
	}
}

func (s *supplier) delivered(row Row) {
	s.Deliveries += row.Count
	if row.Group[1] == "on_time" {
		s.onTime += row.Count
	}
}

type suppliers map[string]*supplier

func (s suppliers) of(id string) *supplier {
	if s[id] == nil {
		s[id] = &supplier{Supplier: Supplier{ID: id}}
	}
	return s[id]
}

// ranked are the suppliers by revenue.
func (s suppliers) ranked(currency string) ([]Supplier, error) {
	list := make([]Supplier, 0, len(s))
	for id, of := range s {
		if id == "" {
			continue
		}
		minor, err := of.revenue.Int64()
		if err != nil {
			return nil, err
		}
		of.Revenue = Money{Minor: minor, Currency: currency}
		of.AcceptanceRate = ledger.Share(of.accepted, of.Responses)
		of.OnTimeRate = ledger.Share(of.onTime, of.Deliveries)
		if of.Responses > 0 {
			of.ResponseTime = time.Duration(math.Round(of.waited / float64(of.Responses) * float64(time.Second)))
		}
		list = append(list, of.Supplier)
	}
	slices.SortFunc(list, func(a, b Supplier) int {
		return cmp.Or(cmp.Compare(b.Revenue.Minor, a.Revenue.Minor), cmp.Compare(a.ID, b.ID))
	})
	for i := range list {
		list[i].Rank = i + 1
	}
	return list, nil
}
