package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/internal/config"
)

// Wire is Event.Data. Names are part of the stores' format: add, never rename.
type Wire struct {
	ID        string     `json:"id"`
	Order     string     `json:"order,omitempty"`
	Customer  string     `json:"customer,omitempty"`
	Supplier  string     `json:"supplier,omitempty"`
	Status    string     `json:"status,omitempty"` // of an order, the action of a user, what a cost is for
	Method    string     `json:"method,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Comment   string     `json:"comment,omitempty"`
	User      string     `json:"user,omitempty"`
	Referrer  string     `json:"referrer,omitempty"`
	Tenant    string     `json:"tenant,omitempty"`
	Amount    *wireMoney `json:"amount,omitempty"`
	Value     *wireMoney `json:"value,omitempty"`
	Succeeded bool       `json:"succeeded,omitempty"`
	Declined  bool       `json:"declined,omitempty"`
	Accepted  bool       `json:"accepted,omitempty"`
	After     int64      `json:"after,omitempty"` // ns
	Score     *int8      `json:"score,omitempty"`
	At        *time.Time `json:"at,omitempty"`
}

type wireMoney struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Event is the record as a Store keeps it.
func (r *Record) Event() (Event, error) {
	data, err := json.Marshal(r.Wire())
	if err != nil {
		return Event{}, fmt.Errorf("encode %s: %w", r.Kind.Key(r.ID), err)
	}
	return Event{Key: r.Kind.Key(r.ID), Kind: r.Kind.Name(), At: time.UnixMicro(r.At).UTC(), Data: data}, nil
}

// Wire is the record's content as stores keep it.
func (r *Record) Wire() Wire {
	w := Wire{
		ID: r.ID, Order: r.Order, Supplier: r.Supplier, Method: r.Method, Tenant: r.Tenant, Status: kindInfos[r.Kind].status,
		Succeeded: r.Succeeded, Declined: r.Declined, Accepted: r.Accepted, After: int64(r.After),
	}
	if r.AtGiven {
		w.At = new(time.UnixMicro(r.At).UTC())
	}
	if r.Base != "" {
		w.Amount = &wireMoney{r.Amount.Minor, r.Amount.Currency}
		w.Value = &wireMoney{r.Value, r.Base}
	}
	switch {
	case r.Kind == KindNPS:
		w.User, w.Comment, w.Score = r.Customer, r.Text, &r.Score
	case r.Kind == KindPayment:
		w.Reason = r.Text
	case r.Kind.IsOrder():
		w.Order, w.Customer = "", r.Customer // its ID says it
	default:
		w.User, w.Referrer = r.Customer, r.Text
	}
	return w
}

// Decode reads what event wrote.
func Decode(e Event) (*Record, error) {
	var w Wire
	if err := json.Unmarshal(e.Data, &w); err != nil {
		return nil, fmt.Errorf("decode event %q: %w", e.Key, err)
	}
	r, err := w.Record(e.Kind, e.At.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("decode event %q: %w", e.Key, err)
	}
	if e.Key != r.Kind.Key(r.ID) {
		return nil, fmt.Errorf("decode event %q: key of another event: %w", e.Key, config.ErrInvalid)
	}
	return r, nil
}

// Record is what Wire was made of; kind and at (µs) are kept beside it.
func (w *Wire) Record(kind string, at int64) (*Record, error) {
	r := &Record{
		Kind: KindOf(kind, w.Status),
		ID:   w.ID, Order: w.Order, Supplier: w.Supplier, Method: w.Method, Tenant: w.Tenant,
		Succeeded: w.Succeeded, Declined: w.Declined, Accepted: w.Accepted,
		After: time.Duration(w.After), At: at, AtGiven: w.At != nil,
	}
	switch {
	case r.Kind == KindNPS:
		r.Customer, r.Text = w.User, w.Comment
		if w.Score != nil {
			r.Score = *w.Score
		}
	case r.Kind == KindPayment:
		r.Text = w.Reason
	case r.Kind.IsOrder():
		r.Customer, r.Order = w.Customer, w.ID
	default:
		r.Customer, r.Text = w.User, w.Referrer
	}
	switch {
	case r.Kind == 0:
		return nil, fmt.Errorf("kind %q, status %q: %w", kind, w.Status, config.ErrInvalid)
	case r.ID == "":
		return nil, fmt.Errorf("no ID: %w", config.ErrInvalid)
	case at < 0:
		return nil, fmt.Errorf("a time before 1970: %w", config.ErrInvalid)
	case w.Amount == nil && r.Kind.needsMoney():
		return nil, fmt.Errorf("no amount: %w", config.ErrInvalid)
	}
	if w.Amount != nil {
		r.Amount = Money(*w.Amount)
		r.Value, r.Base = r.Amount.Minor, r.Amount.Currency
		if w.Value != nil {
			r.Value, r.Base = w.Value.Minor, w.Value.Currency
		}
	}
	return r, nil
}

// SetMoney sets the amount, and its value in the currency of the reports.
func (w *Wire) SetMoney(amount, value Money) {
	w.Amount = &wireMoney{amount.Minor, amount.Currency}
	w.Value = &wireMoney{value.Minor, value.Currency}
}
