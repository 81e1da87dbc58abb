// Package access is the one decision who may see and do what: pages, JSON,
// streams, CSV and mounts all ask it. It is closed by default: without an
// Authorize function only a viewer who came straight from this machine is let
// in.
package access

import (
	"fmt"
	"net/http"
	"slices"
)

// Viewer is who looks: the pages it may see, and whether it may write.
type Viewer struct {
	Name  string
	Pages []string
	Write bool
}

// Guard decides. The zero Guard answers direct loopback only. Safe for
// concurrent use if Authorize is.
type Guard struct {
	Authorize func(*http.Request) (Viewer, error) // nil: direct loopback sees all and may write
	Pages     []string                            // all there are, for a loopback viewer
	Setting   string                              // named to whoever is refused; "": "Dashboard.Authorize"
}

// Denied is why a request is refused.
type Denied struct {
	Status int // 401: not authorised; 403: authorised, but not for this
	Reason string
}

// Error is the reason, fit to be shown to whoever asked.
func (d *Denied) Error() string { return d.Reason }

// Viewer is the one of r, or a *Denied.
func (g Guard) Viewer(r *http.Request) (Viewer, error) {
	if g.Authorize == nil {
		if ok, reason := DirectLoopback(r); !ok {
			setting := g.Setting
			if setting == "" {
				setting = "Dashboard.Authorize"
			}
			return Viewer{}, &Denied{http.StatusForbidden, fmt.Sprintf("%s; only direct loopback is answered until %s is set", reason, setting)}
		}
		return Viewer{Name: "loopback", Pages: g.Pages, Write: true}, nil
	}
	v, err := g.Authorize(r)
	if err != nil {
		return Viewer{}, &Denied{http.StatusUnauthorized, "not authorised"} // err may hold what is not the asker's to know
	}
	return v, nil
}

// May is the viewer of r if it may see page ("": whoever is a viewer) and,
// if write, change things; else a *Denied.
func (g Guard) May(r *http.Request, page string, write bool) (Viewer, error) {
	v, err := g.Viewer(r)
	switch {
	case err != nil:
		return Viewer{}, err
	case page != "" && !slices.Contains(v.Pages, page):
		return Viewer{}, &Denied{http.StatusForbidden, fmt.Sprintf("this viewer may not see %s", page)}
	case write && !v.Write:
		return Viewer{}, &Denied{http.StatusForbidden, "this viewer may look, but not change anything"}
	default:
		return v, nil
	}
}
