package alerting

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/problem"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// maxBody is how much of a posted body is read.
const maxBody = 4 << 10

// defaultSince is how far back the list goes if the request does not say.
const defaultSince = 24 * time.Hour

// Handler serves the alerts as JSON, for whoever has checked that the caller
// may see and, where it posts, change them (the dashboard does):
//
//	GET  /api/alerts?since=              active, and resolved since: an RFC 3339 time or "-1h"; "": a day
//	POST /api/alerts/{id}/acknowledge    by whom: see below
//	POST /api/alerts/{id}/unacknowledge
//	POST /api/alerts/{id}/resolve
//
// A post answers 204, and 404 for an ID that no active alert has. Who
// acknowledges is the user of the request's context; if that has none, the
// field "by" of a form or JSON body. Errors are RFC 9457 problems.
func (m *Manager) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/alerts", m.serveList)
	mux.HandleFunc("POST /api/alerts/{id}/acknowledge", func(w http.ResponseWriter, r *http.Request) {
		by, err := actor(w, r)
		if err == nil {
			err = m.Acknowledge(r.Context(), r.PathValue("id"), by)
		}
		answer(w, err)
	})
	mux.HandleFunc("POST /api/alerts/{id}/unacknowledge", func(w http.ResponseWriter, r *http.Request) {
		answer(w, m.Unacknowledge(r.Context(), r.PathValue("id")))
	})
	mux.HandleFunc("POST /api/alerts/{id}/resolve", func(w http.ResponseWriter, r *http.Request) {
		answer(w, m.Resolve(r.Context(), r.PathValue("id")))
	})
	return mux
}

func (m *Manager) serveList(w http.ResponseWriter, r *http.Request) {
	if m == nil {
		answer(w, ErrNotInitialized)
		return
	}
	since, err := parseSince(r.URL.Query().Get("since"), m.now())
	if err != nil {
		answer(w, err)
		return
	}
	list := m.Alerts(since)
	if list == nil {
		list = []Alert{}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(struct { // a client that has gone is no fault
		Alerts []Alert `json:"alerts"`
	}{list})
}

// parseSince reads an RFC 3339 time or one relative to now, such as "-1h".
func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now.Add(-defaultSince), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d <= 0 {
		return now.Add(d), nil
	}
	return time.Time{}, fault("since", `an RFC 3339 time, or a relative one such as "-1h"`, cut(s, 64))
}

// actor is who sends r.
func actor(w http.ResponseWriter, r *http.Request) (string, error) {
	if id := reqctx.From(r.Context()).User().ID; id != "" {
		return id, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return "", err
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var by string
	switch {
	case len(body) == 0:
	case kind == "application/json":
		var fields struct{ By string }
		if err := json.Unmarshal(body, &fields); err != nil {
			return "", fault("body", `a JSON object such as {"by":"ada"}`, nil)
		}
		by = fields.By
	case kind == "application/x-www-form-urlencoded":
		fields, err := url.ParseQuery(string(body))
		if err != nil {
			return "", fault("body", "a form", nil)
		}
		by = fields.Get("by")
	}
	return cmp.Or(strings.TrimSpace(by), "unnamed viewer"), nil
}

// answer is 204, or err as a problem.
func answer(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	var field *config.FieldError
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, ErrNotFound):
		problem.Write(w, http.StatusNotFound, "There is no active alert with that ID. It may have been resolved.")
	case errors.As(err, &large):
		problem.Write(w, http.StatusRequestEntityTooLarge, "The body may have 4 KiB.")
	case errors.As(err, &field):
		problem.Write(w, http.StatusBadRequest, field.Error())
	case errors.Is(err, ErrNotInitialized):
		problem.Write(w, http.StatusServiceUnavailable, "Alerting has stopped.")
	default:
		problem.Write(w, http.StatusBadRequest, "The request could not be read.")
	}
}
