package reqctx_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// BenchmarkFind is what finding the IDs of a record costs: From alone is what
// it was before spans of OpenTelemetry were looked for.
func BenchmarkFind(b *testing.B) {
	server := context.WithValue(context.WithValue(context.Background(), http.ServerContextKey, 1), http.LocalAddrContextKey, net.Addr(nil))
	server, cancel := context.WithCancel(server)
	defer cancel()
	scope := reqctx.NewJob(server, "id", reqctx.NewTrace(), nil)
	bounded, cancel2 := context.WithTimeout(scope, time.Hour)
	defer cancel2()
	otel := trace.ContextWithSpanContext(scope, trace.NewSpanContext(trace.SpanContextConfig{TraceID: [16]byte{1}, SpanID: [8]byte{1}}))
	for _, c := range []struct {
		name string
		ctx  context.Context
	}{{"nothing", server}, {"scope", scope}, {"below a scope", bounded}, {"OpenTelemetry", otel}} {
		b.Run(c.name+"/From", func(b *testing.B) {
			for b.Loop() {
				reqctx.From(c.ctx)
			}
		})
		b.Run(c.name+"/From and OpenTelemetry", func(b *testing.B) {
			var found reqctx.Trace
			for b.Loop() {
				reqctx.From(c.ctx)
				reqctx.OpenTelemetry(c.ctx, &found)
			}
		})
	}
}
