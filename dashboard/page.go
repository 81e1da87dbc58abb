package dashboard

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/distri-night/monitoring/internal/problem"
)

// shell is the whole HTML: the script draws the rest from the page's JSON. It
// holds no inline code and no style, and links are relative.
var shell = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"{{with .Theme}} data-theme="{{.}}"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Heading}} · {{.Title}}</title>
<link rel="icon" href="assets/{{.Icon}}" type="image/svg+xml">
<link rel="preload" href="assets/{{.Font}}" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="assets/{{.Style}}">
<script src="assets/{{.Script}}" defer></script>
</head>
<body data-boot="{{.Boot}}">
<noscript>These pages are drawn by a script of this server. The figures are also at <a href="api/pages/{{.Page}}">api/pages/{{.Page}}</a>.</noscript>
</body>
</html>
`))

// boot is what the script needs before the first reading.
type boot struct {
	Page     Page   `json:"page"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle,omitempty"`
	Version  string `json:"version,omitempty"`
	Zone     string `json:"zone"`
	Pages    []Page `json:"pages"`
	Usual    string `json:"usual"`
	Viewer   string `json:"viewer,omitempty"`
	Write    bool   `json:"write"`
	Shape    []hint `json:"shape"` // so that the loading blocks have their final size
}

type hint struct {
	Title string `json:"title"`
	Width int    `json:"width"`
	Group string `json:"group,omitempty"`
	Span  int    `json:"span,omitempty"`
}

func (d *Dashboard) page(w http.ResponseWriter, r *http.Request, page Page) {
	v, ok := d.see(w, r, page)
	if !ok {
		return
	}
	b := boot{
		Page: page, Title: d.cfg.Title, Subtitle: d.cfg.Subtitle, Version: d.cfg.Version, Zone: d.cfg.Location.String(),
		Pages: d.visible(v), Usual: usual[page].live, Viewer: v.Name, Write: v.Write,
	}
	if b.Zone == "Local" { // a name that the browser would not know
		b.Zone = ""
	}
	for _, p := range d.panels[page] {
		b.Shape = append(b.Shape, hint{p.Title, max(p.Width, 0), p.Group, p.Span})
	}
	body, err := json.Marshal(b)
	if err != nil {
		problem.Write(w, http.StatusInternalServerError, "encode the page")
		return
	}
	theme := ""
	if c, err := r.Cookie("monitoring-theme"); err == nil && slices.Contains([]string{"light", "dark"}, c.Value) {
		theme = c.Value // known before the first paint, so that nothing flashes
	}
	a := assets()
	var out bytes.Buffer
	err = shell.Execute(&out, map[string]any{
		"Theme": theme, "Title": d.cfg.Title, "Heading": strings.ToUpper(string(page[:1])) + string(page[1:]), "Page": string(page),
		"Boot": string(body), "Font": a.name["inter.woff2"], "Style": a.name["app.css"], "Script": a.name["app.js"], "Icon": a.name["icon.svg"],
	})
	if err != nil {
		problem.Write(w, http.StatusInternalServerError, "draw the page")
		return
	}
	w.Header().Set("Vary", "Cookie")
	answer(w, "text/html; charset=utf-8", out.Bytes())
}

// policy is the Content-Security-Policy of every answer.
func policy(ancestors []string) string {
	frames := "'none'"
	if len(ancestors) > 0 {
		frames = strings.Join(ancestors, " ")
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors " + frames
}
