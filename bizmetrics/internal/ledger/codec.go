package ledger

import (
	"bytes"
	"fmt"
	"strings"
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
	var room [512]byte // most data; what is kept is as long as it must be
	data := bytes.Clone(r.AppendData(room[:0]))
	return Event{Key: r.Kind.Key(r.ID), Kind: r.Kind.Name(), At: time.UnixMicro(r.At).UTC(), Data: data}, nil
}

// Wire is the record's content as stores keep it.
func (r *Record) Wire() Wire {
	w := r.words()
	w.Succeeded, w.Declined, w.Accepted, w.After = r.Succeeded, r.Declined, r.Accepted, int64(r.After)
	if r.AtGiven {
		w.At = new(time.UnixMicro(r.At).UTC())
	}
	if r.Base != "" {
		w.Amount = &wireMoney{r.Amount.Minor, r.Amount.Currency}
		w.Value = &wireMoney{r.Value, r.Base}
	}
	if r.Kind == KindNPS {
		w.Score = &r.Score
	}
	return w
}

// words are the texts of the record's Wire.
func (r *Record) words() Wire {
	w := Wire{ID: r.ID, Order: r.Order, Supplier: r.Supplier, Method: r.Method, Tenant: r.Tenant, Status: kindInfos[r.Kind].status}
	switch {
	case r.Kind == KindNPS:
		w.User, w.Comment = r.Customer, r.Text
	case r.Kind == KindPayment:
		w.Reason = r.Text
	case r.Kind.IsOrder():
		w.Order, w.Customer = "", r.Customer // its ID says it
	default:
		w.User, w.Referrer = r.Customer, r.Text
	}
	return w
}

// Decode reads what Event wrote.
func Decode(e Event) (*Record, error) {
	r := &Record{}
	if err := decodeData(e.Kind, e.At.UnixMicro(), e.Data, r); err != nil {
		return nil, fmt.Errorf("decode event %q: %w", e.Key, err)
	}
	if prefix, id := kindInfos[r.Kind].prefix, r.ID; len(e.Key) != len(prefix)+len(id) || !strings.HasPrefix(e.Key, prefix) || e.Key[len(prefix):] != id {
		return nil, fmt.Errorf("decode event %q: key of another event: %w", e.Key, config.ErrInvalid)
	}
	return r, nil
}

// DecodeData reads Event.Data; kind and at (µs) are kept beside it.
func DecodeData(kind string, at int64, data []byte) (*Record, error) {
	r := &Record{}
	if err := decodeData(kind, at, data, r); err != nil {
		return nil, err
	}
	return r, nil
}

// lastMoment is the end of the year 9999, µs: a later time is no JSON.
const lastMoment = 253402300799_999999

// into makes r what Wire was made of; kind and at (µs) are kept beside it.
func (w *Wire) into(r *Record, kind string, at int64) error {
	*r = Record{
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
		return fmt.Errorf("kind %q, status %q: %w", kind, w.Status, config.ErrInvalid)
	case r.ID == "":
		return fmt.Errorf("no ID: %w", config.ErrInvalid)
	case at < 0 || at > lastMoment:
		return fmt.Errorf("a time before 1970 or after 9999: %w", config.ErrInvalid)
	case w.Amount == nil && r.Kind.needsMoney():
		return fmt.Errorf("no amount: %w", config.ErrInvalid)
	}
	if w.Amount != nil {
		r.Amount = Money(*w.Amount)
		r.Value, r.Base = r.Amount.Minor, r.Amount.Currency
		if w.Value != nil {
			r.Value, r.Base = w.Value.Minor, w.Value.Currency
		}
	}
	return nil
}

// Record is what Wire was made of; kind and at (µs) are kept beside it.
func (w *Wire) Record(kind string, at int64) (*Record, error) {
	r := &Record{}
	if err := w.into(r, kind, at); err != nil {
		return nil, err
	}
	return r, nil
}

// SetMoney sets the amount, and its value in the currency of the reports.
func (w *Wire) SetMoney(amount, value Money) {
	w.Amount = &wireMoney{amount.Minor, amount.Currency}
	w.Value = &wireMoney{value.Minor, value.Currency}
}
