package grpcmon

import (
	"context"
	"net/netip"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
)

// requestID is the header of the correlation ID, in and out.
const requestID = "x-request-id"

// errPanic is what the caller learns of a panic.
var errPanic = status.Error(codes.Internal, "internal error")

// UnaryServer is a grpc.UnaryServerInterceptor: the outermost, as a rule.
func (i *Interceptors) UnaryServer(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (answer any, err error) {
	ctx = i.begin(ctx, info.FullMethod)
	_ = grpc.SetHeader(ctx, metadata.Pairs(requestID, logging.CorrelationID(ctx)))
	start := reqctx.Clock()
	defer func() {
		if p := recover(); p != nil {
			i.monitor.Errors.CapturePanic(ctx, p)
			answer, err = nil, errPanic
		}
		observe(ctx, i.served, info.FullMethod, reqctx.Clock()-start, err)
	}()
	return handler(ctx, req)
}

// StreamServer is a grpc.StreamServerInterceptor.
func (i *Interceptors) StreamServer(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	ctx := i.begin(stream.Context(), info.FullMethod)
	_ = stream.SetHeader(metadata.Pairs(requestID, logging.CorrelationID(ctx)))
	start := reqctx.Clock()
	defer func() {
		if p := recover(); p != nil {
			i.monitor.Errors.CapturePanic(ctx, p)
			err = errPanic
		}
		observe(ctx, i.servedStreams, info.FullMethod, reqctx.Clock()-start, err)
	}()
	return handler(srv, &serverStream{stream, ctx})
}

// serverStream has the context with the IDs.
type serverStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *serverStream) Context() context.Context { return s.ctx }

// begin gives a call its scope: the correlation ID from whomever it comes, the
// trace from trusted callers.
func (i *Interceptors) begin(ctx context.Context, method string) context.Context {
	carrier := map[string]string{}
	take := func(names ...string) {
		for _, name := range names {
			if v := metadata.ValueFromIncomingContext(ctx, name); len(v) == 1 {
				carrier[name] = v[0]
			}
		}
	}
	take(requestID)
	if i.believes(ctx) {
		take("traceparent", "tracestate", "baggage", "sentry-trace")
	}
	ctx = logging.Extract(ctx, carrier)
	reqctx.From(ctx).Request.SetRoute(method)
	return ctx
}

func (i *Interceptors) believes(ctx context.Context) bool {
	caller, ok := peer.FromContext(ctx)
	if !ok || caller.Addr == nil || len(i.trusted) == 0 {
		return false
	}
	from, err := netip.ParseAddrPort(caller.Addr.String())
	if err != nil {
		return false
	}
	for _, p := range i.trusted {
		if p.Contains(from.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// observe records a call at its end.
func observe(ctx context.Context, in *metric.Vec[metric.Histogram], method string, took time.Duration, err error) {
	code := codeOf(err)
	in.With(method, codeName(code), outcomeOf(ctx, code)).Observe(took.Seconds())
}
