package reqctx_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestWhatAnInnerHandlerSetsIsSeenOutside(t *testing.T) {
	w, r, shared := reqctx.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	copied := r.WithContext(context.WithValue(r.Context(), "k", "v")) //nolint:staticcheck // another's middleware
	ctx := reqctx.WithUser(copied.Context(), reqctx.User{ID: "u1"})
	shared.SetRoute("/orders/{id}")
	reqctx.From(ctx).Request.AddBreadcrumb(reqctx.Breadcrumb{Message: "read"})

	assert.Equal(t, "u1", shared.User().ID)
	assert.Equal(t, "/orders/{id}", reqctx.From(ctx).Route())
	assert.Len(t, shared.Breadcrumbs(), 1)
	assert.Equal(t, "v", ctx.Value("k"), "the parent's values stay in reach")
	w2, r2, same := reqctx.Begin(w, copied)
	assert.Same(t, shared, same, "an inner middleware finds the same request")
	assert.Equal(t, w, w2)
	assert.Same(t, copied, r2)
}

func TestTheRouteIsThePatternNeverThePath(t *testing.T) {
	var shared *reqctx.Request
	mux := http.NewServeMux()
	mux.HandleFunc("GET example.com/orders/{id}", func(_ http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/orders/{id}", reqctx.From(r.Context()).Route(), "known inside")
	})
	serve := func(target string) {
		w, r, s := reqctx.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
		shared = s
		mux.ServeHTTP(w, r)
	}
	serve("/orders/7")
	assert.Equal(t, "/orders/{id}", shared.Route(), "known outside")
	serve("/secret/token")
	assert.Empty(t, shared.Route())
}

func TestScopesOfJobsShareNothingTheyBind(t *testing.T) {
	job := reqctx.WithCorrelationID(context.Background(), "job-1")
	a := reqctx.WithUser(job, reqctx.User{ID: "a"})
	b := reqctx.WithUser(job, reqctx.User{ID: "b"})
	assert.Equal(t, "a", reqctx.From(a).User().ID)
	assert.Equal(t, "b", reqctx.From(b).User().ID)
	assert.Empty(t, reqctx.From(job).User().ID)
	assert.Equal(t, "job-1", reqctx.From(a).CorrelationID())

	x := reqctx.WithAttrs(a, []slog.Attr{slog.Int("x", 1)})
	y := reqctx.WithAttrs(a, []slog.Attr{slog.Int("y", 1)})
	assert.Equal(t, "x", reqctx.From(x).Attrs()[0].Key)
	assert.Equal(t, "y", reqctx.From(y).Attrs()[0].Key)
	level, ok := reqctx.From(reqctx.WithLevel(a, slog.LevelWarn)).Level()
	assert.True(t, ok)
	assert.Equal(t, slog.LevelWarn, level)
}

func TestWithoutAScopeEverythingIsEmpty(t *testing.T) {
	s := reqctx.From(context.Background())
	assert.Nil(t, s)
	assert.Empty(t, s.CorrelationID())
	assert.Empty(t, s.Route())
	assert.Empty(t, s.User())
	assert.Empty(t, s.Attrs())
	assert.False(t, s.Trace().Valid())
	_, ok := s.Level()
	assert.False(t, ok)
	assert.Nil(t, reqctx.From(nil)) //nolint:staticcheck // a caller's mistake does no harm
}

func TestBreadcrumbsKeepTheNewestHundredInOrder(t *testing.T) {
	var r reqctx.Request
	for i := range 250 {
		r.AddBreadcrumb(reqctx.Breadcrumb{Message: fmt.Sprint(i)})
	}
	crumbs := r.Breadcrumbs()
	require.Len(t, crumbs, 100)
	assert.Equal(t, "150", crumbs[0].Message)
	assert.Equal(t, "249", crumbs[99].Message)
}

type uncomparable []string

func (uncomparable) Error() string { return "list" }

func TestAnErrorIsReportedOnce(t *testing.T) {
	var reports reqctx.Reports
	owner, other, now := new(int), new(int), time.Now()
	boom := errors.New("boom")
	reports.Add(reqctx.Report{Owner: owner, Err: boom, ID: "e1", At: now})
	id, ok := reports.Find(owner, boom, now)
	assert.True(t, ok)
	assert.Equal(t, "e1", id)
	_, ok = reports.Find(owner, fmt.Errorf("pay: %w", boom), now)
	assert.True(t, ok, "what wraps it is the same failure")
	_, ok = reports.Find(owner, errors.New("boom"), now)
	assert.False(t, ok, "another error with the same text is another error")
	_, ok = reports.Find(other, boom, now)
	assert.False(t, ok, "another instance has not reported it")
	_, ok = reports.Find(owner, boom, now.Add(1))
	assert.False(t, ok, "that was too long ago")
	for i := range 8 {
		reports.Add(reqctx.Report{Owner: owner, Err: fmt.Errorf("%d", i), At: now})
	}
	_, ok = reports.Find(owner, boom, now)
	assert.False(t, ok, "the oldest go first")
	assert.NotPanics(t, func() {
		reports.Add(reqctx.Report{Owner: owner, Err: uncomparable{"a"}, At: now})
		reports.Find(owner, uncomparable{"a"}, now)
		reports.Find(owner, holder{uncomparable{"a"}}, now)
		reports.Find(owner, nil, now)
		reports.Add(reqctx.Report{})
	})
}

// holder can be compared by its type, but not by what it holds.
type holder struct{ v any }

func (holder) Error() string { return "holder" }

