package bizmetrics

import (
	"fmt"
	"strings"
	"time"

	"github.com/distri-night/monitoring/bizmetrics/internal/ledger"
)

// convert tells the event's amount in the currency of the reports, as of the
// event's time. It is done once, when the event is recorded, so that every
// report, store and replica counts the same.
func (r *core) convert(e *ledger.Record) error {
	if e.Amount.Currency == "" {
		return nil
	}
	to := r.baseCurrency(e)
	if to == e.Amount.Currency {
		e.Value, e.Base = e.Amount.Minor, to
		return nil
	}
	if to == e.Base { // replayed: converted when it was recorded
		return nil
	}
	if r.cfg.Convert == nil {
		return fmt.Errorf("%w: %s to %s without Config.Convert", ErrCurrency, e.Amount.Currency, to)
	}
	m, err := r.callConvert(Money(e.Amount), to, time.UnixMicro(e.At).In(r.cfg.Location))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s to %s: %w", ErrCurrency, e.Amount.Currency, to, err)
	case m.Currency != to || m.Minor < 0:
		return fmt.Errorf("%w: Convert of %v to %s gave %v", ErrCurrency, e.Amount, to, m)
	}
	e.Value, e.Base = m.Minor, to
	return nil
}

func (r *core) callConvert(m Money, to string, at time.Time) (_ Money, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("convert panicked: %v", p)
		}
	}()
	return r.cfg.Convert(m, to, at)
}

// baseCurrency is the currency of the reports. Without one in Config the first
// event decides; what is replayed is in the currency that was decided then.
func (r *core) baseCurrency(e *ledger.Record) string {
	if c := r.currency.Load(); c != nil {
		return *c
	}
	first := e.Amount.Currency
	if e.Base != "" {
		first = e.Base
	}
	first = strings.Clone(first)
	r.currency.CompareAndSwap(nil, &first)
	return *r.currency.Load()
}

// reportCurrency is "" until an event has named one.
func (r *core) reportCurrency() string {
	if c := r.currency.Load(); c != nil {
		return *c
	}
	return ""
}
