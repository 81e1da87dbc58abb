// Package sqlstore is what the SQL stores of package bizmetrics share: which
// tables there are and what they mean, what a batch of events does to them, and
// how a query is answered from them. It knows no database. An [Engine] does,
// and has the few primitives that are needed: find rows by key, add to rows,
// put rows, read a range with sums.
//
// Events are kept as they came, each beside its effect: the [ledger.Fact] that
// it makes, given all that is known of its order. When a late event changes the
// effect of another, that one's effect is updated. So a plain scan of events is
// a scan of facts.
//
// Everything that a report needs is also kept added up, by the same transaction
// that inserts the events: see the tables. A query's span is taken apart into
// months, days and slots of five minutes, and only what is left at its ragged
// ends is scanned.
//
// One writer at a time is a condition, not a hope: what a batch reads must not
// change until it commits. [Engine.Write] gives that.
package sqlstore
