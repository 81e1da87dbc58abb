package perfmon

import (
	"time"

	"github.com/distri-night/monitoring/metric"
)

// Names of the metrics: OpenTelemetry's, where it has one.
const (
	requestDuration = "http.server.request.duration"
	streamDuration  = "http.server.stream.duration"
	activeRequests  = "http.server.active_requests"
	requestSize     = "http.server.request.body.size"
	responseSize    = "http.server.response.body.size"
	timeToFirstByte = "http.server.time_to_first_byte"
	outgoingTime    = "http.client.request.duration"
	usersActive     = "service.users.active"
	markDuration    = "service.mark.duration"
	vitalPrefix     = "browser.web_vital."
)

const vitalsWindow = 15 * time.Minute

// instrument declares all metrics and indicators of the package.
func (m *Monitor) instrument() {
	m.routes.requests = m.set.Histogram(metric.Desc{
		Name: requestDuration, Unit: "s", Help: "Time from the request's arrival to the end of its handler.",
		Keys: []string{"http.request.method", "http.route", "outcome"},
	})
	m.routes.streams = m.set.Histogram(metric.Desc{
		Name: streamDuration, Unit: "s", Help: "Time that event streams and upgraded connections were open.",
		Keys: []string{"http.route"},
	})
	for _, d := range []struct {
		of               **metric.Vec[metric.Histogram]
		name, unit, help string
	}{
		{&m.routes.firstByte, timeToFirstByte, "s", "Time from the request's arrival to the beginning of its answer."},
		{&m.routes.requestSize, requestSize, "By", "Size of the request's body; of a chunked one, what the handler read of it."},
		{&m.routes.responseSize, responseSize, "By", "Size of the answer's body, as the handler wrote it."},
	} {
		*d.of = m.set.Histogram(metric.Desc{Name: d.name, Unit: d.unit, Help: d.help, Keys: []string{"http.route"}})
	}
	m.outgoing.calls = m.set.Histogram(metric.Desc{
		Name: outgoingTime, Unit: "s", Help: "Time of outgoing calls until the header of the answer.",
		Keys: []string{"http.request.method", "server.address", "outcome", "error.type"},
	})
	m.inFlight = m.set.Gauge(metric.Desc{
		Name: activeRequests, Unit: "{request}", Help: "Requests that are being served.",
	}).With()
	m.users.gauge = m.set.Gauge(metric.Desc{
		Name: usersActive, Unit: "{user}", Help: "Distinct users seen in requests of the last 5 minutes.",
	}).With()
	m.marks = m.set.Histogram(metric.Desc{
		Name: markDuration, Unit: "s", Help: "Time between Start and End of a mark, in the service or in the browser.",
		Keys: []string{"mark", "side"},
	})
	m.vitals = make(map[string]*metric.Vec[metric.Histogram], len(vitalTable))
	for _, v := range vitalTable {
		m.vitals[v.beacon] = m.set.Histogram(metric.Desc{
			Name: vitalPrefix + v.name, Unit: v.unit, Help: v.help,
			Keys: []string{"http.route", "device", "connection"},
		})
	}
	for _, i := range indicators(m.slos.slos) {
		if err := m.set.Define(i); err != nil {
			m.logger.Error("indicator not defined", "indicator", i.Name, "error", err)
		}
	}
}

func indicators(slos []SLO) []metric.Indicator {
	counted := metric.Selector{Metric: requestDuration, Where: map[string]string{"outcome": "ok|client_error|error"}}
	failed := metric.Selector{Metric: requestDuration, Where: map[string]string{"outcome": "error"}}
	all := []metric.Indicator{
		{Name: "error_rate", Unit: "%", Help: "Requests answered 5xx or panicked, of all. Aborted requests and streams are on neither side.",
			Of: failed, Per: counted, MinSamples: 50, By: []string{"http.route"}},
		{Name: "throughput", Unit: "{request}/s", Help: "Requests a second.", Of: counted, By: []string{"http.route"}},
		{Name: "in_flight", Unit: "{request}", Help: "Requests that are being served.", Of: metric.Selector{Metric: activeRequests}},
		{Name: "active_users", Unit: "{user}", Help: "Distinct users seen in requests of the last 5 minutes.", Of: metric.Selector{Metric: usersActive}},
		{Name: "page_load", Unit: "ms", Help: "75th percentile of the page's load event.", Scale: 1000,
			Of: metric.Selector{Metric: vitalPrefix + "load"}, Quantile: 0.75, Window: vitalsWindow, MinSamples: 20},
	}
	for _, q := range []struct {
		name string
		q    float64
		by   []string
	}{{"p50_latency", 0.50, nil}, {"p95_latency", 0.95, []string{"http.route"}}, {"p99_latency", 0.99, nil}} {
		all = append(all, metric.Indicator{Name: q.name, Unit: "ms", Help: "Quantile of request time, streams apart.",
			Of: counted, Quantile: q.q, Scale: 1000, MinSamples: 100, By: q.by})
	}
	first, called := metric.Selector{Metric: timeToFirstByte}, metric.Selector{Metric: outgoingTime, Where: map[string]string{"outcome": "ok|client_error|error"}}
	all = append(all,
		metric.Indicator{Name: "ttfb_server_p95", Unit: "ms", Help: "95th percentile of the time to the first byte of an answer, streams and aborted requests apart.",
			Of: first, Quantile: 0.95, Scale: 1000, MinSamples: 100, By: []string{"http.route"}},
		metric.Indicator{Name: "request_size_p95", Unit: "By", Help: "95th percentile of the size of request bodies.",
			Of: metric.Selector{Metric: requestSize}, Quantile: 0.95, MinSamples: 100},
		metric.Indicator{Name: "response_size_p95", Unit: "By", Help: "95th percentile of the size of answers' bodies.",
			Of: metric.Selector{Metric: responseSize}, Quantile: 0.95, MinSamples: 100},
		metric.Indicator{Name: "outgoing_error_rate", Unit: "%", Help: "Outgoing calls that failed or were answered 5xx, of all but those that the service cancelled.",
			Of:  metric.Selector{Metric: outgoingTime, Where: map[string]string{"outcome": "error"}},
			Per: called, MinSamples: 20, By: []string{"server.address"}},
		metric.Indicator{Name: "outgoing_p95", Unit: "ms", Help: "95th percentile of the time of outgoing calls until the header of the answer.",
			Of: called, Quantile: 0.95, Scale: 1000, MinSamples: 20, By: []string{"server.address"}},
		metric.Indicator{Name: "outgoing_throughput", Unit: "{request}/s", Help: "Outgoing calls a second.", Of: called, By: []string{"server.address"}},
	)
	all = append(all, sloIndicators(slos, counted)...)
	all = append(all, runtimeIndicators()...)
	for _, v := range vitalTable {
		if v.beacon == "load" {
			continue
		}
		of := metric.Selector{Metric: vitalPrefix + v.name}
		all = append(all,
			metric.Indicator{Name: v.name, Unit: v.shownUnit(), Help: "75th percentile: " + v.help,
				Of: of, Quantile: 0.75, Scale: v.scale, Window: vitalsWindow},
			metric.Indicator{Name: v.name + "_good", Unit: "%", Help: "Visits at or below the good limit.",
				Of: of, Below: v.good / v.scale, Window: vitalsWindow},
			metric.Indicator{Name: v.name + "_fair", Unit: "%", Help: "Visits at or below the poor limit.",
				Of: of, Below: v.poor / v.scale, Window: vitalsWindow})
	}
	return all
}
