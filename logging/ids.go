package logging

import (
	"context"
	"encoding/binary"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// What a record says of its scope and its logger, at the root, in this order.
const (
	idCorrelation = iota
	idUser
	idRoute
	idLogger
	idTrace
	idSpan
	idCount
)

var idNames = [idCount]string{"correlation_id", "user_id", "route", "logger", "trace_id", "span_id"}

// ids are the values of one record.
type ids struct {
	reqctx.Identity
	logger string // of Named, not of the scope
	taken  idSet
	memo   idMemo
}

// idMemo is what the last record said: the records of one request mostly come
// one after the other.
type idMemo struct {
	core   *core
	scope  reqctx.Identity // not masked
	user   string          // masked
	logger string
	taken  idSet
	json   []byte // as the encoder of core wrote them with this logger and taken; empty: it has not
}

const maxMemo = 1 << 10 // bytes

// idSet has a bit for each of idNames that an attribute of the service bears:
// the attribute stands, so that no name is there twice.
type idSet uint8

func named(key string) idSet {
	switch key {
	case "correlation_id":
		return 1 << idCorrelation
	case "user_id":
		return 1 << idUser
	case "route":
		return 1 << idRoute
	case "logger":
		return 1 << idLogger
	case "trace_id":
		return 1 << idTrace
	case "span_id":
		return 1 << idSpan
	default:
		return 0
	}
}

// of reads the IDs of scope, which is ctx's, and the trace of ctx.
func (d *ids) of(ctx context.Context, scope *reqctx.Scope, k *core) {
	scope.Identify(&d.Identity)
	reqctx.OpenTelemetry(ctx, &d.Trace)
	m := &d.memo
	if m.core != k || m.scope != d.Identity {
		m.core, m.scope, m.user, m.json = k, d.Identity, "", m.json[:0]
		if d.UserID != "" {
			m.user = cut(k.redact.Text(d.UserID), maxText)
		}
	}
	d.UserID = m.user
}

// has reports whether the ID is known and not taken.
func (d *ids) has(i int) bool {
	if d.taken&(1<<i) != 0 {
		return false
	}
	switch i {
	case idCorrelation:
		return d.CorrelationID != ""
	case idUser:
		return d.UserID != ""
	case idRoute:
		return d.Route != ""
	case idLogger:
		return d.logger != ""
	default:
		return d.Trace.Valid()
	}
}

// text is the ID, "" if it is unknown or taken.
func (d *ids) text(i int) string {
	if !d.has(i) {
		return ""
	}
	switch i {
	case idCorrelation:
		return d.CorrelationID
	case idUser:
		return d.UserID
	case idRoute:
		return d.Route
	case idLogger:
		return d.logger
	case idTrace:
		return traceID(d.Trace)
	default:
		return d.Trace.SpanIDString()
	}
}

// hex appends the trace or span ID in hexadecimal.
func (d *ids) hex(b []byte, i int) []byte {
	if i == idSpan {
		return appendHex(b, d.Trace.SpanID[:])
	}
	return appendHex(appendHex(b, d.Trace.TraceID[:8]), d.Trace.TraceID[8:])
}

// appendHex writes eight bytes.
func appendHex(b, id []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, hexDigitsOf(binary.BigEndian.Uint32(id)))
	return binary.BigEndian.AppendUint64(b, hexDigitsOf(binary.BigEndian.Uint32(id[4:])))
}

// hexDigitsOf spreads the halves of four bytes over those of a word, and makes
// digits of all at once.
func hexDigitsOf(four uint32) uint64 {
	x := uint64(four)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (x + 0x0606060606060606) >> 4 & 0x0101010101010101
	return x + 0x3030303030303030 + letters*('a'-'9'-1)
}

// fits reports whether the ID needs no more than 64 bits.
func (d *ids) fits(i int) bool {
	return i == idSpan || binary.BigEndian.Uint64(d.Trace.TraceID[:8]) == 0
}

// decimal is the lower half of the trace ID, or the span ID, as a number.
func (d *ids) decimal(i int) uint64 {
	if i == idTrace {
		return binary.BigEndian.Uint64(d.Trace.TraceID[8:])
	}
	return binary.BigEndian.Uint64(d.Trace.SpanID[:])
}
