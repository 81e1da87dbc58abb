// Package dashboard serves live pages of panels: their HTML, their JSON, their
// CSV and their streams, from one http.Handler that knows no instrument.
//
//	d, err := dashboard.New(dashboard.Config{Panels: []dashboard.Panel{{
//		ID: "queue", Title: "Queue", Page: dashboard.Operations,
//		Data: func(ctx context.Context, from, to time.Time) (any, error) {
//			return dashboard.Number{Value: float64(queue.Len())}, nil
//		},
//	}}})
//	mux.Handle("/monitoring/", d)
//
// A panel is asked once for all viewers, when Config.Changed says that there is
// something new and only while somebody looks. A panel that fails, panics or
// hangs shows that on itself and nowhere else.
//
// Caveats. Without Config.Authorize only a viewer on this machine, with no proxy
// between, is answered. All links are relative, so the pages work below any
// prefix. A panel's Data has 5 s, by its context; one that ignores the context
// keeps its goroutine until it returns, and is not asked a third time meanwhile.
//
// The front end is in web and is built into assets by web/build.sh; the result
// is committed, so that building this package needs Go only.
package dashboard
