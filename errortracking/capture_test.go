package errortracking

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestAnEventCarriesWhatAPersonNeeds(t *testing.T) {
	var id string
	e := sent(t, Config{Environment: "stage", Release: "v1.2"}, func(tr *Tracker) {
		h := tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := WithUser(r.Context(), User{ID: "u1", Email: "a@example.org", Role: "supplier"})
			ctx = withID(ctx, "req-42")
			AddBreadcrumb(ctx, Breadcrumb{Category: "cart", Message: "item added", Data: map[string]any{"sku": "x"}})
			reqctx.From(ctx).Request.SetRoute("/orders/{id}")
			id = tr.CaptureException(ctx, fmt.Errorf("charge: %w", errors.New("card refused")), "order_id", "456", slog.Int("try", 2))
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "http://shop.example/orders/7?page=2", nil))
	})
	require.Len(t, id, 32)
	assert.Equal(t, id, e.ID())
	assert.Equal(t, "error", e.Text("level"))
	assert.Equal(t, "stage", e.Text("environment"))
	assert.Equal(t, "v1.2", e.Text("release"))
	assert.NotEmpty(t, e.Text("server_name"))
	assert.Equal(t, "go", e.Text("platform"))
	assert.Equal(t, "/orders/{id}", e.Text("transaction"))
	assert.Equal(t, "req-42", e.Text("tags.correlation_id"))
	assert.Equal(t, "bug", e.Text("tags.category"))
	assert.Equal(t, "u1", e.Text("user.id"))
	assert.Equal(t, "supplier", e.Text("user.data.role"))
	assert.Empty(t, e.Text("user.email"))
	assert.Equal(t, "456", e.Text("contexts.attributes.order_id"))
	assert.EqualValues(t, 2, e.At("contexts.attributes.try"))
	assert.Equal(t, "cart", e.Text("breadcrumbs.0.category"))
	assert.Equal(t, "x", e.Text("breadcrumbs.0.data.sku"))
	assert.Equal(t, "POST", e.Text("request.method"))
	assert.Equal(t, "http://shop.example/orders/7?page=2", e.Text("request.url"))
	assert.Equal(t, "card refused", e.Text("exception.0.value"), "the innermost first")
	assert.Equal(t, "*errors.errorString", e.Text("exception.0.type"))
	assert.Equal(t, "charge: card refused", e.Text("exception.1.value"))
	assert.Contains(t, e.Text("exception.1.stacktrace.frames.-1.function"), "TestAnEventCarriesWhatAPersonNeeds")
	assert.Equal(t, true, e.At("exception.1.stacktrace.frames.-1.in_app"))
}

func TestTheEMailAddressGoesOnlyWhereItIsAllowed(t *testing.T) {
	e := sent(t, Config{Allow: []string{"User.Email"}}, func(tr *Tracker) {
		tr.CaptureException(WithUser(context.Background(), User{ID: "1", Email: "a@example.org"}), errors.New("x"))
	})
	assert.Equal(t, "a@example.org", e.Text("user.email"))
}

func TestAMessageIsAnEventWithItsLevel(t *testing.T) {
	e := sent(t, Config{}, func(tr *Tracker) {
		tr.CaptureMessage(context.Background(), slog.LevelWarn, "disk at 91 %", "disk", "sda")
	})
	assert.Equal(t, "disk at 91 %", e.Text("message"))
	assert.Equal(t, "warning", e.Text("level"))
	assert.Equal(t, "sda", e.Text("contexts.attributes.disk"))
	assert.Nil(t, e.At("exception"))
	assert.Contains(t, e.Text("threads.0.stacktrace.frames.-1.function")+e.Text("threads.values.0.stacktrace.frames.-1.function"), "TestAMessageIsAnEvent")
}

func TestNilAndExpectedErrorsAreNotSent(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink})
	assert.Empty(t, tr.CaptureException(context.Background(), nil))
	assert.Empty(t, tr.CaptureException(context.Background(), fmt.Errorf("read: %w", context.Canceled)))
	assert.Empty(t, k.all())
	assert.Zero(t, counter(tr, "errors.captured", "canceled"))
}

