package perfmon_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/perfmon"
)

// traffic serves requests: of each hundred so many fail, and so many take 200
// ms of a fake clock.
func (b *bench) traffic(route string, requests, failed, slow int) {
	mux := http.NewServeMux()
	i := 0
	mux.HandleFunc("GET "+route, func(w http.ResponseWriter, _ *http.Request) {
		if i*100/requests < slow {
			time.Sleep(200 * time.Millisecond)
		}
		if i*100/requests >= 100-failed {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	h := b.Middleware(mux)
	for ; i < requests; i++ {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, route, nil))
	}
}

// status finds how an SLO stands.
func (b *bench) status(t *testing.T, name, route string) perfmon.SLOStatus {
	t.Helper()
	for _, s := range b.SLOs() {
		if s.Name == name && s.Route == route {
			return s
		}
	}
	require.Failf(t, "no such SLO", "%s %q of %v", name, route, b.SLOs())
	return perfmon.SLOStatus{}
}

func TestBurnRatesAreBadSharesInBudgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, perfmon.Config{})
		for range 60 {
			b.traffic("/a", 100, 1, 10) // 1 % of 0.1 %, 10 % of 5 %
			b.traffic("/b", 100, 0, 0)
			b.sample()
		}
		for _, window := range []string{"5m", "30m", "1h", "6h"} {
			for slo, want := range map[string]float64{"availability": 10, "latency": 2} {
				byRoute, err := b.registry.Read("slo_"+slo+"_burn_"+window, "http.route")
				require.NoError(t, err)
				require.Len(t, byRoute, 2)
				assert.InDelta(t, want, byRoute[0].Value, 1e-9, slo+window)
				assert.InDelta(t, 0, byRoute[1].Value, 0, slo+window)
				assert.InDelta(t, want/2, b.read(t, "slo_"+slo+"_burn_"+window).Value, 1e-9)
			}
		}
		a, service := b.status(t, "availability", "/a"), b.status(t, "availability", "")
		assert.InDelta(t, 10, a.Burn5m, 1e-9)
		assert.InDelta(t, 10, a.Burn6h, 1e-9)
		assert.InDelta(t, -900, a.BudgetLeft, 1e-9, "ten budgets are spent")
		assert.InDelta(t, 5, service.Burn1h, 1e-9)
		assert.InDelta(t, -400, service.BudgetLeft, 1e-9)
		assert.Equal(t, b.now, service.Ends, "it is spent")
		assert.EqualValues(t, 12_000, service.Requests)
		assert.EqualValues(t, 60, service.Bad)
		fine := b.status(t, "latency", "/b")
		assert.InDelta(t, 100, fine.BudgetLeft, 0)
		assert.Zero(t, fine.Ends)
		assert.WithinDuration(t, epoch.Add(10*time.Second), fine.Since, 10*time.Second)
	})
}

func TestWithoutTrafficAnSLOHasNoData(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	for _, indicator := range []string{"slo_availability_burn_5m", "slo_latency_burn_6h"} {
		_, err := b.registry.Read(indicator)
		require.ErrorIs(t, err, metric.ErrNoData, indicator)
	}
	require.Len(t, b.SLOs(), 2, "those of the service")
	for _, s := range b.SLOs() {
		for _, v := range []float64{s.BudgetLeft, s.Burn5m, s.Burn30m, s.Burn1h, s.Burn6h} {
			assert.True(t, math.IsNaN(v), "%v", s)
		}
		assert.Zero(t, s.Ends)
		assert.Zero(t, s.Since)
	}
	b.traffic("/", 49, 100, 0)
	b.sample()
	s := b.status(t, "availability", "")
	assert.True(t, math.IsNaN(s.Burn5m), "49 requests are too few for a rate")
	assert.Less(t, s.BudgetLeft, 0.0)
}

