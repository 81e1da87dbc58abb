// Package errortracking captures errors and panics, and delivers them to
// Sentry.
//
//	t, err := errortracking.New(errortracking.Config{DSN: dsn, SpoolDir: dir})
//	errortracking.SetDefault(t)
//	defer t.Close(ctx)
//	http.ListenAndServe(addr, t.Middleware(mux)) // panics: 500 and one event
//
//	errortracking.CaptureException(ctx, err, "order_id", id)
//
// An event is in a file within 50 ms of its capture, fsynced within a second; one
// of a panic or a critical error is so before the capture returns. It stays there
// until Sentry has taken it, over outages, rate limits, restarts and kill -9,
// and goes out in order. Across a crash an event may arrive twice, with the same
// ID. A capture waits for no disk and no network, except for a panic and a
// critical error. What is too large for Sentry is cut: data of breadcrumbs
// first, the message last.
//
// # What is lost
//
// Every queue is bounded: 2,048 events or 12 MiB before the spool, 64 MiB in it,
// 200 transactions. When the worker or the spool is behind, repeats of a
// fingerprint are refused before the first of another one. The metric
// monitoring.dropped counts what is lost, with the component errortracking and a
// reason: queue_full, queue_repeat, spool_full, spool_write, spool_damaged,
// process_end (in memory at Close), refused (by Sentry), encoding, panic (in code
// of the service). Transactions, which are not kept over an outage, have the
// component tracing and the reasons queue_overflow, ratelimit_backoff,
// send_error, internal_sdk_error and process_end. Sentry is told of all that did
// not reach it, also of what was sampled out, dropped by BeforeSend or held back
// as a flood, by client reports: they are in its statistics.
//
// # What is sent
//
// Every error gets a [Class]: a category and a level, and whether it is part of
// normal work; a client that went away is, and is not sent. Of one fingerprint
// ten events a minute go out, then one a minute that carries the count; of
// panics and critical errors also the first of each minute, so that a crash
// loses no more than the count of what is on disk already. All are counted, in
// errors.captured, [Tracker.Recent] and [Tracker.TopIssues].
//
// A repeated error that is held back costs less than a microsecond and, without
// arguments, no allocation: it is known by the place of the call, the types in
// it and the text of the innermost error. An error with a stack of its own
// (pkg/errors, cockroachdb/errors, samber/oops, go-errors, by the shape of
// their methods) is shown where it was made.
//
// Messages, attributes, requests, headers and breadcrumbs are redacted before
// they leave.
//
// A share of the requests, Config.TracesSampleRate, becomes transactions in
// Sentry, with the queries, marks and outgoing calls of the request as spans,
// named as in the metrics, never by a query's text; jobs too, with
// [StartTransaction]. A trusted caller's decision is followed and handed on.
// Events name the span that they happened in. Transactions wait in memory, only
// as long as no error does, and are dropped past a bound.
//
// Caveats: what is captured after Close goes to the log. Without a DSN a capture
// is a record, written at once, so an error that the service logs itself as
// well, afterwards, is there twice. Without a SpoolDir events wait in memory, at
// most 16 MiB. Fingerprints are made from types, functions and texts: renaming a
// function makes a new issue. Headers of a request are read when an error is
// captured, so a goroutine that captures while the handler changes r.Header
// races with it.
package errortracking
