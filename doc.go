// Package monitoring makes a Go service observable in production with one
// import: error tracking (Sentry), request times and Web Vitals, PostgreSQL
// monitoring (pgx), business metrics, alerts from P0 to P3, structured logs
// with correlation IDs, and live dashboards.
//
//	mon, err := monitoring.Init(ctx, monitoring.Config{Service: "shop"})
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer mon.Shutdown(context.Background())
//
//	mux.Handle("/monitoring/", mon.Handler())
//	http.ListenAndServe(":8080", mon.Middleware(mux))
//
// The empty [Config] works: errors and alerts go to the log, and the
// dashboards answer this machine only. Each package also works alone; this one
// wires them and holds nothing else.
//
// Instruments measure and never block, panic into or outgrow the service. What
// they measure is named by indicators, such as error_rate, that alert rules
// and dashboards read by name.
package monitoring
