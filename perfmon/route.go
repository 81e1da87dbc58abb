package perfmon

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/metric"
)

const (
	maxRoutes  = 200
	otherRoute = "other"
)

// methods are those that RFC 9110 and RFC 5789 know, in the order of a
// route's handles; any other counts as "_OTHER".
var methods = [...]string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE", "_OTHER"}

func methodIndex(method string) int {
	for i, known := range methods {
		if method == known {
			return i
		}
	}
	return len(methods) - 1
}

// route holds the handles of one route, resolved on first use.
type route struct {
	name         string
	streams      *metric.Histogram
	firstByte    *metric.Histogram
	requestSize  *metric.Histogram
	responseSize *metric.Histogram
	handles      [len(methods)][outcomes]atomic.Pointer[metric.Histogram]
}

// routes finds a route's handles by one look-up of the pattern as the mux has
// it. Reading takes no lock: the map is copied when a route is seen first.
type routes struct {
	requests, streams, firstByte, requestSize, responseSize *metric.Vec[metric.Histogram]

	byPattern atomic.Pointer[map[string]*route]
	mu        sync.Mutex
	other     *route
}

func (rs *routes) find(pattern string) *route {
	if known := rs.byPattern.Load(); known != nil {
		if r, ok := (*known)[pattern]; ok {
			return r
		}
	}
	return rs.add(pattern)
}

func (rs *routes) add(pattern string) *route {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	known := map[string]*route{}
	if old := rs.byPattern.Load(); old != nil {
		known = *old
	}
	if r, ok := known[pattern]; ok {
		return r
	}
	if len(known) >= maxRoutes {
		if rs.other == nil {
			rs.other = rs.make(otherRoute)
		}
		return rs.other
	}
	added := rs.make(reqctx.PatternRoute(pattern))
	next := make(map[string]*route, len(known)+1)
	maps.Copy(next, known)
	next[pattern] = added
	rs.byPattern.Store(&next)
	return added
}

func (rs *routes) make(name string) *route {
	return &route{
		name:      name,
		streams:   rs.streams.With(name),
		firstByte: rs.firstByte.With(name), requestSize: rs.requestSize.With(name), responseSize: rs.responseSize.With(name),
	}
}

func (rs *routes) handle(r *route, method string, o outcome) *metric.Histogram {
	i := methodIndex(method)
	h := r.handles[i][o].Load()
	if h == nil {
		h = rs.requests.With(methods[i], r.name, outcomeNames[o])
		r.handles[i][o].Store(h)
	}
	return h
}

// known reports whether the service has answered a request on this route.
func (rs *routes) known(name string) bool {
	patterns := rs.byPattern.Load()
	if patterns == nil {
		return false
	}
	for _, r := range *patterns {
		if r.name == name {
			return true
		}
	}
	return false
}
