package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/distri-night/monitoring/internal/problem"
)

//go:embed assets
var embedded embed.FS

// bundle is what the browser loads, by a name that changes with the content,
// so that it may be kept for ever.
type bundle struct {
	name map[string]string // plain to hashed
	file map[string]file   // by hashed name
}

type file struct {
	kind   string
	body   []byte
	zipped []byte // nil: does not get smaller
}

var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// assets hashes and compresses them once, when the first page is asked for.
var assets = sync.OnceValue(func() bundle {
	b := bundle{name: map[string]string{}, file: map[string]file{}}
	for _, plain := range []string{"inter.woff2", "inter-LICENSE.txt", "licenses.txt", "icon.svg", "app.css", "app.js"} {
		body, err := embedded.ReadFile("assets/" + plain)
		if err != nil {
			continue // the build without it does not link to it
		}
		if plain == "app.css" { // it names the font
			body = bytes.ReplaceAll(body, []byte("inter.woff2"), []byte(b.name["inter.woff2"]))
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(plain)
		hashed := strings.TrimSuffix(plain, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		b.name[plain] = hashed
		b.file[hashed] = file{kind: kinds[ext], body: body, zipped: zip(body, ext)}
	}
	return b
})

func zip(body []byte, ext string) []byte {
	if ext == ".woff2" { // compressed already
		return nil
	}
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails for an unknown level only
	_, _ = w.Write(body)                                    // memory takes all
	_ = w.Close()
	return out.Bytes()
}

// asset is for any viewer.
func (d *Dashboard) asset(w http.ResponseWriter, r *http.Request) {
	if _, err := d.guard.Viewer(r); err != nil {
		refuse(w, err)
		return
	}
	f, ok := assets().file[r.PathValue("file")]
	if !ok {
		problem.Write(w, http.StatusNotFound, "there is no such file; reload the page")
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	body := f.body
	if f.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = f.zipped
		}
	}
	_, _ = w.Write(body) // a client that left needs no answer
}
