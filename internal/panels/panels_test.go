package panels_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/monitoringtest"
)

type panel struct {
	ID, Title, Help, Kind, Error string
	Data                         map[string]any
}

// page reads a page's panels by ID.
func page(t *testing.T, rec *monitoringtest.Recorder, name string) map[string]panel {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/monitoring/api/pages/"+name, nil)
	r.RemoteAddr = "127.0.0.1:1"
	rec.Handler().ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var got struct{ Panels []panel }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	panels := map[string]panel{}
	for _, p := range got.Panels {
		require.NotContains(t, panels, p.ID, "IDs are unique")
		assert.Empty(t, p.Error, p.ID)
		assert.NotEmpty(t, p.Title, p.ID)
		assert.NotEmpty(t, p.Help, p.ID)
		panels[p.ID] = p
	}
	return panels
}

func TestWithoutDataEveryPanelSaysWhy(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	rec.Evaluate()
	for _, name := range []string{"operations", "executive", "product"} {
		for id, p := range page(t, rec, name) {
			switch p.Kind {
			case "number", "series", "table", "list", "hero":
				counted := id == "orders" || id == "delivery" || id == "users" || id == "throughput" || id == "uptime" || id == "runtime" // 0 is a figure, and a process that lived was up
				if !counted {
					assert.NotEmpty(t, p.Data["noData"], "%s of %s: %v", id, name, p.Data)
				}
			}
		}
	}
	assert.Equal(t, "unknown", page(t, rec, "operations")["verdict"].Data["level"])
}

// busy feeds ten minutes of a shop: requests, payments, orders, queries, errors.
func busy(t *testing.T, rec *monitoringtest.Recorder, failPayments int) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, r *http.Request) {
		errortracking.WithUser(r.Context(), errortracking.User{ID: r.PathValue("id")})
		_, _ = dbmon.TrackQuery(r.Context(), "orders.read", func(context.Context) (int, error) { return 1, nil })
		dbmon.RecordCacheHit("orders")
	})
	h := rec.Middleware(mux)
	now := time.Now().UTC() // what follows is to lie on one day
	if left := now.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now); left < 15*time.Minute {
		rec.Advance(left + time.Second)
	}
	id := 0
	for range 60 {
		for range 20 {
			id++
			r := httptest.NewRequest(http.MethodGet, fmt.Sprint("/orders/", id%5), nil)
			h.ServeHTTP(httptest.NewRecorder(), r)
			key, total := fmt.Sprint(id), bizmetrics.Money{Minor: 2500, Currency: "EUR"}
			require.NoError(t, bizmetrics.RecordOrder(t.Context(), bizmetrics.Order{ID: key, CustomerID: "c", SupplierID: "s", Total: total}))
			require.NoError(t, bizmetrics.RecordPayment(t.Context(), bizmetrics.Payment{ID: key, OrderID: key, Method: "card", Amount: total, Succeeded: id%100 >= failPayments}))
			require.NoError(t, bizmetrics.RecordSupplierResponse(t.Context(), bizmetrics.SupplierResponse{ID: key, SupplierID: "s", OrderID: key, After: 3 * time.Minute, Accepted: true}))
		}
		rec.Advance(10 * time.Second)
	}
	require.NoError(t, bizmetrics.RecordNPS(t.Context(), bizmetrics.NPS{ID: "n", UserID: "c", Score: 10}))
	errortracking.CaptureException(t.Context(), errors.New("printer on fire"))
	rec.Log.Warn("paper low", "tray", 2)
	rec.Evaluate()
}

func TestABusyShopIsOnBothPages(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{Business: bizmetrics.Config{Currency: "EUR", Target: bizmetrics.Money{Minor: 4_000_000, Currency: "EUR"}}})
	busy(t, rec, 0)

	operations := page(t, rec, "operations")
	for _, id := range []string{"payment_success", "error_rate", "p95_latency", "cache_hit_rate"} {
		assert.Nil(t, operations[id].Data["noData"], id)
		assert.Equal(t, "good", operations[id].Data["verdict"], id)
	}
	assert.Equal(t, "healthy", operations["verdict"].Data["level"])
	rows := operations["routes"].Data["rows"].([]any)
	assert.Contains(t, fmt.Sprint(rows[0]), "GET /orders/{id}")
	assert.Contains(t, fmt.Sprint(operations["database"].Data["rows"]), "orders.read")
	assert.Contains(t, fmt.Sprint(operations["errors"].Data["items"]), "printer on fire")
	assert.Contains(t, fmt.Sprint(operations["log"].Data["rows"]), "paper low tray=2")

	executive := page(t, rec, "executive")
	assert.InDelta(t, 3_000_000, executive["revenue"].Data["value"], 0)
	assert.InDelta(t, 4_000_000, executive["revenue"].Data["target"], 0)
	weeks := executive["growth"].Data["lines"].([]any)[0].(map[string]any)["values"].([]any)
	assert.Equal(t, []any{0.0, 0.0, 0.0, 0.0, 0.0, 3_000_000.0}, weeks)
	assert.InDelta(t, 1200, executive["orders"].Data["value"], 0)
	assert.Equal(t, "€25.00 each", executive["orders"].Data["note"])
	assert.InDelta(t, 100, executive["payments"].Data["value"], 0)
	assert.InDelta(t, 5, executive["users"].Data["value"], 0)
	assert.InDelta(t, 100, executive["uptime"].Data["value"], 0)
	assert.InDelta(t, 100, executive["nps"].Data["value"], 0)
	assert.InDelta(t, 3, executive["suppliers"].Data["value"], 1e-9, "minutes")
}

func TestAnIncidentOpensBothPages(t *testing.T) {
	rec := monitoringtest.New(t, monitoring.Config{})
	busy(t, rec, 20)
	require.Len(t, rec.Alerts.Active(), 1)
	alert := rec.Alerts.Active()[0]

	operations := page(t, rec, "operations")
	verdict := operations["verdict"].Data
	assert.Equal(t, "P0", verdict["level"])
	assert.InDelta(t, 80, verdict["value"], 1e-9)
	assert.Equal(t, "payment success, must be at least 99\u202f%", verdict["limit"])
	assert.Contains(t, fmt.Sprint(verdict["actions"]), "api/alerts/"+alert.ID+"/acknowledge")
	assert.Equal(t, "P0", operations["payment_success"].Data["level"])
	assert.Contains(t, fmt.Sprint(operations["timeline"].Data["lanes"]), "Payment success")
	assert.Len(t, operations["timeline"].Data["markers"], 1, "the start of this process")
	assert.Contains(t, page(t, rec, "executive")["executive-verdict"].Data["title"], "Critical: Payment success below 99")

	require.NoError(t, rec.Alerts.Acknowledge(t.Context(), alert.ID, "ada"))
	rec.Evaluate() // pages are refreshed with each sample
	verdict = page(t, rec, "operations")["verdict"].Data
	assert.Contains(t, verdict["detail"], "Acknowledged by ada")
	assert.NotContains(t, fmt.Sprint(verdict["actions"]), "/acknowledge")
	assert.Equal(t, alerting.P0, rec.Alerts.Active()[0].Severity)
}