func TestTheLevelOfTheContextOverrulesTheClass(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink})
	tr.CaptureException(WithLevel(context.Background(), LevelCritical), errors.New("x"))
	require.Len(t, k.all(), 1)
	assert.Equal(t, LevelCritical, k.all()[0].Class.Level)
}

// Case 12 of the public bug reports.
func TestCase12AContextThatEndedStillHasItsIDs(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink})
	ctx, cancel := context.WithCancel(withID(WithUser(context.Background(), User{ID: "u1"}), "req-1"))
	cancel()
	tr.CaptureException(ctx, errors.New("late"))
	require.Len(t, k.all(), 1)
	assert.Equal(t, "req-1", k.all()[0].CorrelationID)
	assert.Equal(t, "u1", k.all()[0].User.ID)
}

// Case 6: no secret of a request in an event, however its header is written.
func TestCase6NoSecretOfARequestIsInAnEvent(t *testing.T) {
	for _, secret := range []string{"s3cr3tValue99", "correcthorsebattery"} {
		t.Run(secret, func(t *testing.T) { noSecret(t, secret) })
	}
}

func noSecret(t *testing.T, secret string) {
	var attrs = map[string]any{"nested": []any{map[string]string{"password": secret}}}
	e := sent(t, Config{}, func(tr *Tracker) {
		h := tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			AddBreadcrumb(r.Context(), Breadcrumb{Message: "GET https://x.example/?token=" + secret, Data: map[string]any{"api_key": secret}})
			tr.CaptureException(r.Context(), errors.New("dial postgres://u:"+secret+"@db/x"), "password", secret, "a", attrs)
		}))
		r := httptest.NewRequest(http.MethodGet, "http://u:"+secret+"@shop.example/x?access_token="+secret+"&page=2", nil)
		for _, name := range []string{"Authorization", "PROXY-AUTHORIZATION", "cookie", "Set-Cookie", "x-API-key"} {
			r.Header[name] = []string{"Bearer " + secret} // not canonical, as a proxy may write it
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
	})
	assert.NotContains(t, fmt.Sprint(e), secret)
	assert.Contains(t, e.Text("request.url"), "page=2")
	assert.Contains(t, e.Text("contexts.attributes.password"), redact.Mask)
	assert.Equal(t, secret, attrs["nested"].([]any)[0].(map[string]string)["password"], "the input is not changed")
}

type traced struct {
	msg string
	pcs []uintptr
}

func (e *traced) Error() string         { return e.msg }
func (e *traced) StackTrace() []uintptr { return e.pcs }

//go:noinline
func madeHere(msg string) error {
	pcs := make([]uintptr, 32)
	return &traced{msg, pcs[:runtime.Callers(1, pcs)]}
}

//go:noinline
func madeThere(msg string) error {
	pcs := make([]uintptr, 32)
	return &traced{msg, pcs[:runtime.Callers(1, pcs)]}
}

// Case 8: each branch of a joined error with its own stack; the worst decides.
func TestCase8JoinedErrorsKeepTheirStacksAndTheWorstDecides(t *testing.T) {
	for name, err := range map[string]error{
		"joined": errors.Join(madeHere("a"), fmt.Errorf("b: %w", madeThere("b")), WithCriticalState()),
		"two %w": fmt.Errorf("both: %w, %w, %w", madeHere("a"), fmt.Errorf("b: %w", madeThere("b")), WithCriticalState()),
	} {
		t.Run(name, func(t *testing.T) {
			e := sent(t, Config{}, func(tr *Tracker) { tr.CaptureException(context.Background(), err) })
			assert.Equal(t, "fatal", e.Text("level"))
			assert.Equal(t, "resource", e.Text("tags.category"))
			list := e.At("exception").([]any)
			require.Len(t, list, 5)
			stacks := map[string]string{}
			for i := range list {
				if v := e.Text(fmt.Sprintf("exception.%d.value", i)); len(v) == 1 {
					stacks[v] = e.Text(fmt.Sprintf("exception.%d.stacktrace.frames.-1.function", i))
				}
			}
			assert.Equal(t, map[string]string{"a": "madeHere", "b": "madeThere"}, stacks)
			assert.Equal(t, true, e.At("exception.4.mechanism.is_exception_group"))
			assert.EqualValues(t, 0, e.At("exception.4.mechanism.exception_id"))
			assert.EqualValues(t, 0, e.At("exception.3.mechanism.parent_id"))
			assert.Nil(t, e.At("exception.4.stacktrace"), "where it was captured says less")
		})
	}
}

