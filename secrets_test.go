package monitoring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/alerting"
	"github.com/distri-night/monitoring/alerting/notify/webhook"
	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/dashboard"
	"github.com/distri-night/monitoring/dbmon"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/internal/redact/redacttest"
	"github.com/distri-night/monitoring/internal/sentrytest"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
)

// leaky is a service that gives every secret to everything that takes a value,
// and keeps what left by each way out.
type leaky struct {
	t       *testing.T
	m       *monitoring.Monitor
	sentry  *sentrytest.Server
	tracer  *dbmon.Tracer
	seen    *metric.Vec[metric.Counter]
	formats map[string]*logging.Logger
	state   string

	mu  sync.Mutex
	out map[string]*bytes.Buffer
}

// way is a writer for one way out.
func (l *leaky) way(name string) io.Writer {
	return writer(func(b []byte) (int, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.out[name] == nil {
			l.out[name] = &bytes.Buffer{}
		}
		return l.out[name].Write(b)
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func newLeaky(t *testing.T) *leaky {
	l := &leaky{t: t, sentry: sentrytest.New(t), out: map[string]*bytes.Buffer{}, formats: map[string]*logging.Logger{}}
	l.sentry.Fail(http.StatusServiceUnavailable)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(l.way("alert notification"), "%s\n%s\n", r.Header, b)
	}))
	t.Cleanup(receiver.Close)
	to, err := webhook.New(webhook.Config{URL: receiver.URL})
	require.NoError(t, err)
	one := 1.0
	c := quiet(t)
	c.Errors = errortracking.Config{DSN: l.sentry.DSN, FloodLimit: 1000, TracesSampleRate: &one}
	c.Log = logging.Config{Format: "json", Level: slog.LevelDebug, Output: l.way("log"), Handlers: []slog.Handler{
		slog.NewJSONHandler(l.way("JSON handler"), nil), slog.NewTextHandler(l.way("text handler"), nil),
	}}
	c.Alerts.Routes = []alerting.Route{{Name: "ops", To: to}}
	c.Alerts.Rules = append(alerting.DefaultRules(), alerting.Rule{
		Indicator: "leaky", By: []string{"note"}, Levels: []alerting.Level{{Severity: alerting.P2, Threshold: 0.5}},
	})
	all := []dashboard.Page{dashboard.Executive, dashboard.Operations, dashboard.Product, dashboard.Finance}
	c.Dashboard.Authorize = func(*http.Request) (dashboard.Viewer, error) {
		return dashboard.Viewer{Name: "looker", Pages: all, Write: true}, nil
	}
	l.state = c.StateDir
	l.m, err = monitoring.New(t.Context(), c)
	require.NoError(t, err)
	l.tracer = dbmon.NewTracer(l.m.DB)
	l.seen = l.m.Metrics.Counter(metric.Desc{Name: "leaky.seen", Keys: []string{"note"}, Limit: 5000})
	require.NoError(t, l.m.Metrics.Define(metric.Indicator{Name: "leaky", Of: metric.Selector{Metric: "leaky.seen"}, By: []string{"note"}}))
	for _, format := range []string{"json", "console", "gcp", "ecs", "datadog", "logfmt"} {
		l.formats[format], err = logging.New(logging.Config{Format: format, Output: l.way("format " + format)})
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.formats[format].Close(context.Background()) })
	}
	return l
}

type note struct{ Note string }

type noteValuer struct{ v string }

func (n noteValuer) LogValue() slog.Value { return slog.GroupValue(slog.String("note", n.v)) }

type noteMarshaler struct{ v string }

func (n noteMarshaler) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"note": n.v})
}

// log puts s into each place of a record.
func (l *leaky) log(ctx context.Context, to *slog.Logger, s string) {
	encoded, _ := json.Marshal(map[string]any{"a": []string{s}})
	err := fmt.Errorf("wrapped: %w", errors.Join(errors.New(s), &url.Error{Op: "Get", URL: "https://h.example", Err: errors.New(s)}))
	ctx = logging.With(ctx, "of_context", s)
	to.InfoContext(ctx, s)
	to.WarnContext(ctx, "values", "note", s, "bytes", []byte(s), "map", map[string]any{"a": []any{s}}, "struct", note{s}, "pointer", &note{s},
		"valuer", noteValuer{s}, "marshaler", noteMarshaler{s}, "encoded", string(encoded), "raw", json.RawMessage(encoded), "error", err,
		"header", http.Header{"X-Note": {s}}, slog.Group("g", "note", s, slog.Group("h", "note", s)))
	to.With("bound", s).WithGroup("deep").With("note", s).InfoContext(ctx, "bound", "note", s)
}

