package bizmetrics

import (
	"encoding/json"
	"fmt"
	"time"
)

// wire is Event.Data. Names are part of the stores' format: add, never rename.
type wire struct {
	ID        string      `json:"id"`
	Order     string      `json:"order,omitempty"`
	Customer  string      `json:"customer,omitempty"`
	Supplier  string      `json:"supplier,omitempty"`
	Status    OrderStatus `json:"status,omitempty"`
	Method    string      `json:"method,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	Comment   string      `json:"comment,omitempty"`
	User      string      `json:"user,omitempty"`
	Amount    *wireMoney  `json:"amount,omitempty"`
	Value     *wireMoney  `json:"value,omitempty"`
	Succeeded bool        `json:"succeeded,omitempty"`
	Declined  bool        `json:"declined,omitempty"`
	Accepted  bool        `json:"accepted,omitempty"`
	After     int64       `json:"after,omitempty"` // ns
	Score     *int8       `json:"score,omitempty"`
	At        *time.Time  `json:"at,omitempty"`
}

type wireMoney struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// event is the record as a Store keeps it.
func (r *record) event() (Event, error) {
	data, err := json.Marshal(r.wire())
	if err != nil {
		return Event{}, fmt.Errorf("encode %s: %w", keyPrefixes[r.kind]+r.id, err)
	}
	return Event{Key: keyPrefixes[r.kind] + r.id, Kind: kindNames[r.kind], At: time.UnixMicro(r.at).UTC(), Data: data}, nil
}

func (r *record) wire() wire {
	w := wire{
		ID: r.id, Supplier: r.supplier, Method: r.method,
		Succeeded: r.succeeded, Declined: r.declined, Accepted: r.accepted, After: int64(r.after),
	}
	if r.atGiven {
		w.At = new(time.UnixMicro(r.at).UTC())
	}
	if r.base != "" {
		w.Amount = &wireMoney{r.amount.Minor, r.amount.Currency}
		w.Value = &wireMoney{r.value, r.base}
	}
	switch r.kind {
	case kindNPS:
		w.User, w.Comment, w.Score = r.customer, r.text, &r.score
	case kindPayment:
		w.Order, w.Reason = r.order, r.text
	case kindRefund, kindResponse:
		w.Order = r.order
	default:
		w.Customer, w.Status = r.customer, orderStatuses[r.kind]
	}
	return w
}

// decode reads what event wrote.
func decode(e Event) (*record, error) {
	var w wire
	if err := json.Unmarshal(e.Data, &w); err != nil {
		return nil, fmt.Errorf("decode event %q: %w", e.Key, err)
	}
	r, err := w.record(e.Kind, e.At.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("decode event %q: %w", e.Key, err)
	}
	if e.Key != keyPrefixes[r.kind]+r.id {
		return nil, fmt.Errorf("decode event %q: key of another event: %w", e.Key, ErrInvalid)
	}
	return r, nil
}

func (w *wire) record(kind string, at int64) (*record, error) {
	r := &record{
		id: w.ID, order: w.Order, supplier: w.Supplier, method: w.Method,
		succeeded: w.Succeeded, declined: w.Declined, accepted: w.Accepted,
		after: time.Duration(w.After), at: at, atGiven: w.At != nil,
	}
	switch kind {
	case "order":
		r.kind, r.customer, r.order = statusKinds[w.Status], w.Customer, w.ID
	case "refund":
		r.kind = kindRefund
	case "payment":
		r.kind, r.text = kindPayment, w.Reason
	case "supplier_response":
		r.kind = kindResponse
	case "nps":
		r.kind, r.customer, r.text = kindNPS, w.User, w.Comment
		if w.Score != nil {
			r.score = *w.Score
		}
	}
	switch {
	case r.kind == 0:
		return nil, fmt.Errorf("kind %q, status %q: %w", kind, w.Status, ErrInvalid)
	case r.id == "":
		return nil, fmt.Errorf("no ID: %w", ErrInvalid)
	case at < 0:
		return nil, fmt.Errorf("a time before 1970: %w", ErrInvalid)
	case w.Amount == nil && r.needsMoney():
		return nil, fmt.Errorf("no amount: %w", ErrInvalid)
	}
	if w.Amount != nil {
		r.amount = Money(*w.Amount)
		r.value, r.base = r.amount.Minor, r.amount.Currency
		if w.Value != nil {
			r.value, r.base = w.Value.Minor, w.Value.Currency
		}
	}
	return r, nil
}

// Same reports whether two events of one Key say the same, so that the second
// is a [Duplicate] and not a [Conflict]. What was added when they were recorded
// is not compared: neither the converted amount, nor a time that the service
// had not given. Stores use it, so that all decide alike.
func (e Event) Same(o Event) bool {
	a, err := decode(e)
	if err != nil {
		return false
	}
	b, err := decode(o)
	return err == nil && a.same(b)
}
