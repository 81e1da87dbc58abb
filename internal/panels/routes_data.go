package panels

import (
	"encoding/json"
	"math"
	"net/http"

	"github.com/distri-night/monitoring/dashboard"
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
		Time          any            `json:"time"`
		Level         string         `json:"level"`
		Message       string         `json:"message"`
		CorrelationID string         `json:"correlation_id,omitempty"`
		Attrs         map[string]any `json:"attrs,omitempty"`
	}
	records := []record{}
	for _, rec := range s.Log.Recent(r.URL.Query().Get("correlation_id")) {
		level := rec.Level.String()
		if rec.Level >= logging.LevelCritical {
			level = "CRITICAL"
		}
		records = append(records, record{rec.Time, level, rec.Message, rec.CorrelationID, encodable(rec.Attrs)})
	}
	answer(w, map[string]any{"records": records})
}

// encodable replaces what JSON cannot hold.
func encodable(attrs map[string]any) map[string]any {
	safe := make(map[string]any, len(attrs))
	for key, value := range attrs {
		if _, err := json.Marshal(value); err != nil {
			safe[key] = "unencodable"
			continue
		}
		safe[key] = value
	}
	return safe
}

// serveDatabase answers with the health check, the slow queries and the
// queries that take most of the time. A figure that is unknown is null.
func (s Source) serveDatabase(w http.ResponseWriter, r *http.Request) {
	health, err := s.DB.Health(r.Context())
	if err != nil {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(w).Encode(map[string]any{"title": "the database could not be checked", "status": http.StatusServiceUnavailable})
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
		Name          string  `json:"name"`
		CorrelationID string  `json:"correlation_id,omitempty"`
		Caller        string  `json:"caller"`
		Took          float64 `json:"ms"`
		At            any     `json:"at"`
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