// request serves a request that is full of s, whose handler panics with it.
func (l *leaky) request(s string) {
	line := strings.ReplaceAll(s, "\n", " ")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes/{note}", func(_ http.ResponseWriter, r *http.Request) {
		ctx := errortracking.WithUser(r.Context(), errortracking.User{ID: s, Email: s, Role: "buyer"})
		errortracking.AddBreadcrumb(ctx, errortracking.Breadcrumb{Category: "own", Message: s, Data: map[string]any{"note": s, "list": []string{s}}})
		l.log(ctx, slog.New(l.m.Log.Handler()), s)
		refused := &pgconn.PgError{Code: "23505", Message: "duplicate " + s, Detail: "Key (note)=(" + s + ") exists"}
		l.m.Errors.CaptureException(ctx, fmt.Errorf("wrapped: %w", errors.Join(errors.New(s), refused)), "note", s, "struct", note{s})
		l.m.Errors.CaptureMessage(ctx, slog.LevelWarn, s, "note", s)
		q := l.tracer.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "select id from notes where a = '" + strings.ReplaceAll(s, "'", "''") + "' and b = $1", Args: []any{s}})
		l.tracer.TraceQueryEnd(q, nil, pgx.TraceQueryEndData{Err: &pgconn.PgError{Code: "23505", Message: s, Detail: s}})
		panic(s)
	})
	r := httptest.NewRequest(http.MethodGet, "http://shop.example/notes/"+url.PathEscape(s)+"?note="+url.QueryEscape(s), strings.NewReader(s))
	for _, name := range []string{"authorization", "Proxy-Authorization", "COOKIE", "Set-Cookie", "x-api-key", "X-Note", "Referer"} {
		r.Header[name] = []string{line}
	}
	l.m.Middleware(mux).ServeHTTP(httptest.NewRecorder(), r)
}

// rest gives s to what is no request.
func (l *leaky) rest(name, s string) {
	ctx := l.t.Context()
	l.seen.With(s).Add(1)
	_, err := l.m.Alerts.CreateAlert(ctx, alerting.Alert{Severity: alerting.P2, Title: "note " + s, Message: s, Labels: map[string]string{"note": s, "name": name}})
	require.NoError(l.t, err)
	l.m.Business.RecordNPS(ctx, bizmetrics.NPS{ID: "nps-" + name, UserID: "u1", Score: 3, Comment: s})
	mark := l.m.Perf.Start(ctx, "note "+s)
	mark.End()
	for _, to := range l.formats {
		l.log(ctx, slog.New(to.Handler()), s)
	}
}

// answers asks every address of the dashboards, also with s in the question.
func (l *leaky) answers(s string) {
	paths := []string{
		"", "executive", "operations", "product", "finance", "api/pages/executive", "api/pages/operations", "api/pages/product", "api/pages/finance",
		"api/logs", "api/alerts", "api/alerts?state=all", "api/database", "api/log-level", "health",
	}
	if s != "" {
		q := url.QueryEscape(s)
		paths = []string{"api/pages/operations?from=" + q, "nothing/" + url.PathEscape(s), "api/logs?correlation_id=" + q, "api/panels/" + url.PathEscape(s) + ".csv"}
	}
	for _, path := range paths {
		fmt.Fprintln(l.way("dashboard "+path), ask(l.t, l.m.Handler(), http.MethodGet, path, "", "Accept", "application/json").body)
		fmt.Fprintln(l.way("dashboard "+path), ask(l.t, l.m.Handler(), http.MethodGet, path, "", "Accept", "text/html").body)
	}
	if s != "" {
		fmt.Fprintln(l.way("log level"), ask(l.t, l.m.Handler(), http.MethodPut, "api/log-level", `{"level":"`+s+`"}`).body)
	}
}

// stream reads the live page for a moment, and each panel as CSV.
func (l *leaky) stream() {
	srv := httptest.NewServer(l.m.Handler())
	defer srv.Close()
	for _, page := range []string{"operations", "product"} {
		ctx, cancel := context.WithTimeout(l.t.Context(), 700*time.Millisecond)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/monitoring/events?page="+page, nil)
		require.NoError(l.t, err)
		if resp, err := srv.Client().Do(r); err == nil {
			_, _ = io.Copy(l.way("stream"), resp.Body)
			_ = resp.Body.Close()
		}
		cancel()
		var shown struct {
			Panels []struct {
				ID string `json:"id"`
			}
		}
		body := ask(l.t, l.m.Handler(), http.MethodGet, "api/pages/"+page, "").body
		require.NoError(l.t, json.Unmarshal([]byte(body), &shown), body)
		for _, p := range shown.Panels {
			fmt.Fprintln(l.way("CSV"), ask(l.t, l.m.Handler(), http.MethodGet, "api/panels/"+p.ID+".csv", "").body)
		}
	}
}

