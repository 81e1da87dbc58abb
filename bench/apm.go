package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	ddhttp "github.com/DataDog/dd-trace-go/contrib/net/http/v2"
	"github.com/DataDog/dd-trace-go/v2/ddtrace/tracer"
	"github.com/newrelic/go-agent/v3/newrelic"
)

// The two agents run as they do by default, but for their network: what they
// send is taken within the process and answered at once. So their background
// work is in the measure, as ours is.

// answered is a network that gives the same answer to all.
type answered func(r *http.Request) string

func (f answered) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(f(r))),
	}, nil
}

// datadog traces every request, as it does when nothing else is set; metrics
// and statistics come from the spans.
func datadog(next http.Handler) (http.Handler, func(), error) {
	for _, off := range []string{"DD_INSTRUMENTATION_TELEMETRY_ENABLED", "DD_REMOTE_CONFIGURATION_ENABLED", "DD_TRACE_STARTUP_LOGS"} {
		if err := os.Setenv(off, "false"); err != nil {
			return nil, nil, err
		}
	}
	client := &http.Client{Transport: answered(func(*http.Request) string { return "{}" })}
	if err := tracer.Start(tracer.WithHTTPClient(client), tracer.WithService("bench"), tracer.WithLogger(silent{})); err != nil {
		return nil, nil, err
	}
	return ddhttp.WrapHandler(next, "bench", "orders"), tracer.Stop, nil
}

type silent struct{}

func (silent) Log(string) {}

// newRelicAgent is connected, to itself.
func newRelicAgent() (*newrelic.Application, error) {
	app, err := newrelic.NewApplication(
		newrelic.ConfigAppName("bench"),
		newrelic.ConfigLicense(strings.Repeat("0", 40)),
		func(c *newrelic.Config) {
			c.Utilization.DetectAWS, c.Utilization.DetectAzure, c.Utilization.DetectGCP = false, false, false
			c.Utilization.DetectPCF, c.Utilization.DetectDocker, c.Utilization.DetectKubernetes = false, false, false
			c.Transport = answered(func(r *http.Request) string {
				switch r.URL.Query().Get("method") {
				case "preconnect":
					return `{"return_value":{"redirect_host":"collector.example"}}`
				case "connect":
					return `{"return_value":{"agent_run_id":"1"}}`
				default:
					return `{"return_value":null}`
				}
			})
		})
	if err != nil {
		return nil, err
	}
	if err := app.WaitForConnection(10 * time.Second); err != nil {
		return nil, fmt.Errorf("connect the agent of New Relic: %w", err)
	}
	return app, nil
}

func newRelic(next http.Handler) (http.Handler, func(), error) {
	app, err := newRelicAgent()
	if err != nil {
		return nil, nil, err
	}
	_, h := newrelic.WrapHandle(app, "/orders/{id}", next)
	return h, func() { app.Shutdown(time.Second) }, nil
}

// agentCosts are those over the bare mux, each measured by itself: what an
// agent does in the background would fall on whoever has the next turn.
func agentCosts(s settings) ([]figures, error) {
	var costs []figures
	for _, agent := range []struct {
		name string
		wrap func(http.Handler) (http.Handler, func(), error)
	}{{"Datadog, always sampled", datadog}, {"New Relic", newRelic}} {
		h, stop, err := agent.wrap(bareMux())
		if err != nil {
			return nil, err
		}
		f := measure(s.rounds, s.block, subject{"bare mux", serve(bareMux())}, subject{agent.name, serve(h)})
		stop()
		costs = append(costs, f[1].less(f[0]))
	}
	return costs, nil
}
