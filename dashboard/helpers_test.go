package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// bell is a Config.Changed that the test rings.
type bell struct{ f func(time.Time) }

func (b *bell) changed(f func(time.Time)) func() { b.f = f; return func() {} }

func value(v any) func(context.Context, time.Time, time.Time) (any, error) {
	return func(context.Context, time.Time, time.Time) (any, error) { return v, nil }
}

func number(id string, page Page, v any) Panel {
	return Panel{ID: id, Title: id, Page: page, Data: value(v)}
}

// byName authorises by a header: "ops" sees operations, "boss" all and may write.
func byName(r *http.Request) (Viewer, error) {
	switch r.Header.Get("X-Who") {
	case "ops":
		return Viewer{Name: "ops", Pages: []Page{Operations}}, nil
	case "cfo":
		return Viewer{Name: "cfo", Pages: []Page{Finance}}, nil
	case "boss":
		return Viewer{Name: "boss", Pages: []Page{Operations, Executive, Finance}, Write: true}, nil
	case "nobody":
		return Viewer{Name: "nobody"}, nil
	}
	return Viewer{}, errors.New("token sk-secret is unknown")
}

// start makes a Dashboard that is closed at the end of t.
func start(t *testing.T, c Config) *Dashboard {
	t.Helper()
	if c.Now == nil {
		c.Now = func() time.Time { return noon }
	}
	if c.Changed == nil {
		c.Changed = new(bell).changed
	}
	d, err := New(c)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, d.Close(ctx))
	})
	return d
}

// ask sends one request from this machine.
func ask(d http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:4711", "localhost"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}