// disk keeps all files of the state folder.
func (l *leaky) disk(dir, when string) {
	require.NoError(l.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		_, _ = l.way("disk " + when + " " + filepath.Dir(strings.TrimPrefix(path, dir))).Write(b)
		return err
	}))
}

func TestNoSecretLeavesByAnyWayOut(t *testing.T) {
	l := newLeaky(t)
	secrets := redacttest.Secrets()
	for i, v := range secrets {
		l.request(v.Text)
		if i%8 == 0 {
			r := httptest.NewRequest(http.MethodGet, "http://shop.example/"+url.PathEscape(v.Text)+"?"+url.QueryEscape(v.Text), nil)
			l.m.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
		}
		l.rest(v.Name, v.Text)
	}
	now := time.Now()
	l.m.Metrics.Sample(now)
	l.m.Metrics.Sample(now.Add(10 * time.Second))
	l.m.Alerts.EvaluateNow(now.Add(10 * time.Second))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, l.m.Business.Sync(ctx))
	l.answers("")
	for _, v := range secrets[:40] {
		if !strings.Contains(v.Text, "//") { // net/http answers with the cleaned path itself
			l.answers(v.Text)
		}
	}
	l.stream()
	fmt.Fprintf(l.way("recent records"), "%+v", l.m.Log.Recent(""))
	fmt.Fprintf(l.way("recent issues"), "%+v", l.m.Errors.Recent())
	fmt.Fprintf(l.way("findings"), "%+v", l.m.DB.Findings())
	l.m.Metrics.Produce(func(f metric.Family) { fmt.Fprintf(l.way("metrics"), "%+v\n", f) })
	time.Sleep(200 * time.Millisecond)
	dir := l.state
	l.disk(dir, "before")
	l.sentry.Heal()
	stopping, done := context.WithTimeout(context.Background(), time.Minute)
	defer done()
	require.NoError(t, l.m.Shutdown(stopping))
	l.disk(dir, "after")
	for _, e := range l.sentry.Envelopes() {
		for _, item := range e.Items {
			_, _ = l.way("Sentry " + item.Type).Write(item.Payload)
		}
	}
	for _, way := range []string{"log", "JSON handler", "text handler", "alert notification", "Sentry event", "Sentry transaction", "stream", "CSV", "recent records", "recent issues", "metrics", "dashboard api/logs", "dashboard api/alerts", "dashboard health"} {
		if assert.NotNil(t, l.out[way], way) {
			assert.NotZero(t, l.out[way].Len(), way)
		}
	}
	t.Logf("%d ways out, %d secrets", len(l.out), len(secrets))
	assert.Contains(t, l.out["dashboard api/alerts"].String(), `"rule":"leaky"`, "a rule's alert, whose labels are attributes")
	assert.Contains(t, l.out["alert notification"].String(), `"rule":"leaky"`)
	find := newFinder()
	for _, v := range secrets {
		find.add(v.Name, v.Secret)
		find.add(v.Name, url.QueryEscape(v.Secret))
		find.add(v.Name, url.PathEscape(v.Secret))
	}
	encoded := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">", `\"`, `"`, `\n`, "\n", "&lt;", "<", "&#34;", `"`, "&amp;", "&")
	for way, b := range l.out {
		for _, text := range []string{b.String(), encoded.Replace(b.String())} {
			find.in(text, func(name string, i int) {
				t.Errorf("%s: %s: ...%s...", way, name, text[max(0, i-120):min(len(text), i+80)])
			})
		}
	}
}

// finder looks for many texts at once, by their first eight bytes.
type finder struct {
	texts map[[8]byte][][2]string
	maybe [1 << 16]bool // by the first bytes' hash
}

func newFinder() *finder { return &finder{texts: map[[8]byte][][2]string{}} }

// add ignores short texts: a few digits are in everything by chance.
func (f *finder) add(name, text string) {
	if len(text) < 8 {
		return
	}
	k := [8]byte([]byte(text))
	f.texts[k] = append(f.texts[k], [2]string{name, text})
	f.maybe[uint16(k[0])<<8^uint16(k[2])<<4^uint16(k[5])] = true
}

func (f *finder) in(s string, found func(name string, i int)) {
	for i := 0; i+8 <= len(s); i++ {
		if !f.maybe[uint16(s[i])<<8^uint16(s[i+2])<<4^uint16(s[i+5])] {
			continue
		}
		for _, t := range f.texts[[8]byte([]byte(s[i:i+8]))] {
			if strings.HasPrefix(s[i:], t[1]) {
				found(t[0], i)
			}
		}
	}
}
