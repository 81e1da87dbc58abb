package ledger

import "strings"

const (
	slabRecords = 32   // of one allocation
	slabTexts   = 4096 // bytes of one allocation
)

// Slab makes records, many in one allocation. Not safe for concurrent use.
//
// Records that were made together are let go together: those of a busy service
// are of one minute, and a few of a quiet one are little.
type Slab struct {
	records []Record
	texts   strings.Builder
}

// Scratch is a copy of r that may be looked at until the next Scratch; its
// texts are still those of r. Keep makes it a record of its own.
func (s *Slab) Scratch(r *Record) *Record {
	if len(s.records) == 0 {
		s.records = make([]Record, slabRecords)
	}
	s.records[0] = *r
	return &s.records[0]
}

// Keep lets the last Scratch stay, with texts of its own: an ID that is a part
// of a request's body must not keep that body for 40 days.
func (s *Slab) Keep() {
	r := &s.records[0]
	s.records = s.records[1:]
	r.own(&s.texts)
}

// Own gives r texts of its own.
func (r *Record) Own() {
	var texts strings.Builder
	texts.Grow(r.textSize())
	r.own(&texts)
}

// texts are what a service gave. An order's own ID is there once.
func (r *Record) texts() [8]*string {
	all := [8]*string{&r.ID, &r.Order, &r.Customer, &r.Supplier, &r.Method, &r.Text, &r.Tenant, &r.Amount.Currency}
	if r.Kind.IsOrder() {
		all[1] = nil
	}
	if r.Amount.Currency == r.Base {
		all[7] = nil
	}
	return all
}

func (r *Record) textSize() (n int) {
	for _, t := range r.texts() {
		if t != nil {
			n += len(*t)
		}
	}
	return n
}

// own copies the texts to the end of b. What is in a Builder does not move as
// long as there is room, so it is only filled, never grown.
func (r *Record) own(b *strings.Builder) {
	if n := r.textSize(); b.Cap()-b.Len() < n {
		b.Reset()
		b.Grow(max(n, slabTexts))
	}
	for _, t := range r.texts() {
		if t != nil && *t != "" {
			begin := b.Len()
			b.WriteString(*t)
			*t = b.String()[begin:]
		}
	}
	if r.Kind.IsOrder() {
		r.Order = r.ID
	}
	if r.Amount.Currency == r.Base {
		r.Amount.Currency = r.Base
	}
}
