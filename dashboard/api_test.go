package dashboard

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEveryKindHasItsShape(t *testing.T) {
	nan, half := math.NaN(), 0.5
	minute := []time.Time{noon.Add(-2 * time.Minute), noon.Add(-time.Minute), noon}
	curve := Series{At: minute, Lines: []Line{{Name: "now", Values: []float64{1, nan}}, {Name: "before", Previous: true, Values: []float64{1, 2, math.Inf(1), 4}}}, Markers: []Marker{{At: noon, Kind: "deploy", Label: "v1", Link: "javascript:alert(1)"}}}
	d := start(t, Config{Panels: []Panel{
		{ID: "verdict", Title: "V", Page: Operations, Data: value(Verdict{Level: "P0", Title: "t", Since: noon, Value: nan, Chart: &curve, Actions: []Action{{Text: "Acknowledge", Post: "api/x", Key: "a"}, {Text: "bad", Href: "data:text/html,x"}}})},
		{ID: "number", Title: "N", Page: Operations, Unit: "%", Good: UpIsGood, Thresholds: []Threshold{{Level: "P0", Value: 99}}, Data: value(&Number{Value: math.Inf(-1), Target: nan, Spark: []float64{1, nan, 3}})},
		{ID: "money", Title: "M", Page: Operations, Data: value(Number{Value: 123456, Currency: "JPY"})},
		{ID: "series", Title: "S", Page: Operations, Data: value(curve)},
		{ID: "table", Title: "T", Page: Operations, Data: value(Table{Columns: []string{"a", "b", "c"}, Rows: [][]any{{"x", nan}, {1, Cell{Value: noon, Bar: &half}, nil, "beyond"}, {[]int{1}, Cell{Value: Cell{Value: 2}}, true}}})},
		{ID: "list", Title: "L", Page: Operations, Data: value(List{Items: []Item{{Title: "i", Level: "P2", At: noon}}})},
		{ID: "timeline", Title: "Z", Page: Operations, Data: value(Timeline{From: minute[0], To: noon, Lanes: []Lane{{Name: "P0", Spans: []Span{{Start: minute[1]}}}}})},
		{ID: "hero", Title: "H", Page: Operations, Data: value(Hero{Value: 1, Pace: nan, Currency: "EUR", Curve: curve})},
		{ID: "other", Title: "O", Page: Operations, Data: value(42)},
		{ID: "nil", Title: "0", Page: Operations, Data: value((*Table)(nil))},
	}})
	w := ask(d, "GET", "/monitoring/api/pages/operations")
	require.Equal(t, 200, w.Code)
	var doc any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	got, err := json.MarshalIndent(doc, "", " ")
	require.NoError(t, err)
	const golden = "testdata/operations.json"
	if *update {
		require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got))
}

func TestAFailingPanelShowsItOnItselfOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		d, err := New(Config{Changed: new(bell).changed, Panels: []Panel{
			number("fine", Operations, Number{Value: 5}),
			{ID: "fails", Title: "f", Page: Operations, Data: func(context.Context, time.Time, time.Time) (any, error) {
				return nil, errors.New("store: connection refused")
			}},
			{ID: "panics", Title: "p", Page: Operations, Data: func(context.Context, time.Time, time.Time) (any, error) { panic("boom") }},
			{ID: "hangs", Title: "h", Page: Operations, Data: func(context.Context, time.Time, time.Time) (any, error) {
				<-release // whatever the context says
				return Number{}, nil
			}},
		}})
		require.NoError(t, err)
		read := func(query string) map[string]string {
			began := time.Now()
			w := ask(d, "GET", "/monitoring/api/pages/operations"+query)
			require.Equal(t, 200, w.Code)
			assert.LessOrEqual(t, time.Since(began), patience)
			var s struct {
				Panels []struct{ ID, Kind, Error string }
			}
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &s))
			out := map[string]string{}
			for _, p := range s.Panels {
				out[p.ID] = p.Kind + p.Error
			}
			return out
		}
		got := read("")
		assert.Equal(t, "number", got["fine"])
		assert.Equal(t, "errorstore: connection refused", got["fails"])
		assert.Equal(t, "errorthe panel panicked: boom", got["panics"])
		assert.Equal(t, "errorno answer within 5 s", got["hangs"])
		assert.Contains(t, read("?from=-2h&to=-1h")["hangs"], "no answer")
		assert.Contains(t, read("?from=-3h&to=-1h")["hangs"], "earlier reading", "a panel that hangs is not asked without end")
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, d.Close(short), context.DeadlineExceeded)
		close(release)
		require.NoError(t, d.Close(t.Context()))
	})
}

func TestABrokenRangeIsAProblemAndNothingElse(t *testing.T) {
	asked := 0
	d := start(t, Config{Panels: []Panel{{ID: "x", Title: "x", Page: Operations, Data: func(context.Context, time.Time, time.Time) (any, error) {
		asked++
		return Number{}, nil
	}}}})
	for _, q := range []string{
		"from=yesterday", "from=-1y", "from=-99999999999h", "from=-999999w", "from=--1h", "from=1h", "from=NaN", "from=-1h&to=x", "to=-1h", "from=now&to=-1h", "from=-1h&to=-1h",
		"from=0001-01-01T00:00:00Z", "from=9999-12-31T23:59:59Z", "from=2026-11-25T12:00:00", "from=-401d", "from=%00", "from=-1h%0a", "from=" + strings.Repeat("9", 10000),
		"from=2026-11-25T11:59:59.9Z&to=2026-11-25T11:59:59.95Z",
	} {
		for _, path := range []string{"/monitoring/api/pages/operations?", "/monitoring/api/panels/x.csv?", "/monitoring/events?page=operations&"} {
			w := ask(d, "GET", path+q)
			assert.Equal(t, 400, w.Code, path+q[:min(len(q), 80)])
			assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			assert.Less(t, w.Body.Len(), 400)
		}
	}
	assert.Zero(t, asked)
	assert.Equal(t, 400, ask(d, "GET", "/monitoring/events?page=operations&from=-2h").Code, "no stream of an odd span")
}

