// Package perfmon measures what visitors feel: the time of each request at the
// server, and page load and Web Vitals in the browser.
//
//	perf, err := perfmon.New(perfmon.Config{})
//	...
//	http.Handle("/", perf.Middleware(mux))
//	http.Handle("/beacon", perf.Beacon())
//	http.Handle("/vitals.js", perf.Script())
//
// Requests are counted by method, route pattern and outcome: "ok",
// "client_error" (4xx), "error" (5xx or a panic) and "aborted" (the client went
// away). Streams and upgraded connections are kept in a metric of their own,
// as their duration is the client's choice.
//
// The route is the pattern that http.ServeMux matched. With another router, or
// with a middleware between that copies the request before the mux sees it,
// call [SetRoute] in the handler. A raw path never becomes a route.
//
// # Objectives
//
// [SLO]s say which share of requests is to be good over 30 days; the rest is
// the error budget. Without Config.SLOs, 99.9 % of requests are not to fail and
// 95 % are to be answered within 100 ms. [Monitor.SLOs] tells, for the service
// and each route, what is left of the budget, how fast it burns, and when it
// ends at that rate. Counting costs the request nothing.
//
// The burn rate is the share of bad requests over the share that may be bad: at
// 1 the budget lasts exactly 30 days. It is an indicator over each of four
// windows, slo_availability_burn_5m, _30m, _1h and _6h, by http.route if asked
// for; a rule reads a short and a long one together, 5m with 1h and 30m with
// 6h, so that it fires on what lasts and stops soon after (Google, The Site
// Reliability Workbook, chapter 5). A window with fewer than 50 requests has no
// burn rate. The budget comes from the Registry's history: with a folder it
// survives restarts, and what a killed process counted until its last sample
// does too.
//
// # Runtime
//
// The Go runtime and the process are measured with each sample, by the names of
// OpenTelemetry: goroutines, heap, garbage collection, the wait for a thread,
// CPU, memory, open files, and the limits of the container, control groups
// version 1 or 2. Uses are told in percent of what the container, or else the
// machine, allows. The runtime's histograms have buckets of up to 25 %, so
// gc_pause_p99 and sched_latency_p99 may be 11 % off. Memory, open files and
// container limits are read on Linux only.
package perfmon
