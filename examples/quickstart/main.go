// Command quickstart is a whole service on one screen: requests, errors, orders
// and alerts are watched, and the address that it prints shows them.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/logging"
)

func main() {
	cfg, err := monitoring.ConfigFromEnv() // SENTRY_DSN, MONITORING_SERVICE, ...
	if err != nil {
		log.Fatal(err)
	}
	mon, err := monitoring.Init(context.Background(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", mon.Handler()) // the dashboards, for loopback only
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		total := bizmetrics.Money{Minor: 1999, Currency: "EUR"}
		if err := bizmetrics.RecordOrder(r.Context(), bizmetrics.Order{ID: r.PathValue("id"), Total: total}); err != nil {
			logging.FromContext(r.Context()).Error("order not counted", logging.Err(err))
		}
		fmt.Fprintln(w, "thank you for order", r.PathValue("id"))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT")) // no PORT: a free one
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: mon.Middleware(mux)}
	go func() { _ = server.Serve(listener) }()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("open http://%s/monitoring/\n", listener.Addr())
	<-ctx.Done()
	if err := mon.Shutdown(context.Background()); err != nil { // ends the dashboards' streams
		log.Print(err)
	}
	_ = server.Shutdown(context.Background())
}