func WithCriticalState() error { return sqlError("53300") }

// Case 10: breadcrumbs without a request.
func TestCase10BreadcrumbsWithoutARequestAreBoundedAndStayThere(t *testing.T) {
	e := sent(t, Config{}, func(tr *Tracker) {
		SetDefault(tr)
		defer SetDefault(nil)
		for i := range 10_000 {
			AddBreadcrumb(context.Background(), Breadcrumb{Message: fmt.Sprint("background ", i)})
		}
		assert.Len(t, tr.crumbs.list(), 100)
		h := tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			AddBreadcrumb(r.Context(), Breadcrumb{Message: "mine"})
			tr.CaptureException(r.Context(), errors.New("x"))
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	})
	assert.Len(t, e.At("breadcrumbs"), 1)
	assert.Equal(t, "mine", e.Text("breadcrumbs.0.message"))

	e = sent(t, Config{}, func(tr *Tracker) {
		SetDefault(tr)
		defer SetDefault(nil)
		for i := range 150 {
			AddBreadcrumb(context.Background(), Breadcrumb{Message: fmt.Sprint(i)})
		}
		CaptureException(context.Background(), errors.New("x"))
	})
	assert.Len(t, e.At("breadcrumbs"), 100)
	assert.Equal(t, "50", e.Text("breadcrumbs.0.message"))
	assert.Equal(t, "149", e.Text("breadcrumbs.99.message"))
}

type uncomparable struct{ v any }

func (uncomparable) Error() string { return "uncomparable" }

func TestAnErrorThatCannotBeComparedIsCaptured(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink})
	ctx := withID(context.Background(), "req-1")
	for range 2 {
		assert.NotEmpty(t, tr.CaptureException(ctx, uncomparable{[]int{1}}))
	}
	assert.Len(t, k.all(), 2)
}

func TestAnEMailAddressAsUserIDIsMasked(t *testing.T) {
	ctx := WithUser(context.Background(), User{ID: "ada@example.org"})
	e := sent(t, Config{}, func(tr *Tracker) { tr.CaptureException(ctx, errors.New("x")) })
	assert.NotContains(t, fmt.Sprint(e), "example.org")
	e = sent(t, Config{Allow: []string{"User.ID"}}, func(tr *Tracker) { tr.CaptureException(ctx, errors.New("x")) })
	assert.Equal(t, "ada@example.org", e.Text("user.id"))
}

var millionJoined = sync.OnceValue(func() error {
	all := make([]error, 1_000_000)
	for i := range all {
		all[i] = errors.New("one of very many that went wrong")
	}
	return errors.Join(all...)
})

type emptyJoin struct{}

func (emptyJoin) Error() string   { return "empty" }
func (emptyJoin) Unwrap() []error { return []error{nil, nil} }

func TestAHugeErrorTakesLittleTimeAndMemory(t *testing.T) {
	err := millionJoined()
	tr := tracker(t, Config{FloodLimit: 1})
	began := time.Now()
	for range 100 {
		tr.CaptureException(context.Background(), err)
	}
	assert.Less(t, time.Since(began), time.Second, "its text is never put together whole")
	assert.Less(t, len(errorText(err)), 64<<10)
}

