// Package sqlite keeps business events in one file, by a SQLite that is
// compiled to Go: no server, no C compiler. It is a module of its own, so that
// only who uses it downloads it.
//
//	store, err := sqlite.Open("/var/lib/shop/business.db", sqlite.Config{})
//	...
//	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Store: store, Dir: "/var/lib/shop/business"})
//
// With Dir, events go to a journal first, and from there into the file.
//
// All events are kept, and duplicates are found by their key, however late they
// come. What reports need is added up in the same transaction, so that they
// take the same few milliseconds with a thousand events and with ten million.
//
// # Caveats
//
// A file belongs to one process. Replicas that must agree share a PostgreSQL.
// The file must be on a disk of the machine, not on a network's. To copy it
// while it is open use sqlite3's .backup or VACUUM INTO, never cp. An event
// takes about 0.5 KB.
package sqlite
