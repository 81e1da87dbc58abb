package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/distri-night/monitoring/internal/config"
)

// Route says which alerts a receiver is told of. An alert goes to every route
// that it fits. Nil Severities and Match fit all.
type Route struct {
	Name       string            // in outbox and statistics, unique; "": "route1", "route2", ...
	Severities []Severity        // any of them
	Match      map[string]string // labels that the alert must have, all of them
	To         Notifier
	Repeat     time.Duration // while the alert fires and nobody has acknowledged it; 0: never
}

// fits reports whether the route's receiver is told of a.
func (r Route) fits(a Alert) bool {
	if len(r.Severities) > 0 && !slices.Contains(r.Severities, a.Severity) {
		return false
	}
	for k, want := range r.Match {
		if got, ok := a.Labels[k]; !ok || got != want {
			return false
		}
	}
	return true
}

// named copies routes and fills the names in that are missing.
func named(routes []Route) []Route {
	routes = slices.Clone(routes)
	for i := range routes {
		if routes[i].Name == "" {
			routes[i].Name = fmt.Sprintf("route%d", i+1)
		}
		routes[i].Severities = slices.Clone(routes[i].Severities)
		routes[i].Match = maps.Clone(routes[i].Match)
	}
	return routes
}

// checkRoutes adds what is wrong with routes to f.
func checkRoutes(f *config.Faults, routes []Route) {
	seen := map[string]bool{}
	for i, r := range named(routes) {
		path := fmt.Sprintf("Routes[%d].", i)
		if seen[r.Name] {
			f.Add(path+"Name", "a name that no other route has", r.Name)
		}
		seen[r.Name] = true
		if strings.ContainsFunc(r.Name, unicode.IsControl) { // it is part of keys, which receivers put into headers
			f.Add(path+"Name", "a name without control characters", r.Name)
		}
		if r.To == nil {
			f.Add(path+"To", "a Notifier", nil)
		}
		if r.Repeat < 0 {
			f.Add(path+"Repeat", "no negative duration", r.Repeat.String())
		}
		for j, s := range r.Severities {
			if !s.Valid() {
				f.Add(fmt.Sprintf("%sSeverities[%d]", path, j), wantSeverity, uint8(s))
			}
		}
	}
}
