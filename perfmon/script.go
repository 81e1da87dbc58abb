package perfmon

import (
	"bytes"
	_ "embed" // for the script
	"net/http"
	"strconv"
)

//go:embed vitals.js
var script []byte

// renderScript sets the sample rate, nil for all page views.
func renderScript(rate *float64) []byte {
	share := 1.0
	if rate != nil {
		share = *rate
	}
	return bytes.Replace(script, []byte("SAMPLE_RATE"), []byte(strconv.FormatFloat(share, 'f', -1, 64)), 1)
}

// Script serves the JavaScript that measures a page view and sends one beacon
// to the path "beacon" beside it. It needs no setting; with data-route the
// page names its route pattern:
//
//	<script src="/monitoring/vitals.js" data-route="/orders/{id}" defer></script>
func (m *Monitor) Script() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		if m == nil || m.config.Disabled {
			return // an empty script: the page's tag does no harm
		}
		_, _ = w.Write(m.script)
	})
}
