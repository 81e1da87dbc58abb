package bizmetrics

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
	"github.com/distri-night/monitoring/internal/config"
)

// parse is the event that was read from outside, if it could have been
// recorded. Its key may be left out.
func parse(e Event) (*ledger.Record, error) {
	var w ledger.Wire
	if err := json.Unmarshal(e.Data, &w); err != nil {
		return nil, fmt.Errorf("data of no event: %w: %w", ErrInvalid, err)
	}
	record, err := parseWire(&w, e.Kind, e.At)
	if err != nil {
		return nil, err
	}
	if e.Key != "" && e.Key != record.Kind.Key(record.ID) {
		return nil, fmt.Errorf("key %q is of another event than its data: %w", cut(e.Key, 64), ErrInvalid)
	}
	return record, nil
}

func parseWire(w *ledger.Wire, kind string, at time.Time) (*ledger.Record, error) {
	r, err := w.Record(kind, at.UnixMicro())
	if err != nil {
		return nil, err
	}
	var f config.Faults
	checkID(&f, "id", r.ID, true)
	checkAt(&f, "at", time.UnixMicro(r.At).UTC())
	checkID(&f, "supplier", r.Supplier, r.Kind == ledger.KindResponse || r.Kind == ledger.KindOffer || r.Kind == ledger.KindDelivery)
	checkID(&f, "user", r.Customer, r.Kind == ledger.KindSignedUp || r.Kind == ledger.KindActive || r.Kind == ledger.KindInvited)
	checkID(&f, "method", r.Method, r.Kind == ledger.KindFeature)
	checkID(&f, "order", r.Order, false)
	checkID(&f, "tenant", r.Tenant, false)
	if r.Kind != ledger.KindNPS && r.Kind != ledger.KindPayment {
		checkID(&f, "referrer", r.Text, false)
	}
	if r.Base != "" {
		checkMoney(&f, "amount", Money(r.Amount))
		checkMoney(&f, "value", Money{Minor: r.Value, Currency: r.Base})
	}
	if r.Kind == ledger.KindNPS && (w.Score == nil || r.Score < 0 || r.Score > 10) {
		f.Add("score", "a number from 0 to 10", nil)
	}
	if r.After < 0 {
		f.Add("after", "a duration that is not negative", r.After)
	}
	if r.Succeeded && r.Declined {
		f.Add("declined", "false for a payment that succeeded", true)
	}
	return r, f.Err()
}