func TestOddValuesMakeOneWholeEvent(t *testing.T) {
	loop := &cyclic{}
	loop.next = loop
	self := map[string]any{}
	self["self"] = self
	for name, f := range map[string]func(*Tracker){
		"cyclic error":     func(tr *Tracker) { tr.CaptureException(context.Background(), loop) },
		"panicking error":  func(tr *Tracker) { tr.CaptureException(context.Background(), panicking{}) },
		"typed nil":        func(tr *Tracker) { tr.CaptureException(context.Background(), (*cyclic)(nil)) },
		"huge error":       func(tr *Tracker) { tr.CaptureException(context.Background(), wide{}) },
		"long text":        func(tr *Tracker) { tr.CaptureException(context.Background(), errors.New(strings.Repeat("ä", 5<<20))) },
		"a million joined": func(tr *Tracker) { tr.CaptureException(context.Background(), millionJoined()) },
		"joined in joined": func(tr *Tracker) {
			err := errors.New(strings.Repeat("deep ", 1<<20))
			for range 100 {
				err = errors.Join(err, err)
			}
			tr.CaptureException(context.Background(), err)
		},
		"a deep chain": func(tr *Tracker) {
			err := errors.New("deep")
			for range 10_000 {
				err = &cyclic{err}
			}
			tr.CaptureException(context.Background(), err)
		},
		"an empty join": func(tr *Tracker) { tr.CaptureException(context.Background(), emptyJoin{}) },
		"nil context":   func(tr *Tracker) { tr.CaptureException(nil, errors.New("x")) }, //nolint:staticcheck // hostile
		"values without JSON": func(tr *Tracker) {
			tr.CaptureException(context.Background(), errors.New("x"), "nan", math.NaN(), "inf", float32(math.Inf(1)),
				"chan", make(chan int), "func", func() {}, "cycle", self, "odd", 1, "dangling")
		},
		"huge values": func(tr *Tracker) {
			args := []any{}
			for i := range 500 {
				args = append(args, fmt.Sprint("k", i), []any{strings.Repeat("v", 9000), strings.Repeat("w", 9000), strings.Repeat("x", 9000)})
			}
			for range 200 {
				AddBreadcrumb(context.Background(), Breadcrumb{Message: strings.Repeat("b", 10_000)})
			}
			tr.CaptureException(context.Background(), errors.New("x"), args...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := sent(t, Config{}, f)
			assert.NotEmpty(t, e.ID())
		})
	}
}

func TestBeforeSendMayChangeAndDrop(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink, BeforeSend: func(_ context.Context, e *Event) bool {
		switch e.Message {
		case "drop":
			return false
		case "panic":
			panic("a fault of the service")
		}
		e.Attrs = map[string]any{"seen": true}
		return true
	}})
	assert.Empty(t, tr.CaptureException(context.Background(), errors.New("drop")))
	assert.NotEmpty(t, tr.CaptureException(context.Background(), errors.New("panic")))
	assert.NotEmpty(t, tr.CaptureException(context.Background(), errors.New("keep")))
	require.Len(t, k.all(), 2)
	assert.Equal(t, map[string]any{"seen": true}, k.all()[1].Attrs)
	assert.Zero(t, counter(tr, metricDropped, reasonPanic), "a filter drops on purpose")
}

const metricDropped = "monitoring.dropped"

func TestSampledOutIsNotSentButPanicsAre(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink, SampleRate: new(0.0)})
	assert.Empty(t, tr.CaptureException(context.Background(), errors.New("x")))
	assert.NotEmpty(t, tr.CaptureException(WithLevel(context.Background(), LevelCritical), errors.New("y")))
	func() {
		defer func() { _ = recover() }()
		defer tr.Recover(context.Background())
		panic("z")
	}()
	assert.Len(t, k.all(), 2)
}

func TestRecoverCapturesAndPanicsOn(t *testing.T) {
	e := sent(t, Config{}, func(tr *Tracker) {
		SetDefault(tr)
		defer SetDefault(nil)
		assert.PanicsWithValue(t, "boom", func() {
			defer Recover(context.Background())
			explode("boom")
		})
	})
	assert.Equal(t, "boom", e.Text("exception.0.value"))
	assert.Equal(t, "panic: string", e.Text("exception.0.type"))
	assert.Equal(t, "explode", e.Text("exception.0.stacktrace.frames.-1.function"))
	assert.Equal(t, false, e.At("exception.0.mechanism.handled"))
	assert.Equal(t, "fatal", e.Text("level"))
}

//go:noinline
func explode(v any) { panic(v) }

