package grpcmon

import (
	"fmt"
	"net/netip"

	"google.golang.org/grpc"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/metric"
)

// Config sets up Interceptors. The zero Config works once monitoring.Init has
// been called.
type Config struct {
	// Monitor measures and captures. nil: the default at the time of New.
	Monitor *monitoring.Monitor
	// TrustedCallers may hand the server a trace (traceparent, tracestate,
	// baggage). nil: none, each call begins a new one.
	TrustedCallers []netip.Prefix
}

// Interceptors watch calls served and made. Make them with [New]. Safe for
// concurrent use.
type Interceptors struct {
	monitor               *monitoring.Monitor
	trusted               []netip.Prefix
	served, servedStreams *metric.Vec[metric.Histogram]
	made, madeStreams     *metric.Vec[metric.Histogram]
}

// Names of the metrics; those of unary calls are OpenTelemetry's.
const (
	serverCalls   = "rpc.server.call.duration"
	serverStreams = "rpc.server.stream.duration"
	clientCalls   = "rpc.client.call.duration"
	clientStreams = "rpc.client.stream.duration"
)

// New declares the metrics and indicators in the Monitor's registry; a second
// one shares them. Without a Monitor it is monitoring.ErrInvalid, as is a
// prefix that is none.
func New(c Config) (*Interceptors, error) {
	if c.Monitor == nil {
		c.Monitor = monitoring.Default()
	}
	var faults config.Faults
	if c.Monitor == nil {
		faults.Add("Monitor", "a Monitor, or monitoring.Init before New", nil)
	}
	for i, p := range c.TrustedCallers {
		if !p.IsValid() {
			faults.Add(fmt.Sprintf("TrustedCallers[%d]", i), "a network prefix", nil)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	i := &Interceptors{monitor: c.Monitor, trusted: c.TrustedCallers}
	set := c.Monitor.Metrics
	for _, d := range []struct {
		of         **metric.Vec[metric.Histogram]
		name, help string
	}{
		{&i.served, serverCalls, "Time of unary calls served."},
		{&i.servedStreams, serverStreams, "Time that streams served were open."},
		{&i.made, clientCalls, "Time of unary calls made."},
		{&i.madeStreams, clientStreams, "Time that streams to other services were open."},
	} {
		*d.of = set.Histogram(metric.Desc{Name: d.name, Unit: "s", Help: d.help,
			Keys: []string{"rpc.method", "rpc.response.status_code", "outcome"}})
	}
	for _, indicator := range indicators() {
		if err := set.Define(indicator); err != nil {
			return nil, fmt.Errorf("define %s: %w", indicator.Name, err)
		}
	}
	return i, nil
}

func indicators() []metric.Indicator {
	sel := func(name, outcome string) metric.Selector {
		return metric.Selector{Metric: name, Where: map[string]string{"outcome": outcome}}
	}
	const counted = "ok|client_error|error"
	by := []string{"rpc.method"}
	return []metric.Indicator{
		{Name: "rpc_error_rate", Unit: "%", Help: "gRPC calls served that failed by the service's fault, of all; aborted ones and streams on neither side.",
			Of: sel(serverCalls, "error"), Per: sel(serverCalls, counted), MinSamples: 50, By: by},
		{Name: "rpc_p95", Unit: "ms", Help: "95th percentile of the time of gRPC calls served, streams apart.",
			Of: sel(serverCalls, counted), Quantile: 0.95, Scale: 1000, MinSamples: 100, By: by},
		{Name: "rpc_throughput", Unit: "{call}/s", Help: "gRPC calls served a second.", Of: sel(serverCalls, counted), By: by},
		{Name: "outgoing_rpc_error_rate", Unit: "%", Help: "gRPC calls made that failed, of all but those cancelled here.",
			Of: sel(clientCalls, "error"), Per: sel(clientCalls, counted), MinSamples: 20, By: by},
		{Name: "outgoing_rpc_p95", Unit: "ms", Help: "95th percentile of the time of gRPC calls made, streams apart.",
			Of: sel(clientCalls, counted), Quantile: 0.95, Scale: 1000, MinSamples: 20, By: by},
	}
}

// ServerOptions are both interceptors for grpc.NewServer.
func (i *Interceptors) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(i.UnaryServer), grpc.ChainStreamInterceptor(i.StreamServer)}
}

// DialOptions are both interceptors for grpc.NewClient.
func (i *Interceptors) DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(i.UnaryClient), grpc.WithChainStreamInterceptor(i.StreamClient)}
}
