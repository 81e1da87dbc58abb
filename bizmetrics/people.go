package bizmetrics

import (
	"slices"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// people is who was there on the days whose events are kept.
type people struct {
	cal    ledger.Calendar
	known  map[string][]*person // by ID, one for each scope that knows him
	scopes map[string]*scope    // by tenant; "": all
}

// scope is all tenants, or one.
type scope struct {
	active, customers *distinct
	features          map[string]*distinct           // by feature
	values            map[ledger.Date]*ledger.Values // of placed orders
	cohorts           map[cohortMonth]*cohortTotal
	known             int // people
}

// person is one user or customer in one scope.
type person struct {
	in        *scope
	seen      []*presence
	ordered   bool
	first     int64        // when he first ordered, µs
	cohort    ledger.Month // when that was
	months    []monthTotal // what he did, in order
	confirmed ledger.Date  // the sweep that last found an order of his
}

func newPeople(cal ledger.Calendar) *people {
	return &people{cal: cal, known: map[string][]*person{}, scopes: map[string]*scope{}}
}

func (p *people) scope(tenant string) *scope {
	s := p.scopes[tenant]
	if s == nil {
		s = &scope{
			active: newDistinct(), customers: newDistinct(), features: map[string]*distinct{},
			values: map[ledger.Date]*ledger.Values{}, cohorts: map[cohortMonth]*cohortTotal{},
		}
		p.scopes[tenant] = s
	}
	return s
}

// pick is the one in a scope; nil: not known there.
func pick(all []*person, s *scope) *person {
	for _, who := range all {
		if who.in == s {
			return who
		}
	}
	return nil
}

// each does something for a person in the scope of all tenants, and in that of
// one. Without an ID there is nobody.
func (p *people) each(id, tenant string, do func(*scope, *person)) {
	scopes := [...]*scope{p.scope(""), nil}
	if tenant != "" {
		scopes[1] = p.scope(tenant)
	}
	var all []*person
	if id != "" {
		all = p.known[id]
	}
	for _, s := range scopes {
		if s == nil {
			continue
		}
		var who *person
		if id != "" {
			if who = pick(all, s); who == nil {
				who = &person{in: s, cohort: noCohort}
				all = append(all, who)
				p.known[id] = all
				s.known++
			}
		}
		do(s, who)
		if who != nil && who.gone() {
			all = p.leave(id, all)
		}
	}
}

// leave lets go of those of one ID of whom nothing is known any more.
func (p *people) leave(id string, all []*person) []*person {
	all = slices.DeleteFunc(all, func(who *person) bool {
		if who.gone() {
			who.in.known--
			return true
		}
		return false
	})
	if p.known[id] = all; len(all) == 0 {
		delete(p.known, id)
	}
	return all
}

func (who *person) gone() bool { return len(who.seen) == 0 && len(who.months) == 0 && !who.ordered }

// order takes note of when a customer ordered: it may be his first order.
func (p *people) order(id, tenant string, at int64) {
	p.each(id, tenant, func(s *scope, who *person) {
		if !who.ordered || at < who.first {
			who.ordered, who.first = true, at
			s.move(who, p.cal.MonthOf(time.UnixMicro(at)))
		}
	})
}

// take adds a fact of a day, or takes it off.
func (p *people) take(f ledger.Fact, of *day, sign int64) {
	p.each(f.Customer, f.Tenant, func(s *scope, who *person) {
		if activeKinds.Has(f.Kind) {
			s.active.see(who, of.date, sign)
		}
		switch f.Kind {
		case ledger.KindPlaced:
			s.customers.see(who, of.date, sign)
			s.placed(f, of.date, sign)
		case ledger.KindFeature:
			x := s.features[f.Method]
			if x == nil {
				x = newDistinct()
				s.features[f.Method] = x
			}
			x.see(who, of.date, sign)
			if len(x.days) == 0 {
				delete(s.features, f.Method)
			}
		}
		if bookKind(f.Kind) {
			s.book(who, of.month, kindTotal{f.Kind, f.N, f.Amount}, sign)
		}
	})
}

var activeKinds = ledger.Metrics["active_users"].Kinds

// see counts n events of a person.
func (x *distinct) see(who *person, d ledger.Date, n int64) {
	if who == nil {
		x.count(nil, d, n)
		return
	}
	i := slices.IndexFunc(who.seen, func(p *presence) bool { return p.in == x })
	if i < 0 {
		i, who.seen = len(who.seen), append(who.seen, &presence{in: x})
	}
	x.count(who.seen[i], d, n)
	if len(who.seen[i].days) == 0 {
		who.seen = slices.Delete(who.seen, i, i+1)
	}
}

// placed keeps the amount of an order. One is taken off only with all of its
// day: nothing else changes what it counts.
func (s *scope) placed(f ledger.Fact, d ledger.Date, sign int64) {
	if sign < 0 {
		delete(s.values, d)
		return
	}
	v := s.values[d]
	if v == nil {
		v = &ledger.Values{}
		s.values[d] = v
	}
	if minor, err := f.Amount.Int64(); err == nil {
		v.Add(minor)
	}
}

// confirm says that an order of a customer is still kept.
func (p *people) confirm(id, tenant string, sweep ledger.Date) {
	p.each(id, tenant, func(_ *scope, who *person) { who.confirmed = sweep })
}

// forget lets go of when those first ordered who have not been confirmed.
func (p *people) forget(sweep ledger.Date) {
	for id, all := range p.known {
		for _, who := range all {
			if who.ordered && who.confirmed != sweep {
				who.ordered = false
				who.in.move(who, noCohort)
			}
		}
		p.leave(id, all)
	}
	for tenant, s := range p.scopes {
		if s.known+len(s.active.days)+len(s.customers.days)+len(s.features)+len(s.cohorts) == 0 {
			delete(p.scopes, tenant)
		}
	}
}
