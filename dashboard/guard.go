package dashboard

import (
	"net/http"
	"slices"

	"github.com/distri-night/monitoring/internal/access"
	"github.com/distri-night/monitoring/internal/problem"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// see is the viewer of r if there is such a page and it may be seen. If not,
// the refusal has been written. Who is no viewer learns nothing about pages.
func (d *Dashboard) see(w http.ResponseWriter, r *http.Request, page Page) (access.Viewer, bool) {
	if _, err := d.guard.Viewer(r); err != nil {
		refuse(w, err)
		return access.Viewer{}, false
	}
	if !slices.Contains(d.shown, page) {
		problem.Write(w, http.StatusNotFound, "there is no such page, or it has no panels")
		return access.Viewer{}, false
	}
	v, err := d.guard.May(r, string(page), false)
	if err != nil {
		refuse(w, err)
		return access.Viewer{}, false
	}
	return v, true
}

// guarded lets only those through who may see page ("": any viewer) and, if
// write, change things.
func (d *Dashboard) guarded(page Page, write bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, err := d.guard.May(r, string(page), write)
		if err != nil {
			refuse(w, err)
			return
		}
		if viewer.Name != "" { // who acted is told beside what was done
			r = r.WithContext(reqctx.WithUser(r.Context(), reqctx.User{ID: viewer.Name}))
		}
		next.ServeHTTP(w, r)
		if write {
			d.note() // whoever looks sees what it did without waiting for a sample
		}
	})
}

// visible are the pages that exist and that v may see, in the order of tabs.
func (d *Dashboard) visible(v access.Viewer) []Page {
	var out []Page
	for _, p := range d.shown {
		if slices.Contains(v.Pages, string(p)) {
			out = append(out, p)
		}
	}
	return out
}