func TestAbortsAndStreamsAreOnNeitherSide(t *testing.T) {
	b := newBench(t, perfmon.Config{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	h := b.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(gone))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/events", nil))
	b.sample()
	assert.Zero(t, b.status(t, "availability", "").Requests)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	b.sample()
	s := b.status(t, "availability", "")
	assert.EqualValues(t, 1, s.Requests)
	assert.EqualValues(t, 1, s.Bad)
	assert.Len(t, b.SLOs(), 2, "requests that no route matched are the service's only")
}

// A month with ten requests a quarter of an hour: an outage of 30 minutes in which
// half of all requests failed costs 10 of 28.8 bad requests.
func TestTheBudgetAfterAnOutage(t *testing.T) {
	dir := t.TempDir()
	now := epoch
	clock := func() time.Time { return now }
	var b *bench
	restart := func() {
		if b != nil {
			require.NoError(t, b.Close(t.Context()))
			require.NoError(t, b.registry.Close(t.Context()))
		}
		registry, err := metric.NewRegistry(metric.Config{Manual: true, Dir: dir, Now: clock})
		require.NoError(t, err)
		m, err := perfmon.New(perfmon.Config{Registry: registry, Now: clock})
		require.NoError(t, err)
		b = &bench{Monitor: m, registry: registry}
		registry.Sample(now)
	}
	quarters := func(n, failed int) { // ten requests each
		now = now.Add(time.Duration(n) * 15 * time.Minute)
		b.traffic("/", 10*n, failed, 0)
		b.registry.Sample(now)
	}
	restart()
	for range 29 * 8 {
		quarters(12, 0)
	}
	restart()
	assert.InDelta(t, 100, b.status(t, "availability", "/").BudgetLeft, 0)
	assert.EqualValues(t, 29*960, b.status(t, "availability", "/").Requests)
	quarters(1, 50)
	restart()
	quarters(1, 50)
	for range 47 {
		quarters(2, 0)
	}
	restart()
	s := b.status(t, "availability", "/")
	assert.EqualValues(t, 10, s.Bad)
	assert.InDelta(t, 100*(1-10/28.8), s.BudgetLeft, 0.1)
	assert.WithinDuration(t, epoch.Add(3*time.Hour), s.Since, 15*time.Minute, "the first sample with requests")
	for range 30 * 8 {
		quarters(12, 0)
	}
	assert.InDelta(t, 100, b.status(t, "availability", "/").BudgetLeft, 0, "it has left the window")
	require.NoError(t, b.Close(t.Context()))
	require.NoError(t, b.registry.Close(t.Context()))
}

func TestTheDayOnWhichTheBudgetEnds(t *testing.T) {
	b := newBench(t, perfmon.Config{SLOs: []perfmon.SLO{{Name: "answers", Objective: 90}}})
	for range 360 * 5 { // five hours without a fault
		b.traffic("/", 10, 0, 0)
		b.sample()
	}
	assert.Zero(t, b.status(t, "answers", "").Ends)
	for range 360 { // and one at twice the budget
		b.traffic("/", 10, 20, 0)
		b.sample()
	}
	s := b.status(t, "answers", "")
	assert.InDelta(t, 2, s.Burn1h, 1e-9)
	assert.InDelta(t, 100*(1-2/6.0), s.BudgetLeft, 0.1)
	// Two thirds of six hours' budget are left; each hour takes two hours'
	// budget and brings one.
	assert.WithinDuration(t, b.now.Add(4*time.Hour), s.Ends, time.Minute)
	for range 360 * 4 {
		b.traffic("/", 10, 20, 0)
		b.sample()
	}
	s = b.status(t, "answers", "")
	assert.InDelta(t, 0, s.BudgetLeft, 0.1, "as foretold")
}

func TestAWrongSLONamesItsField(t *testing.T) {
	for field, slos := range map[string][]perfmon.SLO{
		"SLOs[0].Objective": {{Name: "a"}},
		"SLOs[1].Objective": {{Name: "a", Objective: 99}, {Name: "b", Objective: 100}},
		"SLOs[2].Objective": {{Name: "a", Objective: 99}, {Name: "b", Objective: 1}, {Name: "c", Objective: 101}},
		"SLOs[3].Objective": {{Name: "a", Objective: 99}, {Name: "b", Objective: 1}, {Name: "c", Objective: 2}, {Name: "d", Objective: math.NaN()}},
		"SLOs[0].Name":      {{Objective: 99}},
		"SLOs[1].Name":      {{Name: "a", Objective: 99}, {Name: "a", Objective: 98}},
		"SLOs[0].Latency":   {{Name: "a", Objective: 99, Latency: -1}},
	} {
		_, err := perfmon.New(perfmon.Config{SLOs: slos})
		require.ErrorIs(t, err, perfmon.ErrInvalid)
		assert.ErrorContains(t, err, field+":")
	}
	m, err := perfmon.New(perfmon.Config{SLOs: []perfmon.SLO{}})
	require.NoError(t, err)
	assert.Empty(t, m.SLOs())
	assert.NoError(t, m.Close(t.Context()))
	assert.Nil(t, (*perfmon.Monitor)(nil).SLOs())
}

func ExampleMonitor_SLOs() {
	m, err := perfmon.New(perfmon.Config{SLOs: []perfmon.SLO{
		{Name: "availability", Objective: 99.9},
		{Name: "checkout", Objective: 99, Latency: 500 * time.Millisecond},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = m.Close(context.Background()) }()
	for _, s := range m.SLOs() {
		fmt.Println(s.Name, s.Objective, s.BudgetLeft)
	}
	// Output:
	// availability 99.9 NaN
	// checkout 99 NaN
}
