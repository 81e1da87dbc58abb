// Package logging is log/slog with correlation: what one request or job logs
// carries one ID, from the header that came in to the header that goes out.
//
//	log, err := logging.New(logging.Config{})
//	...
//	logging.SetDefault(log)
//	http.ListenAndServe(":8080", log.Middleware(mux))
//
// and in a handler
//
//	logging.FromContext(r.Context()).Info("order placed", "order_id", id)
//
// A record has, at its root, correlation_id, user_id, route, logger, trace_id
// and span_id as far as they are known, whatever groups are open. On a
// terminal it is a coloured line, elsewhere JSON; Config.Format has the field
// names of some log systems. Secrets are masked before any way out, control
// characters are escaped in all of them.
//
// # Named loggers and levels at run time
//
// [Logger.Named] gives a part of the service a name and a level of its own.
// Names nest with dots:
//
//	var pool = log.Named("db").Named("pool") // "logger":"db.pool"
//
// [Logger.OverrideLevel] sets the level of a name and of all below it, or with
// no name of all, for a while if it has an end:
//
//	err := log.OverrideLevel(logging.LevelOverride{
//		Logger: "db", Level: slog.LevelDebug, Until: time.Now().Add(10 * time.Minute),
//	})
//
// After that the level before it is back by itself. [Logger.LevelHandler] does
// the same over HTTP; package monitoring serves it below its Handler, to
// viewers of the Operations page, and to those who may write:
//
//	curl -X PUT https://shop.example/monitoring/api/log-level \
//		-d '{"level":"debug","logger":"db","for":"10m"}'
//
// What is set, by whom, and its end are logged. A level that is off costs one
// atomic load.
//
// # Across services and jobs
//
// A job carries the IDs of the request that queued it in its headers, a string
// map: [Inject] where it is queued, [Extract] where it runs.
//
//	logging.Inject(ctx, job.Headers)              // in the handler
//	ctx := logging.Extract(ctx, job.Headers)      // in the worker
//	logging.FromContext(ctx).Info("mail sent")    // has the request's correlation_id
//
// Work that no request began, such as a nightly run, gets an ID by
// [WithCorrelationID].
//
// [Transport] hands the IDs on in what the service asks of others, [Inject] and
// [Extract] in the headers of a job or message. What a caller says about its
// trace (traceparent, tracestate, baggage) is believed from
// Config.TrustedCallers only, and its baggage goes on to Config.PropagateTo
// only. Where a span of OpenTelemetry is active its IDs are those of the record.
//
// # Floods
//
// Every record is written, unless Config.Sampling says otherwise: then of one
// message the first 100 a second are, and one record more that says how often
// it was repeated. The rest is counted in the metric log.sampled. Records at
// warn and above are never left out.
//
// # Critical records
//
// One record at [LevelCritical] raises an alert, P1 by the default rule, which
// resolves once there was none for a while:
//
//	log.Critical("the ledger does not add up", "account", id)
//
// # Bounds
//
// A message, or the texts of one attribute, are cut at 64 KiB, after redaction,
// and say so. Attributes past 256 KiB are left out and counted in
// attributes_left_out. What is kept for [Logger.Recent] and as a breadcrumb is
// smaller still.
//
// # Caveats
//
// [New] does not touch slog.Default; call slog.SetDefault(log.Logger) for that,
// before or after log.SetOutput: a writer or handler that leads back into the
// log neither hangs nor loops, its records go to stderr. An Output of a type
// that is not known to be harmless, as files and connections are, is looked
// after for that, which costs a little more. An attribute that bears the name
// of an ID replaces it. Values are written as JSON would, so unexported fields
// do not show. There is no access log: package perfmon measures requests.
package logging
