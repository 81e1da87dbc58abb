package logging

import (
	"net/netip"
	"strings"
)

// targets are the hosts that get all there is about a trace; nil: inside.
type targets []string

// match reports whether host, without a port, is one of them.
func (t targets) match(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" {
		return false
	}
	if t == nil {
		return inside(host)
	}
	for _, pattern := range t {
		if suffix, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasSuffix(host, suffix) || pattern == host {
			return true
		}
	}
	return false
}

// lowered keeps nil nil.
func lowered(hosts []string) targets {
	if hosts == nil {
		return nil
	}
	t := make(targets, len(hosts))
	for i, host := range hosts {
		t[i] = strings.ToLower(strings.TrimSuffix(host, "."))
	}
	return t
}

// inside reports whether only a private network can have host: an address that
// is loopback, private or link-local; a name without a dot, as in a compose
// file or a Kubernetes namespace; a name under a domain that is set aside for
// private use or that clusters use.
func inside(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap()
		return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()
	}
	if !strings.Contains(host, ".") {
		return true
	}
	for _, domain := range [...]string{".internal", ".local", ".localhost", ".svc", ".home.arpa"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}

// validTarget takes a host, "*.domain", and "*".
func validTarget(pattern string) bool {
	rest, wild := strings.CutPrefix(pattern, "*")
	if wild && rest == "" {
		return true
	}
	if wild && rest[0] != '.' {
		return false
	}
	return rest != "" && !strings.ContainsAny(rest, "*/@ \t") && (!strings.Contains(rest, ":") || isAddr(rest))
}

func isAddr(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}
