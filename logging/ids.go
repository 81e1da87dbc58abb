package logging

import (
	"github.com/distri-night/monitoring/internal/reqctx"
)

// What a record says of its scope, at the root, in this order.
const (
	idCorrelation = iota
	idUser
	idRoute
	idTrace
	idSpan
	idCount
)

var idNames = [idCount]string{"correlation_id", "user_id", "route", "trace_id", "span_id"}

// ids are the values of one record.
type ids struct {
	reqctx.Identity
	taken idSet
}

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
	case "trace_id":
		return 1 << idTrace
	case "span_id":
		return 1 << idSpan
	default:
		return 0
	}
}

// of reads the IDs of scope.
func (d *ids) of(scope *reqctx.Scope, k *core) {
	scope.Identify(&d.Identity)
	if d.UserID != "" {
		d.UserID = k.redact.Text(d.UserID)
	}
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
	case idTrace:
		return traceID(d.Trace)
	default:
		return d.Trace.SpanIDString()
	}
}

// hex appends the trace or span ID without an allocation.
func (d *ids) hex(b []byte, i int) []byte {
	if i == idTrace {
		return appendHex(b, d.Trace.TraceID[:])
	}
	return appendHex(b, d.Trace.SpanID[:])
}

func appendHex(b, id []byte) []byte {
	n := len(b)
	b = append(b, "00000000000000000000000000000000"[:2*len(id)]...)
	for i, to := 0, b[n:]; i < len(id) && len(to) >= 2; i, to = i+1, to[2:] {
		to[0], to[1] = hexDigits[id[i]>>4], hexDigits[id[i]&15]
	}
	return b
}
