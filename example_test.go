package monitoring_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"
)

func Example() {
	ctx := context.Background()
	mon, err := monitoring.Init(ctx, monitoring.Config{
		Service: "shop", StateDir: monitoring.Memory, Log: logging.Config{Output: io.Discard},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", mon.Handler())
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		order := bizmetrics.Order{ID: r.PathValue("id"), Total: bizmetrics.Money{Minor: 1999, Currency: "EUR"}}
		if err := bizmetrics.RecordOrder(r.Context(), order); err != nil {
			errortracking.CaptureException(r.Context(), err, "order_id", order.ID)
		}
		fmt.Fprintln(w, "thank you")
	})
	w := httptest.NewRecorder()
	mon.Middleware(mux).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/orders/7", nil))

	if err := mon.Business.Sync(ctx); err != nil {
		fmt.Println(err)
	}
	revenue, err := mon.Business.Revenue(ctx)
	fmt.Println(w.Header().Get("X-Request-ID") != "", revenue.Today.Value, err)
	fmt.Println(mon.Shutdown(ctx))
	// Output:
	// true 19.99 EUR <nil>
	// <nil>
}

func ExampleNew_invalid() {
	_, err := monitoring.New(context.Background(), monitoring.Config{
		Errors: errortracking.Config{DSN: "sentry"},
		Log:    logging.Config{Format: "xml"},
	})
	var field *monitoring.FieldError
	fmt.Println(errors.Is(err, monitoring.ErrInvalid), errors.As(err, &field), field.Field)
	// Output:
	// true true Errors.DSN
}