func TestAReportIsTakenOnceAndOnlyTheOtherWay(t *testing.T) {
	var reports reqctx.Reports
	boom, now := errors.New("boom"), time.Now()
	reports.Add(reqctx.Report{Err: boom, ID: "e1", At: now})
	_, ok := reports.TakeOther(nil, boom, false, now)
	assert.False(t, ok, "captured twice is twice")
	id, ok := reports.TakeOther(nil, boom, true, now)
	assert.True(t, ok)
	assert.Equal(t, "e1", id)
	_, ok = reports.TakeOther(nil, boom, true, now)
	assert.False(t, ok, "one record for one capture")
}

func TestEachOwnerClaimsOnce(t *testing.T) {
	var r reqctx.Request
	a, b := new(reqctx.Owner), new(reqctx.Owner)
	assert.True(t, r.Claim(a))
	assert.False(t, r.Claim(a))
	assert.True(t, r.Claim(b))
}

func TestARequestMayBeReadWhileItIsWritten(t *testing.T) {
	_, r, shared := reqctx.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				ctx := reqctx.WithUser(r.Context(), reqctx.User{ID: fmt.Sprint(i)})
				shared.Identify("id", reqctx.NewTrace(), http.Header{})
				shared.AddBreadcrumb(reqctx.Breadcrumb{})
				_, _, _ = reqctx.From(ctx).CorrelationID(), reqctx.From(ctx).Trace(), shared.Breadcrumbs()
			}
		})
	}
	wg.Wait()
}

func TestBeginCostsOneAllocation(t *testing.T) {
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { reqctx.Begin(rec, req) }), 1.0)
}

// The eight mixes of optional interfaces that an inner writer may have.
type (
	plain struct{ http.ResponseWriter }
	f     struct{ http.Flusher }
	h     struct{ http.Hijacker }
	rf    struct{ io.ReaderFrom }
)

// Case 26: all 8 mixes of Flusher, Hijacker and ReaderFrom, and Unwrap.
func TestCase26TheWriterHasJustTheInterfacesOfTheOneInside(t *testing.T) {
	p := plain{httptest.NewRecorder()}
	for name, inner := range map[string]http.ResponseWriter{
		"none": p,
		"F": struct {
			plain
			f
		}{plain: p},
		"H": struct {
			plain
			h
		}{plain: p},
		"R": struct {
			plain
			rf
		}{plain: p},
		"FH": struct {
			plain
			f
			h
		}{plain: p},
		"FR": struct {
			plain
			f
			rf
		}{plain: p},
		"HR": struct {
			plain
			h
			rf
		}{plain: p},
		"FHR": struct {
			plain
			f
			h
			rf
		}{plain: p},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, _ := reqctx.Begin(inner, httptest.NewRequest(http.MethodGet, "/", nil))
			_, isF := w.(http.Flusher)
			_, isH := w.(http.Hijacker)
			_, isR := w.(io.ReaderFrom)
			assert.Equal(t, strings.Contains(name, "F"), isF, "Flusher")
			assert.Equal(t, strings.Contains(name, "H"), isH, "Hijacker")
			assert.Equal(t, strings.Contains(name, "R"), isR, "ReaderFrom")
			assert.Equal(t, inner, w.(interface{ Unwrap() http.ResponseWriter }).Unwrap())
		})
	}
}

func TestTheWriterNotesTheFirstFinalStatus(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, _, shared := reqctx.Begin(w, r)
		w.WriteHeader(http.StatusEarlyHints)
		assert.Zero(t, shared.Writer.Status(), "an informational status is not final")
		w.WriteHeader(http.StatusAccepted)
		assert.NoError(t, http.NewResponseController(w).Flush())
		_, _ = io.WriteString(w, "abc")
		_, _ = w.Write([]byte("de"))
		_, _ = io.Copy(w, strings.NewReader("fgh"))
		assert.Equal(t, http.StatusAccepted, shared.Writer.Status())
		assert.False(t, shared.Writer.Stream())
	}))
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "abcdefgh", string(body))
	assert.Equal(t, http.StatusAccepted, res.StatusCode)
}

func TestHijackIsNoted(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, _, shared := reqctx.Begin(w, r)
		conn, _, err := w.(http.Hijacker).Hijack()
		if assert.NoError(t, err) {
			assert.True(t, shared.Writer.Hijacked())
			assert.True(t, shared.Writer.Stream())
			_ = conn.Close()
		}
	}))
	defer srv.Close()
	_, err := srv.Client().Get(srv.URL)
	assert.Error(t, err)
}

func TestTraceparentIsReadByTheRules(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	tr, ok := reqctx.ParseTraceparent(good)
	require.True(t, ok)
	assert.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", tr.TraceIDString())
	assert.Equal(t, "00f067aa0ba902b7", tr.SpanIDString())
	assert.True(t, tr.Sampled)
	assert.Equal(t, good, tr.String())
	_, ok = reqctx.ParseTraceparent("cc" + good[2:] + "-future")
	assert.True(t, ok, "of a later version the known part counts")
	for _, bad := range []string{
		"", good[:54], good + "x", good + "-x", "ff" + good[2:], strings.ToUpper(good),
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		strings.Replace(good, "-", "_", 1), "0g" + good[2:], "cc" + good[2:] + "x",
	} {
		_, ok := reqctx.ParseTraceparent(bad)
		assert.False(t, ok, bad)
	}
}

func TestATraceSurvivesItsHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := reqctx.NewTrace()
		a.Sampled, a.Random = rapid.Bool().Draw(t, "sampled"), rapid.Bool().Draw(t, "random")
		b, ok := reqctx.ParseTraceparent(a.String())
		if !ok || a != b {
			t.Fatalf("%v became %v", a, b)
		}
		if c := a.Child(); c.TraceID != a.TraceID || c.SpanID == a.SpanID {
			t.Fatalf("%v has the child %v", a, c)
		}
	})
}
