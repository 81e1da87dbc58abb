// Package oracle says in SQL what reports must say. It keeps the events of a
// workload in PostgreSQL as a person would who has never seen the library: a
// table for each kind of event, filled from the events themselves. Each figure
// is a plain SELECT over them, written from what the documentation of package
// bizmetrics promises. Only tests import it.
package oracle
