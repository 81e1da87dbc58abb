package errortracking

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

// frozen is what of a draft the service may change while it is on its way: it
// is copied before the capture returns, and redacted later.
type frozen struct {
	done    bool
	chain   []link // the errors that make up the event's; the outermost first
	request *httpRequest
	trace   reqctx.Trace
	tracing *reqctx.Tracing
	name    string // of the transaction that it belongs to; "": unknown
}

// link is one error of a tree.
type link struct {
	kind, text string
	stack      stack // where it says that it was made
	id         int
	parent     int    // -1: none
	source     string // how the parent holds it
	joined     bool
}

type httpRequest struct {
	method, url string
	header      []headerValue
}

type headerValue struct{ name, value string }

// freeze is called on the goroutine that captures; a second call changes nothing.
func (t *Tracker) freeze(d *draft) {
	if d.frozen.done {
		return
	}
	d.frozen.done = true
	if d.event.Err != nil {
		d.frozen.chain = chainOf(d.event.Err)
	}
	d.frozen.trace = reqctx.TraceOf(d.ctx)
	if d.scope != nil {
		d.frozen.tracing = d.scope.Request.Tracing()
		if h := d.scope.Request.HTTP; h != nil && h.URL != nil {
			d.frozen.request = freezeRequest(h)
			if d.event.Route != "" {
				d.frozen.name = transactionName(h, d.event.Route)
			}
		}
	}
	for k, v := range d.event.Attrs {
		if !immutable(v) {
			d.event.Attrs[k] = t.redactor.Plain(k, v)
		}
	}
	if d.event.Err != nil && t.config.Sink == nil {
		d.event.Err = errFrozen // the value itself may hold anything
	}
}

// errFrozen stands for an error whose text is in the chain.
var errFrozen = errors.New("an error that was captured")

// immutable reports whether nobody can change v.
func immutable(v any) bool {
	switch v.(type) {
	case nil, string, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64, time.Time, time.Duration:
		return true
	}
	return false
}

// chainOf lists the errors that make up err; each names its parent.
func chainOf(err error) (all []link) {
	var w walk
	var add func(err error, parent int, source string)
	add = func(err error, parent int, source string) {
		if len(all) == maxExceptions || !w.enter(err) {
			return
		}
		defer w.leave()
		members, one := unwrap(err)
		joined := members != nil
		id := len(all)
		all = append(all, link{
			kind: errorType(err), text: errorText(err), stack: ownStack(err),
			id: id, parent: parent, source: source, joined: joined,
		})
		for i, m := range members {
			if len(all) == maxExceptions {
				break
			}
			add(m, id, fmt.Sprintf("errors[%d]", i))
		}
		add(one, id, "unwrap")
	}
	add(err, -1, "")
	return all
}

func freezeRequest(h *http.Request) *httpRequest {
	scheme := "http://"
	if h.TLS != nil {
		scheme = "https://"
	}
	r := &httpRequest{method: h.Method, url: scheme + h.Host + h.URL.RequestURI()}
	n := 0
	for _, values := range h.Header {
		n += len(values)
	}
	r.header = make([]headerValue, 0, n)
	for name, values := range h.Header {
		for _, v := range values {
			r.header = append(r.header, headerValue{name, v})
		}
	}
	return r
}

// headers is the header again.
func (r *httpRequest) headers() http.Header {
	h := make(http.Header, len(r.header))
	for _, v := range r.header {
		h[v.name] = append(h[v.name], v.value)
	}
	return h
}

// estimate is about what d holds in memory, in bytes, and at least about what
// it will hold in the spool.
func (d *draft) estimate() int64 {
	n := int64(pendingOverhead + len(d.event.Message) + d.stack.depth()*pendingFrame)
	for i := range d.frozen.chain {
		l := &d.frozen.chain[i]
		n += pendingFrame + int64(min(len(l.text), maxScan))
		n += int64(l.stack.depth() * pendingFrame)
	}
	if r := d.frozen.request; r != nil {
		n += int64(len(r.url))
		for _, h := range r.header {
			n += pendingNode + int64(len(h.value))
		}
	}
	for k, v := range d.event.Attrs {
		n += int64(len(k)) + sizeOf(v, 0)
	}
	for i := range d.crumbs {
		b := &d.crumbs[i]
		n += pendingNode + int64(len(b.Message)+2*pendingNode*len(b.Data)) // which the request holds anyway
	}
	return n
}

// sizeOf estimates a plain value.
func sizeOf(v any, depth int) int64 {
	n := int64(pendingNode)
	if depth > pendingMaxNested {
		return n
	}
	switch v := v.(type) {
	case string:
		n += int64(len(v))
	case map[string]any:
		for k, x := range v {
			n += int64(len(k)) + sizeOf(x, depth+1)
		}
	case redact.Fields:
		for _, f := range v {
			n += int64(len(f.Key)) + sizeOf(f.Value, depth+1)
		}
	case []any:
		for _, x := range v {
			n += sizeOf(x, depth+1)
		}
	}
	return n
}

// errorText is the text of the event's error, as it was.
func (d *draft) errorText() string {
	if len(d.frozen.chain) > 0 {
		return d.frozen.chain[0].text
	}
	return errorText(d.event.Err)
}
