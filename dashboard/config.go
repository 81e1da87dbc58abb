package dashboard

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/access"
	"github.com/distri-night/monitoring/internal/config"
)

var (
	// ErrInvalid is what a wrong setting Is.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned where there is no Dashboard to act on.
	ErrNotInitialized = config.ErrNotInitialized
)

var (
	panelID  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	ancestor = regexp.MustCompile(`^('self'|https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?)$`)
	prefixed = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
)

var pages = []Page{Executive, Operations, Product, Finance}

// Validate names all wrong fields in one error.
func (c Config) Validate() error {
	var f config.Faults
	seen := map[string]bool{}
	for i, p := range c.Panels {
		at := fmt.Sprintf("Panels[%d].", i)
		if !panelID.MatchString(p.ID) {
			f.Add(at+"ID", "1 to 64 letters, digits, - or _", p.ID)
		} else if seen[p.ID] {
			f.Add(at+"ID", "an ID that no other panel has", p.ID)
		}
		seen[p.ID] = true
		if !slices.Contains(pages, p.Page) {
			f.Add(at+"Page", "executive, operations, product or finance", string(p.Page))
		}
		if p.Width < 0 || p.Width > 12 {
			f.Add(at+"Width", "0 to 12 columns", p.Width)
		}
		if p.Span < 0 || p.Span > 12 {
			f.Add(at+"Span", "0 to 12 columns", p.Span)
		}
		if p.Data == nil {
			f.Add(at+"Data", "a function", nil)
		}
		for j, t := range p.Thresholds {
			f.Finite(fmt.Sprintf("%sThresholds[%d].Value", at, j), t.Value)
		}
	}
	for i, a := range c.FrameAncestors {
		if !ancestor.MatchString(a) {
			f.Add(fmt.Sprintf("FrameAncestors[%d]", i), "'self' or an origin such as https://wall.example", a)
		}
	}
	if c.Prefix != "" && !prefixed.MatchString(c.Prefix) {
		f.Add("Prefix", "a path such as /monitoring", c.Prefix)
	}
	for i, r := range c.Routes {
		at := fmt.Sprintf("Routes[%d].", i)
		if r.Handler == nil {
			f.Add(at+"Handler", "a handler", nil)
		}
		if r.Page != "" && !slices.Contains(pages, r.Page) {
			f.Add(at+"Page", `"" or one of the pages`, string(r.Page))
		}
		if _, path, _ := strings.Cut(r.Pattern, " "); !strings.HasPrefix(path, "/") && !strings.HasPrefix(r.Pattern, "/") {
			f.Add(at+"Pattern", `a pattern such as "GET /api/alerts"`, r.Pattern)
		}
	}
	return f.Err()
}

// withDefaults fills what the zero Config leaves open.
func (c Config) withDefaults() Config {
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.Title == "" {
		c.Title = "Monitoring"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Prefix == "" {
		c.Prefix = "/monitoring"
	}
	c.Panels = slices.Clone(c.Panels)
	c.Routes = slices.Clone(c.Routes)
	c.FrameAncestors = slices.Clone(c.FrameAncestors)
	return c
}

// guard is the access decision for these settings.
func (c Config) guard(shown []Page) access.Guard {
	g := access.Guard{Setting: "Dashboard.Authorize"}
	for _, p := range shown {
		g.Pages = append(g.Pages, string(p))
	}
	if c.Authorize != nil {
		g.Authorize = func(r *http.Request) (access.Viewer, error) {
			v, err := c.Authorize(r)
			if err != nil {
				return access.Viewer{}, err
			}
			out := access.Viewer{Name: v.Name, Write: v.Write}
			for _, p := range v.Pages {
				out.Pages = append(out.Pages, string(p))
			}
			return out, nil
		}
	}
	return g
}
