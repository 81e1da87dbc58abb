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
package perfmon
