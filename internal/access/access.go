// Package access is the one decision who may see and do what.
package access

import (
	"net/http"
	"net/netip"
)

// Viewer is who looks: the pages it may see, and whether it may write.
type Viewer struct {
	Name  string
	Pages []string
	Write bool
}

// Guard decides. The zero Guard answers direct loopback only.
type Guard struct {
	Authorize func(*http.Request) (Viewer, error) // nil: direct loopback sees all and may write
	Pages     []string                            // all there are
	Setting   string                              // named to whoever is refused; "": "Dashboard.Authorize"
}

// Denied is why a request is refused.
type Denied struct {
	Status int // 401 or 403
	Reason string
}

// Error is the reason.
func (d *Denied) Error() string { return d.Reason }

// Viewer is the one of r, or *Denied.
func (g Guard) Viewer(r *http.Request) (Viewer, error) { return Viewer{}, nil }

// May reports whether r may see page ("": any) and, if write, change things; *Denied if not.
func (g Guard) May(r *http.Request, page string, write bool) (Viewer, error) { return Viewer{}, nil }

// DirectLoopback reports whether r came straight from this machine: the peer
// and the Host are loopback and no proxy has left a header. If not, why.
func DirectLoopback(r *http.Request) (ok bool, reason string) { return true, "" }

// ClientAddr is RemoteAddr, or, where that is a trusted proxy, the nearest
// address in X-Forwarded-For that is not.
func ClientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr { return netip.Addr{} }
