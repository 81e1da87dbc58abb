package perfmon

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/distri-night/monitoring/metric"
)

const (
	maxHosts  = 50
	maxName   = 253 // of a name in DNS
	addresses = "ip"
	otherHost = "other"
)

// host holds the handles of one host that is called.
type host struct {
	name    string
	handles [len(methods)][callKinds]atomic.Pointer[metric.Histogram]
}

func (h *host) handle(to *outgoing, method string, o callResult, kind callError) *metric.Histogram {
	i := callMethod(method)
	known := h.handles[i][kind].Load()
	if known == nil {
		known = to.calls.With(methods[i], h.name, callResults[o], callErrors[kind])
		h.handles[i][kind].Store(known)
	}
	return known
}

// callMethod is the index of an outgoing call's method: "" is GET, as net/http
// has it.
func callMethod(method string) int {
	if method == "" {
		return 0
	}
	return methodIndex(method)
}

// outgoing finds the handles of a host. Reading takes no lock: the map is
// copied when a host is called first.
type outgoing struct {
	calls *metric.Vec[metric.Histogram]

	byName atomic.Pointer[map[string]*host]
	mu     sync.Mutex
	other  atomic.Pointer[host]
}

func (out *outgoing) find(name string) *host {
	name = hostName(name)
	full := false
	if known := out.byName.Load(); known != nil {
		if h, ok := (*known)[name]; ok {
			return h
		}
		full = len(*known) >= maxHosts
	}
	if other := out.other.Load(); full && other != nil {
		return other
	}
	return out.add(name)
}

func (out *outgoing) add(name string) *host {
	out.mu.Lock()
	defer out.mu.Unlock()
	known := map[string]*host{}
	if old := out.byName.Load(); old != nil {
		known = *old
	}
	if h, ok := known[name]; ok {
		return h
	}
	if len(known) >= maxHosts {
		if out.other.Load() == nil {
			out.other.Store(&host{name: otherHost})
		}
		return out.other.Load()
	}
	added := &host{name: strings.Clone(name)}
	next := make(map[string]*host, len(known)+1)
	maps.Copy(next, known)
	next[added.name] = added
	out.byName.Store(&next)
	return added
}

// hostName is what a host counts as: its name in lower case, "ip" for an
// address, "other" for what is no name.
func hostName(name string) string {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > maxName {
		return otherHost
	}
	upper := false
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		case 'A' <= c && c <= 'Z':
			upper = true
		case c == ':': // IPv6; URL.Hostname has taken the port off
			return addresses
		default:
			return otherHost
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") || strings.HasPrefix(last, "0X") {
		return addresses // no top-level domain is a number (WHATWG URL, "ends in a number")
	}
	if upper {
		return strings.ToLower(name)
	}
	return name
}
