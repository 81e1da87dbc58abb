package panels

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/internal/problem"
	"github.com/distri-night/monitoring/logging"
)

// Routes is the data beside the pages, guarded as they are.
func Routes(s Source) []dashboard.Route {
	alerts := s.Alerts.Handler()
	return []dashboard.Route{
		{Pattern: "GET /api/alerts", Handler: alerts},
		{Pattern: "POST /api/alerts/{id}/acknowledge", Write: true, Handler: alerts},
		{Pattern: "POST /api/alerts/{id}/unacknowledge", Write: true, Handler: alerts},
		{Pattern: "POST /api/alerts/{id}/resolve", Write: true, Handler: alerts},
		{Pattern: "GET /api/logs", Page: dashboard.Operations, Handler: http.HandlerFunc(s.serveLogs)},
		{Pattern: "GET /api/database", Page: dashboard.Operations, Handler: http.HandlerFunc(s.serveDatabase)},
		{Pattern: "GET /api/log-level", Page: dashboard.Operations, Handler: s.Log.LevelHandler()},
		{Pattern: "PUT /api/log-level", Page: dashboard.Operations, Write: true, Handler: s.Log.LevelHandler()},
	}
}

// serveLogs answers with the recent records, of one request if asked for.
func (s Source) serveLogs(w http.ResponseWriter, r *http.Request) {
	type record struct {
		Time          time.Time `json:"time"`
		Level         string    `json:"level"`
		Message       string    `json:"message"`
		CorrelationID string    `json:"correlation_id,omitempty"`
		Attrs         any       `json:"attrs,omitempty"`
	}
	records := []record{}
	for _, rec := range s.Log.Recent(r.URL.Query().Get("correlation_id")) {
		records = append(records, record{rec.Time, logging.FormatLevel(rec.Level), rec.Message, rec.CorrelationID, encodable(rec.Attrs)})
	}
	answer(w, map[string]any{"records": records})
}

// encodable replaces what JSON cannot hold: NaN and infinities are null, as
// in all our answers.
func encodable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		safe := make(map[string]any, len(v))
		for key, value := range v {
			safe[key] = encodable(value)
		}
		return safe
	case []any:
		safe := make([]any, len(v))
		for i, value := range v {
			safe[i] = encodable(value)
		}
		return safe
	case float64:
		return known(v)
	case error:
		return v.Error()
	}
	if _, err := json.Marshal(v); err != nil {
		return fmt.Sprint(v)
	}
	return v
}

// serveDatabase answers with the health check, the slow queries and the
// queries that take most of the time. A figure that is unknown is null.
func (s Source) serveDatabase(w http.ResponseWriter, r *http.Request) {
	health, err := s.DB.Health(r.Context())
	if err != nil {
		problem.Write(w, http.StatusServiceUnavailable, "the database could not be checked")
		return
	}
	type query struct {
		Name   string   `json:"name"`
		Calls  uint64   `json:"calls"`
		P95    *float64 `json:"p95_ms"`
		Share  *float64 `json:"share_percent"`
		Errors *float64 `json:"errors_percent"`
	}
	type slow struct {
		Name          string    `json:"name"`
		CorrelationID string    `json:"correlation_id,omitempty"`
		Caller        string    `json:"caller"`
		Took          float64   `json:"ms"`
		At            time.Time `json:"at"`
	}
	queries, slows := []query{}, []slow{}
	for _, q := range s.DB.TopQueries() {
		queries = append(queries, query{q.Name, q.Calls, known(float64(q.P95.Milliseconds())), known(q.Share), known(q.Errors)})
	}
	for _, q := range s.DB.SlowQueries() {
		slows = append(slows, slow{q.Name, q.CorrelationID, q.Caller, float64(q.Duration.Milliseconds()), q.At})
	}
	answer(w, map[string]any{
		"verdict": health.Verdict, "reasons": health.Reasons, "unchecked": health.Unchecked,
		"success_rate": known(health.SuccessRate), "cache_hit_rate": known(health.CacheHitRate), "buffer_hit_rate": known(health.BufferHitRate),
		"pool_use": known(health.PoolUse), "server_connection_use": known(health.ServerConnectionUse),
		"queries": queries, "slow": slows,
	})
}

func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v)
}