func TestFromAndToReachThePanel(t *testing.T) {
	var from, to time.Time
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	d := start(t, Config{Location: paris, Panels: []Panel{{ID: "x", Title: "x", Page: Executive, Data: func(_ context.Context, f, tt time.Time) (any, error) {
		from, to = f, tt
		return Number{}, nil
	}}}})
	for q, want := range map[string][2]time.Time{
		"":                {time.Date(2026, 11, 25, 0, 0, 0, 0, paris), noon},
		"from=-1h":        {noon.Add(-time.Hour), noon},
		"from=-2d&to=-1d": {noon.Add(-48 * time.Hour), noon.Add(-24 * time.Hour)},
		"from=2026-11-24T10:00:00Z&to=" + url.QueryEscape("2026-11-24T13:00:00+02:00"): {time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)},
	} {
		require.Equal(t, 200, ask(d, "GET", "/monitoring/api/pages/executive?"+q).Code, q)
		assert.True(t, want[0].Equal(from), "%q: from %s", q, from)
		assert.True(t, want[1].Equal(to), "%q: to %s", q, to)
	}
}

func TestFixedSpansAreCachedAndBounded(t *testing.T) {
	asked := 0
	d := start(t, Config{Panels: []Panel{{ID: "x", Title: "x", Page: Operations, Data: func(context.Context, time.Time, time.Time) (any, error) {
		asked++
		return Number{}, nil
	}}}})
	for range 3 {
		require.Equal(t, 200, ask(d, "GET", "/monitoring/api/pages/operations?from=-3h&to=-2h").Code)
	}
	assert.Equal(t, 1, asked)
	for i := range 3 * maxFixed {
		require.Equal(t, 200, ask(d, "GET", "/monitoring/api/pages/operations?to=-1h&from="+noon.Add(-time.Duration(i+100)*time.Minute).Format(time.RFC3339)).Code)
	}
	assert.Len(t, d.boards.fixed, maxFixed)
	assert.Equal(t, maxFixed, d.boards.order.Len())
}

func TestCSVHoldsTheFiguresAndRunsNoFormula(t *testing.T) {
	columns := []string{"=name", "n"}
	d := start(t, Config{Panels: []Panel{
		{ID: "t", Title: "t", Page: Operations, Data: value(Table{Columns: columns, Rows: [][]any{{"@SUM(A1)", 1.5}, {"a,\"b\"", -3}, {Cell{Value: "-x"}, math.NaN()}, {noon, nil}}})},
		{ID: "s", Title: "s", Page: Operations, Data: value(Series{At: []time.Time{noon}, Lines: []Line{{Name: "p95", Values: []float64{12.25}}, {Name: "short"}}})},
		number("n", Operations, Number{}),
	}})
	w := ask(d, "GET", "/monitoring/api/panels/t.csv")
	require.Equal(t, 200, w.Code)
	rows, err := csv.NewReader(w.Body).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"'=name", "n"}, {"'@SUM(A1)", "1.5"}, {"a,\"b\"", "-3"}, {"'-x", ""}, {"2026-11-25T12:00:00Z", ""}}, rows)
	assert.Equal(t, "=name", columns[0], "the panel's memory is left alone")
	w = ask(d, "GET", "/monitoring/api/panels/s.csv")
	assert.Equal(t, "time,p95,short\r\n2026-11-25T12:00:00Z,12.25,\r\n", w.Body.String())
	assert.Equal(t, 404, ask(d, "GET", "/monitoring/api/panels/n.csv").Code)
	assert.Equal(t, 404, ask(d, "GET", "/monitoring/api/panels/t.xml").Code)
}

func TestThePageHoldsNoInlineCodeAndLinksRelatively(t *testing.T) {
	d := start(t, Config{Title: `<script>alert("x")</script>`, Panels: []Panel{number("a", Operations, Number{})}})
	body := ask(d, "GET", "/monitoring/operations").Body.String()
	assert.NotContains(t, body, "<script>")
	assert.NotContains(t, body, "style=")
	assert.NotContains(t, body, "http://")
	assert.NotContains(t, body, "https://")
	assert.NotContains(t, body, `="/`)
	for plain, hashed := range assets().name {
		if strings.HasSuffix(plain, ".txt") {
			continue
		}
		assert.Contains(t, body, "assets/"+hashed)
		w := ask(d, "GET", "/monitoring/assets/"+hashed, "Accept-Encoding", "gzip")
		assert.Equal(t, 200, w.Code)
		assert.Contains(t, w.Header().Get("Cache-Control"), "immutable")
	}
	assert.Len(t, assets().name, 6)
	assert.Contains(t, ask(d, "GET", "/monitoring/operations", "Cookie", "monitoring-theme=dark").Body.String(), `data-theme="dark"`)
	assert.NotContains(t, ask(d, "GET", "/monitoring/operations", "Cookie", `monitoring-theme="><b>`).Body.String(), "data-theme")
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"-1h", "now", "today", "2026-11-25T12:00:00Z", "-7d"} {
		f.Add(s, "now")
	}
	f.Fuzz(func(t *testing.T, from, to string) {
		s, err := parseSpan(Operations, from, to, noon)
		if err != nil {
			return
		}
		a, b := s.bounds(noon, time.UTC)
		assert.True(t, a.Before(b), "%q %q", from, to)
		assert.LessOrEqual(t, b.Sub(a), maxSpan)
	})
}
