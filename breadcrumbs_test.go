package monitoring_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
)

func TestAnEventHasTheBreadcrumbsOfItsRequestOnly(t *testing.T) {
	s := sentrytest.New(t)
	c := quiet(t)
	c.Errors.DSN, c.Errors.FloodLimit, c.Log.Output = s.DSN, 1000, io.Discard
	m, err := monitoring.Init(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { stop(t, m) })
	supplier := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(supplier.Close)
	client := &http.Client{Transport: m.Transport(nil)}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, r *http.Request) {
		who := "user-" + r.PathValue("id")
		ctx := errortracking.WithUser(r.Context(), errortracking.User{ID: who})
		ctx = logging.With(ctx, "of", who, errortracking.Tag("tenant", who))
		logging.FromContext(ctx).Info("begin " + who)
		_, _ = dbmon.TrackQuery(ctx, "orders_"+who, func(context.Context) (int, error) { return 1, nil })
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, supplier.URL+"/"+who, nil)
		if res, err := client.Do(req); assert.NoError(t, err) {
			_ = res.Body.Close()
		}
		_, err := alerting.CreateAlert(ctx, alerting.Alert{Severity: alerting.P3, Title: "stock of " + who})
		assert.NoError(t, err)
		errortracking.AddBreadcrumb(ctx, errortracking.Breadcrumb{Category: "cart", Message: "added by " + who})
		errortracking.CaptureException(ctx, errors.New("no stock"), "order", who)
	})
	h := m.Middleware(mux)
	const requests = 20
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, fmt.Sprintf("/orders/%d", i), nil))
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, m.Errors.Flush(ctx))
	require.Len(t, s.Events(), requests)
	for _, e := range s.Events() {
		who := e.Text("user.id")
		require.NotEmpty(t, who)
		assert.Equal(t, who, e.Text("contexts.attributes.order"))
		assert.Equal(t, who, e.Text("contexts.attributes.of"))
		assert.Equal(t, who, e.Text("tags.tenant"))
		var categories []string
		for i := range 5 {
			categories = append(categories, e.Text(fmt.Sprintf("breadcrumbs.values.%d.category", i))+e.Text(fmt.Sprintf("breadcrumbs.%d.category", i)))
		}
		assert.Equal(t, []string{"log", "query", "http", "alert", "cart"}, categories)
		for _, message := range []string{"begin " + who, "orders_" + who, "stock of " + who, "added by " + who} {
			assert.Contains(t, fmt.Sprint(e.At("breadcrumbs")), message+" ")
		}
	}
}
