// Package grpcmon watches gRPC calls as the root package watches HTTP: time,
// rate and outcome by method, correlation ID and trace over metadata, panics
// captured. It is a module of its own, so that only who serves gRPC builds it.
//
//	i, err := grpcmon.New(grpcmon.Config{Monitor: mon})
//	...
//	server := grpc.NewServer(i.ServerOptions()...)
//	conn, err := grpc.NewClient(target, append(i.DialOptions(), creds)...)
//
// Outcomes are "ok", "client_error", "error" (UNKNOWN, DEADLINE_EXCEEDED,
// INTERNAL, UNAVAILABLE, DATA_LOSS) and "aborted" (the caller went away).
// Streams are kept in metrics of their own, as their time is the callers'
// choice. The indicators rpc_error_rate, rpc_p95 and rpc_throughput are of
// calls served; outgoing_rpc_error_rate and outgoing_rpc_p95 of calls made.
// error_rate and p95_latency stay those of HTTP.
package grpcmon
