package logging

import (
	"context"

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
	correlation, user, route string
	logger                   string // of Named, not of the scope
	trace                    reqctx.Trace
	taken                    idSet
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

// idsOf are those of scope, which is ctx's, and the trace of ctx.
func idsOf(ctx context.Context, scope *reqctx.Scope, k *core) (d ids) {
	if scope != nil {
		id := scope.Identity()
		d = ids{correlation: id.CorrelationID, user: k.redact.Text(id.UserID), route: id.Route, trace: id.Trace}
	}
	if t, ok := reqctx.OpenTelemetry(ctx); ok {
		d.trace = t
	}
	return d
}

// has reports whether the ID is known and not taken.
func (d *ids) has(i int) bool {
	if d.taken&(1<<i) != 0 {
		return false
	}
	switch i {
	case idCorrelation:
		return d.correlation != ""
	case idUser:
		return d.user != ""
	case idRoute:
		return d.route != ""
	case idLogger:
		return d.logger != ""
	default:
		return d.trace.Valid()
	}
}

// text is the ID, "" if it is unknown or taken.
func (d *ids) text(i int) string {
	if !d.has(i) {
		return ""
	}
	switch i {
	case idCorrelation:
		return d.correlation
	case idUser:
		return d.user
	case idRoute:
		return d.route
	case idLogger:
		return d.logger
	case idTrace:
		return traceID(d.trace)
	default:
		return d.trace.SpanIDString()
	}
}

// hex appends the trace or span ID without an allocation.
func (d *ids) hex(b []byte, i int) []byte {
	if i == idTrace {
		return appendHex(b, d.trace.TraceID[:])
	}
	return appendHex(b, d.trace.SpanID[:])
}

func appendHex(b, id []byte) []byte {
	for _, c := range id {
		b = append(b, hexDigits[c>>4], hexDigits[c&15])
	}
	return b
}
