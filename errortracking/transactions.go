package errortracking

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/getsentry/sentry-go"
)

// Bounds of the transactions that wait, and of one.
const (
	maxTransactions = 200
	maxSpansWaiting = 10_000
	maxSpans        = 1000
)

// transaction waits to be sent. Nobody else has the event any more.
type transaction struct {
	event *sentry.Event // nil: that of recording, which is made when it is sent
	trace map[string]string

	recording *recording
	spans     int // those that Sentry counts: one more than the event has
}

// transactions is the queue of these, in memory only.
type transactions struct {
	news chan struct{}

	mu    sync.Mutex
	all   []transaction
	spans int
}

func (q *transactions) push(x transaction) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) >= maxTransactions || q.spans+x.spans > maxSpansWaiting {
		return false
	}
	q.all = append(q.all, x)
	q.spans += x.spans
	select {
	case q.news <- struct{}{}:
	default:
	}
	return true
}

// first gives the oldest, which stays until it is done.
func (q *transactions) first() (x transaction, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) == 0 {
		return transaction{}, false
	}
	return q.all[0], true
}

func (q *transactions) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spans -= q.all[0].spans
	q.all[0] = transaction{}
	q.all = q.all[1:]
}

func (q *transactions) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.all)
}

// sendTransaction takes e, of type "transaction", which must not be used any
// more. It waits in memory and goes out when no error waits; false: it is
// dropped, which is counted. trace is the dynamic sampling context for the
// envelope's header, such as "sample_rate"; what every one has is added here.
// It encodes nothing, and waits for nothing.
func (t *Tracker) sendTransaction(e *sentry.Event, trace map[string]string) bool {
	if t.delivery == nil || e == nil || t.isClosed() {
		return false
	}
	if len(e.Spans) > maxSpans {
		t.discard(discardProcessor, categorySpan, uint64(len(e.Spans)-maxSpans))
		e.Spans = e.Spans[:maxSpans]
	}
	x := transaction{event: e, trace: trace, spans: len(e.Spans) + 1}
	if !t.delivery.transactions.push(x) {
		t.lostTransaction(discardQueueOverflow, x)
		return false
	}
	return true
}

// sendRecording is sendTransaction for what need not be built before it goes.
func (t *Tracker) sendRecording(r *recording) bool {
	if t.delivery == nil || t.isClosed() {
		return false
	}
	x := transaction{recording: r, spans: len(r.spans) + 1}
	if !t.delivery.transactions.push(x) {
		t.lostTransaction(discardQueueOverflow, x)
		return false
	}
	return true
}

// lostTransaction counts one under the component "tracing", as a lost
// measurement pages nobody. Sentry makes one span of the transaction itself.
func (t *Tracker) lostTransaction(reason discard, x transaction) {
	t.dropped.With("tracing", string(reason)).Add(1)
	t.discardTransaction(reason, x)
}

func (t *Tracker) discardTransaction(reason discard, x transaction) {
	t.discard(reason, categoryTransaction, 1)
	t.discard(reason, categorySpan, uint64(x.spans))
}

// encodeTransaction gives the header and the item of an envelope. It cuts what
// is too large: the spans from the end on.
func (t *Tracker) encodeTransaction(x transaction) (h envelopeHeader, item []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("encode a transaction: panic: %s", t.panicText(p))
		}
	}()
	if r := x.recording; x.event == nil && r != nil {
		x.event, x.trace = t.transactionEvent(r), samplingOf(r.tracing, r.trace, r.name)
	}
	e := x.event
	if e.EventID == "" {
		e.EventID = sentry.EventID(newID())
	}
	e.Type = "transaction"
	e.Transaction, e.ServerName = cut(e.Transaction, maxTag), cut(e.ServerName, maxTag)
	e.Release, e.Environment = release(e.Release), environment(e.Environment)
	b, err := json.Marshal(e)
	for err == nil && tooLarge(b) {
		if len(e.Spans) == 0 {
			return h, nil, fmt.Errorf("a transaction of %d bytes could not be cut to size", len(b))
		}
		e.Spans = e.Spans[:len(e.Spans)/2]
		b, err = json.Marshal(e)
	}
	if err != nil {
		return h, nil, fmt.Errorf("encode a transaction: %w", err)
	}
	h = envelopeHeader{EventID: string(e.EventID), Trace: t.samplingContext(x)}
	return h, appendItem(nil, "transaction", b), nil
}

// samplingContext is x's, with what Sentry wants in each.
func (t *Tracker) samplingContext(x transaction) map[string]string {
	trace := map[string]string{"public_key": t.dsn.GetPublicKey(), "environment": t.config.Environment, "release": t.config.Release}
	if x.event.Transaction != "" {
		trace["transaction"] = x.event.Transaction
	}
	if c, ok := x.event.Contexts["trace"]; ok {
		if id := fmt.Sprint(c["trace_id"]); len(id) == 32 {
			trace["trace_id"] = id
		}
	}
	for k, v := range x.trace {
		trace[k] = v
	}
	return trace
}
