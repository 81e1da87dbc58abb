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
// Beside its time a request has the sizes of its bodies and the time to the
// first byte of its answer, by route; those of streams and of requests that
// their client aborted are not counted. A long poll says that it is a stream by
// [SetStream]. A deadline of the service's own, or an answer after the server's
// WriteTimeout, is an error and no abort.
//
// The route is the pattern that http.ServeMux matched. With another router, or
// with a middleware between that copies the request before the mux sees it,
// call [SetRoute] in the handler or in a middleware of the router:
//
//	// chi: the pattern is whole at the end, when all sub-routers have matched
//	defer func() { perfmon.SetRoute(r.Context(), chi.RouteContext(r.Context()).RoutePattern()) }()
//	// gin
//	perfmon.SetRoute(c.Request.Context(), c.FullPath())
//	// echo
//	perfmon.SetRoute(c.Request().Context(), c.Path())
//
// The folder examples/routers has them whole, and tested. A request that no
// route matched has the empty one: a raw path never becomes a route.
//
// Calls that the service makes are measured by [Transport], by host.
package perfmon
