package bizmetrics

import (
	"fmt"
	"time"
)

// convert tells the event's amount in the currency of the reports, as of the
// event's time. It is done once, when the event is recorded, so that every
// report, store and replica counts the same.
func (r *Recorder) convert(e *record) error {
	if e.amount.Currency == "" {
		return nil
	}
	to := r.baseCurrency(e)
	if to == e.amount.Currency {
		e.value, e.base = e.amount.Minor, to
		return nil
	}
	if to == e.base { // replayed: converted when it was recorded
		return nil
	}
	if r.cfg.Convert == nil {
		return fmt.Errorf("%w: %s to %s without Config.Convert", ErrCurrency, e.amount.Currency, to)
	}
	m, err := r.callConvert(e.amount, to, time.UnixMicro(e.at).In(r.cfg.Location))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s to %s: %w", ErrCurrency, e.amount.Currency, to, err)
	case m.Currency != to || m.Minor < 0:
		return fmt.Errorf("%w: Convert of %v to %s gave %v", ErrCurrency, e.amount, to, m)
	}
	e.value, e.base = m.Minor, to
	return nil
}

func (r *Recorder) callConvert(m Money, to string, at time.Time) (_ Money, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("convert panicked: %v", p)
		}
	}()
	return r.cfg.Convert(m, to, at)
}

// baseCurrency is the currency of the reports. Without one in Config the first
// event decides; what is replayed is in the currency that was decided then.
func (r *Recorder) baseCurrency(e *record) string {
	if c := r.currency.Load(); c != nil {
		return *c
	}
	first := e.amount.Currency
	if e.base != "" {
		first = e.base
	}
	r.currency.CompareAndSwap(nil, &first)
	return *r.currency.Load()
}

// reportCurrency is "" until an event has named one.
func (r *Recorder) reportCurrency() string {
	if c := r.currency.Load(); c != nil {
		return *c
	}
	return ""
}
