package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
)

// beacon is what a browser reports of one page view; times in ms.
type beacon struct {
	V          int     `json:"v"`
	Route      string  `json:"route"`
	Device     string  `json:"device"`
	Connection string  `json:"connection"`
	Navigation string  `json:"navigation"`
	Load       float64 `json:"load"`
	Vitals     []vital `json:"vitals"`
}

type vital struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// view goes to a page and reports how it loaded, as the page's own script does
// in a browser. route is the pattern of the page.
func (v *visitor) view(ctx context.Context, path, route string) error {
	if err := v.get(ctx, path); err != nil {
		return err
	}
	return v.report(ctx, route)
}

// report invents vitals of a plausible page: log-normal, slower on a phone.
func (v *visitor) report(ctx context.Context, route string) error {
	b := beacon{V: 1, Route: route, Device: "desktop", Connection: "4g", Navigation: "navigate"}
	slow := 1.0
	if v.chance(.6) {
		b.Device, slow = "mobile", 1.7
	}
	ttfb := v.logNormal(120*slow, .4)
	fcp := ttfb + v.logNormal(350*slow, .4)
	lcp := fcp + v.logNormal(400*slow, .5)
	b.Load = round(lcp + v.logNormal(250*slow, .5))
	for _, m := range []struct {
		name  string
		value float64
	}{{"TTFB", ttfb}, {"FCP", fcp}, {"LCP", lcp}, {"INP", v.logNormal(70*slow, .6)}, {"CLS", min(1, v.logNormal(.02, .9))}} {
		b.Vitals = append(b.Vitals, vital{ID: fmt.Sprintf("v6-%d", v.rand.Uint64()), Name: m.name, Value: round(m.value)})
	}
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := v.s.gate.enter(ctx); err != nil {
		return err
	}
	defer v.s.gate.leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.s.c.URL+"/monitoring/beacon", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	res, err := v.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, maxPage))
	return err // a refused beacon is no reason to leave the shop
}

func round(v float64) float64 { return math.Round(v*1000) / 1000 }
