package grpcmon

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/distri-night/monitoring/internal/reqctx"
	"github.com/distri-night/monitoring/logging"
)

// UnaryClient is a grpc.UnaryClientInterceptor. It hands the correlation ID
// and the trace of the context on, and leaves a breadcrumb.
func (i *Interceptors) UnaryClient(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	start := reqctx.Clock()
	err := invoke(handOn(ctx), method, req, reply, cc, opts...)
	took := reqctx.Clock() - start
	observe(ctx, i.made, method, took, err)
	leaveCrumb(ctx, method, took, err)
	return err
}

// StreamClient is a grpc.StreamClientInterceptor. A stream ends when gRPC says
// that it has: its last message was received, it failed, or its context ended.
func (i *Interceptors) StreamClient(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	start := reqctx.Clock()
	ended := func(err error) {
		took := reqctx.Clock() - start
		observe(ctx, i.madeStreams, method, took, err)
		leaveCrumb(ctx, method, took, err)
	}
	return streamer(handOn(ctx), desc, cc, method, append(opts[:len(opts):len(opts)], grpc.OnFinish(ended))...)
}

// handOn adds what every callee may know; what is there already stays.
func handOn(ctx context.Context) context.Context {
	carrier := map[string]string{}
	logging.Inject(ctx, carrier)
	have, _ := metadata.FromOutgoingContext(ctx)
	for _, name := range []string{requestID, "traceparent"} {
		if v := carrier[name]; v != "" && len(have.Get(name)) == 0 {
			ctx = metadata.AppendToOutgoingContext(ctx, name, v)
		}
	}
	return ctx
}

func leaveCrumb(ctx context.Context, method string, took time.Duration, err error) {
	scope := reqctx.From(ctx)
	if scope == nil {
		return
	}
	code, level := codeOf(err), slog.LevelInfo
	if code != codes.OK {
		level = slog.LevelError
	}
	scope.Request.AddBreadcrumb(reqctx.Breadcrumb{
		Category: "grpc", Message: method, Level: level, At: time.Now(),
		Data: map[string]any{"status_code": codeName(code), "duration_ms": float64(took) / 1e6},
	})
}
