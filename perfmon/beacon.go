package perfmon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/distri-night/monitoring/internal/access"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/problem"
)

const (
	maxBeacon = 64 << 10 // what browsers let sendBeacon queue
	maxMarks  = 32       // of one beacon; the rest is dropped
)

// beacon is what the script sends once a page view. Times are in ms.
type beacon struct {
	V          int     `json:"v"`
	Route      string  `json:"route"`
	Device     string  `json:"device"`
	Connection string  `json:"connection"`
	Navigation string  `json:"navigation"`
	Load       float64 `json:"load"`
	Vitals     []struct {
		ID     string  `json:"id"`
		Name   string  `json:"name"`
		Value  float64 `json:"value"`
		Target string  `json:"target"`
	} `json:"vitals"`
	Marks []struct {
		Name  string  `json:"name"`
		Value float64 `json:"value"`
	} `json:"marks"`
}

var (
	devices     = []string{"mobile", "tablet", "desktop"}
	connections = []string{"slow-2g", "2g", "3g", "4g"}
)

// Beacon takes the script's POSTs: JSON, also as text/plain, which is what a
// browser sends without asking first. It answers 204, 400 for a broken one,
// 403 for another origin, 405, 413 above 64 KiB, and 429 for a flood.
func (m *Monitor) Beacon() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			problem.Write(w, http.StatusMethodNotAllowed, "a beacon is a POST")
			return
		case m == nil || m.config.Disabled:
			w.WriteHeader(http.StatusNoContent)
			return
		case !m.originAllowed(r):
			problem.Write(w, http.StatusForbidden, "this origin may not send beacons")
			return
		case !m.beacons.allow(access.ClientAddr(r, m.config.TrustedProxies), m.now()):
			w.Header().Set("Retry-After", "10")
			problem.Write(w, http.StatusTooManyRequests, "too many beacons")
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBeacon))
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			problem.Write(w, http.StatusRequestEntityTooLarge, "a beacon has at most 64 KiB")
			return
		}
		if err != nil {
			problem.Write(w, http.StatusBadRequest, "the beacon could not be read")
			return
		}
		b, err := parseBeacon(body)
		if err != nil {
			problem.Write(w, http.StatusBadRequest, err.Error())
			return
		}
		m.record(b)
		w.WriteHeader(http.StatusNoContent)
	})
}

// originAllowed compares the page's origin, which a page cannot forge, with
// the allowed ones. Without the header no browser's page has sent it.
func (m *Monitor) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(m.config.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return m.config.Origins == nil && err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// parseBeacon reads a beacon and checks it; the error Is [ErrInvalid] and may
// be shown to whoever sent it.
func parseBeacon(body []byte) (beacon, error) {
	var b beacon
	if err := json.Unmarshal(body, &b); err != nil {
		return b, fmt.Errorf("the beacon is no JSON of the right shape: %w", config.ErrInvalid)
	}
	var faults config.Faults
	if b.V != 1 {
		faults.Add("v", "1", b.V)
	}
	if b.Load < 0 {
		faults.Add("load", "a time in ms", b.Load)
	}
	for i, v := range b.Vitals {
		if v.Value < 0 {
			faults.Add(fmt.Sprintf("vitals[%d].value", i), "a number not below 0", v.Value)
		}
	}
	for i, mark := range b.Marks {
		if mark.Value < 0 {
			faults.Add(fmt.Sprintf("marks[%d].value", i), "a time in ms", mark.Value)
		}
		if !markName(mark.Name) {
			faults.Add(fmt.Sprintf("marks[%d].name", i), "1 to 64 of letters, digits, '.', '_', '-', '/'", nil)
		}
	}
	return b, faults.Err()
}

// record counts what the beacon says. What the browser claims is never an
// attribute as it is: the route must be one that the service answers.
func (m *Monitor) record(b beacon) {
	route := otherRoute
	if m.routes.known(b.Route) {
		route = b.Route
	}
	device, connection := oneOf(b.Device, devices), oneOf(b.Connection, connections)
	observe := func(name string, value float64) {
		for _, v := range vitalTable {
			if v.beacon == name && value <= v.most {
				m.vitals[name].With(route, device, connection).Observe(value / v.scale)
			}
		}
	}
	if b.Load > 0 {
		observe("load", b.Load)
	}
	seen := map[string]bool{}
	for _, v := range b.Vitals {
		if !seen[v.Name] { // one of each a page view
			seen[v.Name] = true
			observe(v.Name, v.Value)
		}
	}
	for _, mark := range b.Marks[:min(len(b.Marks), maxMarks)] {
		m.marks.With(mark.Name, "browser").Observe(mark.Value / 1000)
	}
}

func oneOf(value string, known []string) string {
	if slices.Contains(known, value) {
		return value
	}
	return "other"
}

func markName(s string) bool {
	if len(s) < 1 || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("._-/", rune(c)) {
			return false
		}
	}
	return true
}
