package dbmon

import (
	"strings"

	"github.com/distri-night/monitoring/metric"
)

// Names and keys of the metrics: OpenTelemetry's semantic conventions where
// they have one.
const (
	operationDuration = "db.client.operation.duration"
	queryRows         = "db.client.rows"
	connectionCount   = "db.client.connection.count"
	connectionMax     = "db.client.connection.max"
	connectionWait    = "db.client.connection.wait_time"
	connectionUse     = "db.client.connection.use_time"
	connectionCreate  = "db.client.connection.create_time"
	connectionPending = "db.client.connection.pending_requests"
	connectionWaited  = "db.client.connection.waited"
	connectionHeld    = "db.client.connection.held_too_long"
	rowsUnclosed      = "db.client.rows.unclosed"
	findingsFound     = "db.client.findings"
	cacheLookups      = "cache.lookups"

	keyName  = "db.query.name"
	keyError = "error.type"
	keyPool  = "pool"
	keyState = "state"
	keyCache = "cache"
)

var (
	countDesc = metric.Desc{Name: connectionCount, Unit: "{connection}", Keys: []string{keyPool, keyState},
		Help: "Connections of a pool, idle and used."}
	maxDesc = metric.Desc{Name: connectionMax, Unit: "{connection}", Keys: []string{keyPool},
		Help: "Connections that a pool may have."}
	pendingDesc = metric.Desc{Name: connectionPending, Unit: "{request}", Keys: []string{keyPool},
		Help: "Callers that wait for a connection of a pool."}
	waitedDesc = metric.Desc{Name: connectionWaited, Unit: "s", Keys: []string{keyPool},
		Help: "Time that callers have waited because the pool had no free connection."}
)

// instrument declares the metrics and what can be read from them.
func (m *Monitor) instrument() error {
	m.set.Logger = m.logger
	m.operations = m.set.Histogram(metric.Desc{Name: operationDuration, Unit: "s", Keys: []string{keyName, keyError}, Limit: maxNames,
		Help: "Time of a query, from its start until its rows are closed; error.type is the SQLSTATE class."})
	m.rows = m.set.Counter(metric.Desc{Name: queryRows, Unit: "{row}", Keys: []string{keyName}, Limit: maxNames,
		Help: "Rows that queries returned or changed."})
	m.waits = m.set.Histogram(metric.Desc{Name: connectionWait, Unit: "s", Keys: []string{keyPool},
		Help: "Time to get a connection from a pool."})
	m.uses = m.set.Histogram(metric.Desc{Name: connectionUse, Unit: "s", Keys: []string{keyPool},
		Help: "Time from taking a connection to giving it back."})
	m.connects = m.set.Histogram(metric.Desc{Name: connectionCreate, Unit: "s", Keys: []string{keyError},
		Help: "Time to open a connection to the server."})
	m.lookups = m.set.Counter(metric.Desc{Name: cacheLookups, Unit: "{lookup}", Keys: []string{keyCache, "result"},
		Help: "Look-ups in the service's caches."})
	m.unclosed = m.set.Counter(metric.Desc{Name: rowsUnclosed, Unit: "{query}", Keys: []string{keyName}, Limit: maxNames,
		Help: "Queries whose rows were not closed: open 10 s after their context had ended, or for 10 min."})
	m.heldTooLong = m.set.Counter(metric.Desc{Name: connectionHeld, Unit: "{connection}", Keys: []string{keyPool},
		Help: "Connections that were out of their pool for longer than Config.HeldConnection."})
	m.findingsOf = m.set.Counter(metric.Desc{Name: findingsFound, Unit: "{request}", Keys: []string{"kind"},
		Help: "Requests that did to the database what they should not, by kind of finding."})
	for _, i := range indicators() {
		if err := m.set.Define(i); err != nil {
			return err
		}
	}
	return nil
}

// failures are the values of error.type that make a query a failed one, as a
// Selector takes them: all but none and canceled.
func failures() string { return strings.Join(failureTypes, "|") }

func indicators() []metric.Indicator {
	of := func(where ...string) metric.Selector {
		s := metric.Selector{Metric: operationDuration}
		for i := 0; i+1 < len(where); i += 2 {
			s.Where = map[string]string{where[i]: where[i+1]}
		}
		return s
	}
	byName := []string{keyName}
	hits := metric.Selector{Metric: cacheLookups, Where: map[string]string{"result": "hit"}}
	used := metric.Selector{Metric: connectionCount, Where: map[string]string{keyState: "used"}}
	return []metric.Indicator{
		{Name: "db_connection_pool", Unit: "%", Of: used, Per: metric.Selector{Metric: connectionMax}, By: []string{keyPool},
			Help: "This process's connections in use, of what its pools may have."},
		{Name: "db_acquire_p95", Unit: "ms", Of: metric.Selector{Metric: connectionWait}, Quantile: 0.95, Scale: 1000, By: []string{keyPool},
			Help: "95th percentile of the time to get a connection from a pool."},
		{Name: "db_pool_starvation", Unit: "s/s", Of: metric.Selector{Metric: connectionWaited}, By: []string{keyPool},
			Help: "Seconds that callers wait, because a pool has no free connection, in each second: above 1 the pool starves."},
		{Name: "cache_hit_rate", Unit: "%", Of: hits, Per: metric.Selector{Metric: cacheLookups}, By: []string{keyCache}, MinSamples: 500,
			Help: "Look-ups that found what they looked for, of the service's caches."},
		{Name: "query_rate", Unit: "{query}/s", Of: of(), By: byName, Help: "Queries a second."},
		{Name: "query_p50", Unit: "ms", Of: of(), Quantile: 0.5, Scale: 1000, By: byName, Help: "Median of query time."},
		{Name: "query_p95", Unit: "ms", Of: of(), Quantile: 0.95, Scale: 1000, By: byName, Help: "95th percentile of query time."},
		{Name: "query_p99", Unit: "ms", Of: of(), Quantile: 0.99, Scale: 1000, By: byName, Help: "99th percentile of query time."},
		{Name: "query_max", Unit: "ms", Of: of(), Quantile: 1, Scale: 1000, By: byName, Help: "The longest query time."},
		{Name: "query_rows", Unit: "{row}/s", Of: metric.Selector{Metric: queryRows}, By: byName, Help: "Rows that queries returned or changed, a second."},
		{Name: "query_mean", Unit: "ms", Of: of(), Mean: true, Scale: 1000, By: byName, Help: "Mean query time."},
		{Name: "query_errors", Unit: "%", Of: of(keyError, failures()), Per: of(keyError, "|"+failures()), By: byName,
			Help: "Queries that failed, of all but the canceled. No rows is no failure."},
	}
}

// Produce emits the metrics; it is for the Registry. The pools are asked for
// their counters, which takes no I/O.
func (m *Monitor) Produce(emit func(metric.Family)) {
	if !m.active() {
		return
	}
	now := m.since()
	m.expire(now)
	m.reportHeld(now)
	m.set.Produce(emit)
	m.pools.produce(m.epoch, emit)
}

// Indicators are those of queries, pools and caches.
func (m *Monitor) Indicators() []metric.Indicator {
	if !m.active() {
		return nil
	}
	return m.set.Indicators()
}
