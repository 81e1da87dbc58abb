package logging_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/distri-night/monitoring/logging"
)

func Example() {
	log, err := logging.New(logging.Config{Output: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close(context.Background())
	logging.SetDefault(log)
	defer logging.SetDefault(nil)

	h := log.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logging.FromContext(r.Context()).Info("order placed", "order_id", "456", "password", "hunter2")
	}))
	r := httptest.NewRequest(http.MethodPost, "/orders", nil)
	r.Header.Set("X-Request-ID", "req-42")
	h.ServeHTTP(httptest.NewRecorder(), r)

	for _, rec := range log.Recent("req-42") {
		fmt.Println(rec.Message, rec.CorrelationID, rec.Attrs["order_id"], rec.Attrs["password"])
	}
	// Output: order placed req-42 456 [redacted]
}

// A job carries the IDs of the request that queued it, in its headers.
func ExampleInject() {
	request := logging.WithCorrelationID(context.Background(), "req-42")
	headers := map[string]string{"type": "invoice"}
	logging.Inject(request, headers) // where the job is queued

	job := logging.Extract(context.Background(), headers) // where it is done
	fmt.Println(logging.CorrelationID(job))
	// Output: req-42
}
