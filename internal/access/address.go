package access

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// forwarding headers are what a proxy leaves: behind one on the same machine
// every peer looks like loopback.
var forwarding = []string{"Forwarded", "X-Real-Ip", "Via"}

// DirectLoopback reports whether r came straight from this machine: peer and
// Host are loopback, no proxy has left a header, and no other site's page
// makes the browser ask. If not, it says why.
func DirectLoopback(r *http.Request) (ok bool, reason string) {
	if addr := peer(r); !addr.IsLoopback() {
		return false, "the peer is not on this machine"
	}
	if !loopbackHost(r.Host) {
		return false, "the Host is not loopback"
	}
	for _, name := range forwarding {
		if len(r.Header[name]) > 0 {
			return false, "the request came through a proxy"
		}
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			return false, "the request came through a proxy"
		}
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return false, "another site asks"
	}
	return true, ""
}

// ClientAddr is the peer's address, or, where the peer is a trusted proxy, the
// nearest address in X-Forwarded-For that is none. The zero Addr if unknown.
func ClientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := peer(r)
	if !contains(trusted, addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // whatever stands before a forged or broken hop is not to be believed
		}
		addr = hop.Unmap()
		if !contains(trusted, addr) {
			break
		}
	}
	return addr
}

func peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func loopbackHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}
