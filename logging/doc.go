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
// A record has, at its root, correlation_id, user_id, route, trace_id and
// span_id as far as the context knows them, whatever groups are open. On a
// terminal it is a coloured line, elsewhere JSON; Config.Format has the field
// names of some log systems. Secrets are masked before any way out, control
// characters are escaped in all of them.
//
// [Transport] hands the IDs on in what the service asks of others, [Inject] and
// [Extract] in the headers of a job or message. What a caller says about its
// trace (traceparent, tracestate, baggage) is believed from
// Config.TrustedCallers only, and its baggage goes on to Config.PropagateTo
// only. Where a span of OpenTelemetry is active its IDs are those of the record.
//
// Caveats. [New] does not touch slog.Default; call slog.SetDefault(log.Logger)
// for that. An attribute that bears the name of an ID replaces it. Values are
// written as JSON would, so unexported fields do not show. There is no access
// log: package perfmon measures requests.
package logging
