// Package ledger holds the rules by which business events become figures: what
// an event is, what it does to an order, what is added up, and how a query is
// answered from that. It is pure: no I/O, no clock, no lock. Every store of
// package bizmetrics is built on it, so that all of them count alike.
//
// Its Money, Event and Query are those of package bizmetrics, field by field,
// so that one converts to the other.
package ledger
