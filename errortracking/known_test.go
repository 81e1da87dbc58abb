package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestARepeatedErrorPastTheLimitAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	tr := tracker(t, Config{FloodLimit: 1})
	err := fmt.Errorf("charge: %w", errors.New("refused"))
	inRequest := WithUser(withID(context.Background(), "req-1"), User{ID: "u1"})
	for name, ctx := range map[string]context.Context{"elsewhere": context.Background(), "with user and ID": inRequest} {
		capture := func() { tr.CaptureException(ctx, err) }
		capture()
		capture()
		assert.Zero(t, testing.AllocsPerRun(1000, capture), name)
	}
	assert.Equal(t, 2*1003, tr.Recent()[0].Count, "all are counted, and are one issue")
	assert.EqualValues(t, 2*1003, counter(tr, "errors.captured", "bug"))
	assert.Equal(t, 1, tr.Recent()[0].Users)
}

//go:noinline
func captureHere(tr *Tracker, err error) { tr.CaptureException(context.Background(), err) }

//go:noinline
func captureThere(tr *Tracker, err error) { tr.CaptureException(context.Background(), err) }

// throughAnother captures from a frame that is not the service's.
func throughAnother(tr *Tracker, err error) {
	reflect.ValueOf(tr.CaptureException).Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(&err).Elem()})
}

//go:noinline
func throughHere(tr *Tracker, err error) { throughAnother(tr, err) }

type numbered struct{ code int }

func (numbered) Error() string     { return "upstream failed" }
func (n numbered) StatusCode() int { return n.code }

type fieldStack struct{ stack []uintptr }

func (*fieldStack) Error() string           { return "made somewhere" }
func (e *fieldStack) StackTrace() []uintptr { return e.stack }

// What looks alike must be alike: each of these is captured often, so that all
// but the first few are known by their look.
func TestAnErrorIsKnownByItsLookOnlyIfItIsTheSame(t *testing.T) {
	var madeAt, madeElsewhere *traced
	assert.ErrorAs(t, madeHere("x"), &madeAt)
	assert.ErrorAs(t, madeThere("x"), &madeElsewhere)
	here, there := madeAt.pcs, madeElsewhere.pcs
	for name, tc := range map[string]struct {
		captures []func(*Tracker)
		issues   int
	}{
		"another text": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, errors.New("a")) }, func(tr *Tracker) { captureHere(tr, errors.New("b")) },
		}, 2},
		"another number in the text": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, errors.New("order 1")) }, func(tr *Tracker) { captureHere(tr, errors.New("order 2")) },
		}, 1},
		"another place": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, errors.New("a")) }, func(tr *Tracker) { captureThere(tr, errors.New("a")) },
		}, 2},
		"another type": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, errors.New("status 404")) }, func(tr *Tracker) { captureHere(tr, fmt.Errorf("%w", statusError(404))) },
		}, 2},
		"another type in the middle": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, fmt.Errorf("x: %w", errors.New("a"))) },
			func(tr *Tracker) { captureHere(tr, fmt.Errorf("y: %w", fmt.Errorf("x: %w", errors.New("a")))) },
		}, 1}, // the outermost, the innermost and the place are the same
		"the text of what wraps it": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, fmt.Errorf("order a: %w", errors.New("x"))) },
			func(tr *Tracker) { captureHere(tr, fmt.Errorf("order b: %w", errors.New("x"))) },
		}, 1},
		"made in another place": {[]func(*Tracker){
			func(tr *Tracker) { captureHere(tr, &fieldStack{here}) }, func(tr *Tracker) { captureHere(tr, &fieldStack{there}) },
		}, 2},
		"through another's code": {[]func(*Tracker){
			func(tr *Tracker) { throughAnother(tr, errors.New("a")) }, func(tr *Tracker) { throughHere(tr, errors.New("a")) },
			func(tr *Tracker) { captureHere(tr, errors.New("a")) },
		}, 2}, // throughAnother is the innermost function of the service in two of them
		"messages": {[]func(*Tracker){
			func(tr *Tracker) { tr.CaptureMessage(context.Background(), slog.LevelWarn, "a") },
			func(tr *Tracker) { tr.CaptureMessage(context.Background(), slog.LevelWarn, "b") },
		}, 2},
		"panicking": {[]func(*Tracker){func(tr *Tracker) { captureHere(tr, panicking{}) }, func(tr *Tracker) { captureHere(tr, (*fieldStack)(nil)) }}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			tr := tracker(t, Config{Sink: func(context.Context, Event) {}})
			const each = 30
			for range each {
				for _, capture := range tc.captures {
					capture(tr)
				}
			}
			issues := tr.Recent()
			assert.Len(t, issues, tc.issues)
			sum := 0
			for _, is := range issues {
				sum += is.Count
			}
			assert.Equal(t, each*len(tc.captures), sum)
		})
	}
}

