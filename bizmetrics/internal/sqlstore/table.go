package sqlstore

// Type is what a column holds.
type Type uint8

// The types. No column is ever NULL.
const (
	Int   Type = iota + 1 // int64
	Text                  // valid UTF-8 without NUL; compared byte by byte
	Bytes                 // anything
)

// Column is a column of a table.
type Column struct {
	Name string
	Type Type
}

// Table describes a table: its primary key, and what it holds for it.
type Table struct {
	Name   string
	Key    []Column // in the order of the primary key
	Values []Column
}

// Columns are the key's and the values', in this order.
func (t *Table) Columns() []Column { return append(append([]Column(nil), t.Key...), t.Values...) }

// Column finds a column by its name. There must be one.
func (t *Table) Column(name string) Column {
	for _, c := range t.Columns() {
		if c.Name == name {
			return c
		}
	}
	panic("sqlstore: table " + t.Name + " has no column " + name)
}

// Events is the table of events. Its key is the engine's choice: at and id
// together name a row, id alone too. Beside it the engine keeps whatever finds
// events by hash and by unit; see [Reader]. It must also find them by at.
//
// kind to after are the event's effect, a [ledger.Fact]; amount is in the
// currency of the reports. hash is of the event's key, unit of the order that it
// belongs to (0: none). data is [ledger.Event.Data].
var Events = &Table{
	Name: "events",
	Key:  []Column{{"at", Int}, {"id", Int}}, // at: µs
	Values: []Column{
		{"kind", Int}, {"status", Text}, {"method", Text}, {"supplier", Text}, {"customer", Text}, {"currency", Text}, {"tenant", Text},
		{"amount", Int}, {"after", Int}, {"hash", Int}, {"unit", Int}, {"data", Bytes},
	},
}

// Sums of money and of times are exact in 128 bits: v>>32 is added up in _hi,
// v&0xffffffff in _lo.

// Totals are the facts added up by all they have in common but the customer;
// the supplier only where the grain says so, and never of payments.
var Totals = &Table{
	Name:   "totals",
	Key:    []Column{{"grain", Int}, {"kind", Int}, {"start", Int}, {"supplier", Text}, {"status", Text}, {"method", Text}, {"currency", Text}, {"tenant", Text}},
	Values: []Column{{"n", Int}, {"amount_hi", Int}, {"amount_lo", Int}, {"after_hi", Int}, {"after_lo", Int}},
}

// The grains of [Totals], and what start is.
const (
	GrainSlot          = 1 // five minutes; their number since 1970
	GrainDay           = 2 // a day of the calendar, by its number; see ledger.Date
	GrainMonth         = 3 // a month of the calendar, by its number; see ledger.Month
	GrainSupplierDay   = 4 // by supplier
	GrainSupplierMonth = 5
)

// A scope is a tenant, or "" for all of them together.

// OrderValues counts placed orders by their value, so that any rank is found by
// reading one month's buckets and then the values of one bucket. At level 0
// value is the amount, at level 1 its bucket.
var OrderValues = &Table{
	Name:   "order_values",
	Key:    []Column{{"scope", Text}, {"month", Int}, {"level", Int}, {"value", Int}},
	Values: []Column{{"n", Int}},
}

// A topic is "" for any sign of life, or "f:" and a feature's name.

// UserDays counts what an account did on a day.
var UserDays = &Table{
	Name:   "user_days",
	Key:    []Column{{"scope", Text}, {"day", Int}, {"topic", Text}, {"account", Text}},
	Values: []Column{{"n", Int}},
}

// Users has, in one row for each account, the last day on which it was seen by
// scope and topic; see lasts.
var Users = &Table{
	Name:   "users",
	Key:    []Column{{"account", Text}},
	Values: []Column{{"lasts", Bytes}},
}

// UserCounts counts accounts: seen on a day, and for the last time on it. So
// the accounts of all the days since some day are the sum of last.
var UserCounts = &Table{
	Name:   "user_counts",
	Key:    []Column{{"scope", Text}, {"day", Int}, {"topic", Text}},
	Values: []Column{{"seen", Int}, {"last", Int}},
}

// None is no month.
const None = -1 << 31

// Customers has when a customer first ordered (µs; -1: not yet), and the same
// by tenant and the last month in which he did by scope; see lasts.
var Customers = &Table{
	Name:   "customers",
	Key:    []Column{{"customer", Text}},
	Values: []Column{{"first_at", Int}, {"lasts", Bytes}},
}

// cohortSums are counted by customer and by cohort: of each kind the number of
// events and their amount.
var cohortSums = []Column{
	{"placed", Int}, {"placed_hi", Int}, {"placed_lo", Int},
	{"refund", Int}, {"refund_hi", Int}, {"refund_lo", Int},
	{"cancelled", Int}, {"cancelled_hi", Int}, {"cancelled_lo", Int},
	{"goods", Int}, {"goods_hi", Int}, {"goods_lo", Int},
	{"commission", Int}, {"commission_hi", Int}, {"commission_lo", Int},
}

// CustomerMonths are a customer's facts of a month. They are what moves to
// another cohort when an older first order arrives.
var CustomerMonths = &Table{
	Name:   "customer_months",
	Key:    []Column{{"scope", Text}, {"month", Int}, {"customer", Text}},
	Values: cohortSums,
}

// CohortMonths are the facts of a month by the month in which their customers
// first ordered ([None]: not known). customers have a placed order in the month,
// returning one in the month before too, last none in a later one.
var CohortMonths = &Table{
	Name:   "cohort_months",
	Key:    []Column{{"scope", Text}, {"month", Int}, {"cohort", Int}},
	Values: append([]Column{{"customers", Int}, {"returning_customers", Int}, {"last", Int}}, cohortSums...),
}

// Settings is what the database was made with.
var Settings = &Table{
	Name:   "settings",
	Key:    []Column{{"name", Text}},
	Values: []Column{{"value", Text}},
}

// Tables are all of them.
var Tables = []*Table{Events, Totals, OrderValues, UserDays, Users, UserCounts, Customers, CustomerMonths, CohortMonths, Settings}
