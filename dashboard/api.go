package dashboard

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/distri-night/monitoring/internal/problem"
)

// apiPage is a page's data as JSON.
func (d *Dashboard) apiPage(w http.ResponseWriter, r *http.Request) {
	page := Page(r.PathValue("page"))
	v, ok := d.see(w, r, page)
	if !ok {
		return
	}
	b, ok := d.asked(w, r, page)
	if !ok {
		return
	}
	st, _, _, _ := b.since(0) // look saw to a reading
	st.Tabs = d.tabs(d.visible(v))
	body, err := json.Marshal(st)
	if err != nil {
		problem.Write(w, http.StatusInternalServerError, "encode the page")
		return
	}
	answer(w, "application/json", append(body, '\n'))
}

// asked is the board of the span in the query, read. If there is none, the
// refusal has been written.
func (d *Dashboard) asked(w http.ResponseWriter, r *http.Request, page Page) (*board, bool) {
	q := r.URL.Query()
	s, err := parseSpan(page, q.Get("from"), q.Get("to"), d.cfg.Now())
	if err != nil {
		problem.Write(w, http.StatusBadRequest, err.Error())
		return nil, false
	}
	b, err := d.look(r.Context(), key{page, s})
	if err != nil {
		problem.Write(w, http.StatusServiceUnavailable, err.Error())
		return nil, false
	}
	return b, true
}

// apiPanel is one panel's table or series as CSV.
func (d *Dashboard) apiPanel(w http.ResponseWriter, r *http.Request) {
	if _, err := d.guard.Viewer(r); err != nil {
		refuse(w, err)
		return
	}
	id, isCSV := strings.CutSuffix(r.PathValue("file"), ".csv")
	p := d.byID[id]
	if !isCSV || p == nil {
		problem.Write(w, http.StatusNotFound, "there is no such panel")
		return
	}
	if _, ok := d.see(w, r, p.Page); !ok {
		return
	}
	q := r.URL.Query()
	s, err := parseSpan(p.Page, q.Get("from"), q.Get("to"), d.cfg.Now())
	if err != nil {
		problem.Write(w, http.StatusBadRequest, err.Error())
		return
	}
	body, err := d.csv(r.Context(), p, s)
	if err != nil {
		problem.Write(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	if body == nil {
		problem.Write(w, http.StatusNotFound, "this panel is neither a table nor a series")
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.csv"`)
	answer(w, "text/csv; charset=utf-8", body)
}

func answer(w http.ResponseWriter, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // a client that left needs no answer
}

// home leads to the first page that the viewer may see.
func (d *Dashboard) home(w http.ResponseWriter, r *http.Request) {
	v, err := d.guard.Viewer(r)
	if err != nil {
		refuse(w, err)
		return
	}
	first := slices.IndexFunc(d.shown, func(p Page) bool { return slices.Contains(v.Pages, string(p)) })
	switch {
	case len(d.shown) == 0:
		problem.Write(w, http.StatusNotFound, "there are no panels")
	case first < 0:
		problem.Write(w, http.StatusForbidden, "this viewer may see no page")
	default:
		w.Header().Set("Location", "./"+string(d.shown[first])) // relative: the prefix is not known here
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusFound)
	}
}