func TestTheClassIsFoundAnewWhereTheLookDoesNotTellIt(t *testing.T) {
	tr := tracker(t, Config{FloodLimit: 1})
	for _, status := range []int{404, 404, 404, 503, 404, 503} {
		captureHere(tr, numbered{status})
	}
	assert.EqualValues(t, 4, counter(tr, "errors.captured", "not_found"))
	assert.EqualValues(t, 2, counter(tr, "errors.captured", "dependency"))

	calls := 0
	tr = tracker(t, Config{FloodLimit: 1, Classify: func(error) (Class, bool) {
		calls++
		return Class{Category: Payment, Level: slog.LevelWarn}, calls > 3
	}})
	err := errors.New("x")
	for range 6 {
		captureHere(tr, err)
	}
	assert.EqualValues(t, 3, counter(tr, "errors.captured", "payment"), "the service's own may depend on anything")
}

func TestOfAFloodOfPanicsTheFirstOfEachMinuteGoesOut(t *testing.T) {
	for name, level := range map[string]slog.Level{"critical": LevelCritical, "error": slog.LevelError} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var k kept
				tr := tracker(t, Config{Sink: k.sink, FloodLimit: 2})
				ctx := WithLevel(context.Background(), level)
				for range 5 * 60 {
					tr.CaptureException(ctx, errors.New("x"))
					time.Sleep(time.Second)
				}
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				atOnce, told := 0, 0
				for _, e := range k.all() {
					told += max(1, e.Suppressed)
					if e.Suppressed == 0 {
						atOnce++
					}
				}
				assert.Equal(t, 300, told, "never silence")
				if level == LevelCritical {
					assert.InDelta(t, 2+4, atOnce, 1)
				} else {
					assert.Equal(t, 2, atOnce)
				}
			})
		})
	}
}

func TestASummaryThatBeforeSendDropsIsMadeOnce(t *testing.T) {
	asked := 0
	var k kept
	tr := tracker(t, Config{Sink: k.sink, FloodLimit: 1, BeforeSend: func(context.Context, *Event) bool {
		asked++
		return false
	}})
	for range 100 {
		captureHere(tr, errors.New("x"))
	}
	flush(t, tr)
	assert.Equal(t, 2, asked)
	assert.Empty(t, k.all())
	assert.Equal(t, 100, tr.Recent()[0].Count)
	assert.Equal(t, "*errors.errorString", tr.Recent()[0].Title, "what BeforeSend has not seen is shown nowhere")
}

func TestSummariesHoldLittleMemory(t *testing.T) {
	tr := tracker(t, Config{Sink: func(context.Context, Event) {}, FloodLimit: 1})
	long := strings.Repeat("some words ", 4000)
	for i := range 300 {
		for range 3 {
			tr.CaptureException(context.Background(), fmt.Errorf("%s: %w", long, errors.New(word(i))), "long", long)
		}
	}
	assert.Greater(t, tr.templates.Load(), int64(maxTemplates/2))
	assert.Less(t, tr.templates.Load(), int64(3*maxTemplates))
	flush(t, tr)
	assert.Zero(t, tr.templates.Load())
}

func TestSampleDecidesByClass(t *testing.T) {
	var k kept
	tr := tracker(t, Config{Sink: k.sink, SampleRate: new(0.0), Sample: func(c Class) float64 {
		switch c.Category {
		case NotFound:
			return 0
		case Timeout:
			panic("a fault of the service")
		default:
			return 1
		}
	}})
	assert.Empty(t, tr.CaptureException(context.Background(), statusError(404)))
	assert.NotEmpty(t, tr.CaptureException(context.Background(), statusError(503)))
	assert.NotEmpty(t, tr.CaptureException(context.Background(), context.DeadlineExceeded), "a rule that panics drops nothing")
	assert.NotEmpty(t, tr.CaptureException(WithLevel(context.Background(), LevelCritical), statusError(404)))
	assert.Len(t, k.all(), 3)
	count := 0
	for _, is := range tr.Recent() {
		count += is.Count
	}
	assert.Equal(t, 4, count, "sampled out is counted all the same")
	assert.EqualValues(t, 2, counter(tr, "errors.captured", "not_found"))
}