func TestWithoutADSNAnEventIsOneRecord(t *testing.T) {
	var l logged
	tr := tracker(t, Config{Logger: l.logger()})
	ctx := withID(WithUser(context.Background(), User{ID: "u1", Email: "a@example.org"}), "req-1")
	id := tr.CaptureException(ctx, fmt.Errorf("charge: %w", context.DeadlineExceeded), "order_id", "456", "password", "hunter2")
	require.NotEmpty(t, id)
	records := l.records(t)
	require.Len(t, records, 1)
	r := records[0]
	assert.Equal(t, "ERROR", r["level"])
	assert.Equal(t, "charge: context deadline exceeded", r["error"])
	assert.Equal(t, id, r["event_id"])
	assert.Equal(t, "timeout", r["category"])
	assert.Equal(t, "req-1", r["correlation_id"])
	assert.Equal(t, "u1", r["user_id"])
	assert.Equal(t, "456", r["attributes"].(map[string]any)["order_id"])
	assert.NotContains(t, fmt.Sprint(r), "hunter2")
	assert.NotContains(t, fmt.Sprint(r), "example.org")
}

func TestANilTrackerIsHarmless(t *testing.T) {
	var tr *Tracker
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer slog.SetDefault(before)
	assert.Empty(t, tr.CaptureException(context.Background(), errors.New("x"), "a", 1))
	assert.Empty(t, tr.CaptureMessage(nil, slog.LevelInfo, "x")) //nolint:staticcheck // hostile
	assert.ErrorIs(t, tr.Flush(context.Background()), ErrNotInitialized)
	assert.NoError(t, tr.Close(context.Background()))
	assert.Nil(t, tr.Recent())
	assert.Nil(t, tr.Indicators())
	assert.Equal(t, Bug, tr.Classify(errors.New("x")).Category)
	assert.False(t, tr.Handler().Enabled(context.Background(), slog.LevelError))
	for _, h := range []http.Handler{tr.Tunnel(), tr.BrowserConfig()} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
		assert.Equal(t, 404, w.Code)
	}
	assert.Panics(t, func() {
		defer tr.Recover(context.Background())
		panic("x")
	})
}

func TestDisabledDoesNothing(t *testing.T) {
	dir := t.TempDir() + "/spool"
	var l logged
	tr := tracker(t, Config{Disabled: true, DSN: "http://key@127.0.0.1:1/1", SpoolDir: dir, Logger: l.logger()})
	assert.Empty(t, tr.CaptureException(context.Background(), errors.New("x")))
	assert.NoDirExists(t, dir)
	assert.NoError(t, tr.Flush(context.Background()))
	assert.Empty(t, l.records(t))
	assert.Zero(t, counter(tr, "errors.captured", "bug"))
}

func TestAWrongConfigNamesEveryField(t *testing.T) {
	_, err := New(Config{DSN: "not a dsn", SampleRate: new(1.5), TracesSampleRate: new(-1.0), ReplaysSessionSampleRate: new(math.NaN()), ReplaysOnErrorSampleRate: new(2.0), FloodLimit: -1})
	require.ErrorIs(t, err, ErrInvalid)
	for _, field := range []string{"DSN", "SampleRate", "TracesSampleRate", "ReplaysSessionSampleRate", "ReplaysOnErrorSampleRate", "FloodLimit"} {
		assert.ErrorContains(t, err, field+": want")
	}
	assert.NotContains(t, err.Error(), "not a dsn", "it may be a secret")
}

func TestSentryDSNOfTheEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("SENTRY_DSN", "http://key@127.0.0.1:1/1")
	tr := tracker(t, Config{})
	assert.Nil(t, tr.delivery)
}

func TestManyAtOnce(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink, FloodLimit: 1 << 20})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			ctx := WithUser(context.Background(), User{ID: fmt.Sprint("u", g)})
			for i := range 50 {
				AddBreadcrumb(ctx, Breadcrumb{Message: "b"})
				tr.CaptureException(ctx, fmt.Errorf("failure %d", i), "g", g)
				tr.Recent()
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, e := range k.all() {
		ids[e.ID] = true
	}
	assert.Len(t, ids, 400)
	issues := tr.Recent()
	require.Len(t, issues, 1, "the numbers in the text do not tell them apart")
	assert.Equal(t, 400, issues[0].Count)
	assert.Equal(t, 8, issues[0].Users)
	assert.WithinDuration(t, time.Now(), issues[0].Last, time.Minute)
}
