package bizmetrics

import "github.com/distri-night/monitoring/bizmetrics/internal/ledger"

// day is a day of the business's zone: its totals stay when its events go.
type day struct {
	date       ledger.Date
	month      ledger.Month // that it is in
	begin, end int64        // µs
	plain      ledger.Cells // without suppliers
	suppliers  ledger.Cells // of the kinds that have a supplier
	users      int64        // distinct, known once the events are gone; else -1
}

func newDay(d ledger.Date, cal ledger.Calendar) *day {
	begin, end := cal.DayStart(d), cal.DayStart(d+1)
	return &day{
		date: d, month: cal.MonthOf(begin), begin: begin.UnixMicro(), end: end.UnixMicro(),
		plain: ledger.Cells{}, suppliers: ledger.Cells{}, users: -1,
	}
}

// supplied reports whether totals of a kind are kept by supplier too.
func supplied(k ledger.Kind) bool {
	switch k {
	case ledger.KindPayment, ledger.KindNPS, ledger.KindSignedUp, ledger.KindActive, ledger.KindInvited, ledger.KindFeature, ledger.KindAcquisition:
		return false
	}
	return true
}

// plain is f without its supplier.
func plain(f ledger.Fact) ledger.Fact {
	f.Supplier = ""
	return f
}

func (of *day) add(f ledger.Fact) {
	of.plain.Add(plain(f))
	if supplied(f.Kind) {
		of.suppliers.Add(f)
	}
}

func (of *day) remove(f ledger.Fact) {
	of.plain.Remove(plain(f))
	if supplied(f.Kind) {
		of.suppliers.Remove(f)
	}
}

// facts are the day's totals, as finely as they are kept.
func (of *day) facts(yield func(ledger.Fact)) {
	of.suppliers.Facts(of.begin, yield)
	of.plain.Facts(of.begin, func(f ledger.Fact) {
		if !supplied(f.Kind) {
			yield(f)
		}
	})
}

const (
	maxRolled = 1200 // days of totals
	maxNames  = 1000 // suppliers, methods or tenants in the totals of a day whose events are gone; the rest is "other"
)

// roll reduces the day to totals of a bounded size. users is how many it had.
func (of *day) roll(users int64) {
	old := *of
	of.users = max(of.users, 0) + users
	of.plain, of.suppliers = ledger.Cells{}, ledger.Cells{}
	suppliers, methods, tenants := names{}, names{}, names{}
	old.facts(func(f ledger.Fact) {
		f.Supplier, f.Method, f.Tenant = suppliers.limit(f.Supplier), methods.limit(f.Method), tenants.limit(f.Tenant)
		of.add(f)
	})
}

// names are those that were let through.
type names map[string]struct{}

func (n names) limit(name string) string {
	if _, known := n[name]; known || name == "" {
		return name
	}
	if len(n) >= maxNames {
		return "other"
	}
	n[name] = struct{}{}
	return name
}
