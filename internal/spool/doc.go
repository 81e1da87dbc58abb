// Package spool is the one bounded, ordered, crash-safe store on disk.
//
//	q, err := spool.Open(spool.Config{Dir: dir}) // err: said once; q works anyway
//	seq, err := q.Append(data, false)            // survives kill -9 when it returns
//	e, err := q.Next(ctx, 0)                     // the oldest that is not done
//	q.Done(e.Seq)
//
// A [Queue] holds what waits to be delivered, a [Log] what is replayed at the
// next start, and [Lock] gives a process a folder that no other one uses.
//
// # On disk
//
// Below Dir each process locks the first free of the folders 0, 1, 2, ... and
// then moves in what the unlocked ones hold: their owners are dead. A file is
// a header and records; a record is
//
//	3 bytes  marker
//	1 byte   state: waiting or done; overwritten in place
//	4 bytes  length of the data, little endian
//	4 bytes  CRC-32C of length and data
//	n bytes  data
//
// A queue has many small files, so that what is done can be removed; a file
// that is mostly done is rewritten. Data that fails its CRC is skipped up to
// the next whole record, and the end of a file that is no whole record is cut
// off. Sequence numbers hold for one Open only.
//
// # Why not a library
//
// tidwall/wal, the best known log of this kind, keeps no checksum, refuses a
// log that is damaged anywhere, can drop from the front and the back only, has
// no bound and no lock. The kept disk queues and write-ahead logs that have
// checksums and torn tails (diskqueue, go-wallib, write-ahead-log) acknowledge
// by one cursor. Here one dead receiver must not hold up or keep alive what
// went to the others, so records are done out of order; a process takes over
// what dead ones left while others live beside it; the bytes on disk are
// bounded; and appends that want to be durable share an fsync. That is all of
// the code here: a library would replace the parser only.
package spool
