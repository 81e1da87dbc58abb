package dbmon

import (
	"context"
	"encoding/binary"
	"log/slog"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// record counts one query, which ran as that statement: see [Monitor.watch].
// What is fast and fine costs one observation.
func (m *Monitor) record(ctx context.Context, q *query, statement string, took time.Duration, rows int64, err error) {
	if took < 0 {
		took = 0
	}
	failed := ""
	if err != nil {
		failed = errorType(err)
	}
	scope := reqctx.From(ctx)
	if statement != "" && scope != nil && scope.Request.HTTP != nil && trackedOf(ctx) == nil {
		statement = q.name // known by what it is without its literals: these may differ from call to call
	}
	m.count(scope, q, statement, took, rows, failed)
	if scope.Recording() {
		addSpan(scope, q, took, failed, slog.String("db.system", "postgresql"), slog.Int64("rows", rows))
	}
}

// addSpan makes a span of a query that has ended. It has the query's name, as
// the metrics do, and never its text.
func addSpan(scope *reqctx.Scope, q *query, took time.Duration, failed string, attrs ...slog.Attr) {
	status := reqctx.StatusOK
	switch {
	case failed == typeCanceled:
		status = reqctx.StatusCanceled
	case failed != "":
		status = reqctx.StatusInternalError
	}
	if failed != "" {
		attrs = append(attrs, slog.String("error.type", failed))
	}
	scope.AddSpan(reqctx.Span{Op: reqctx.OpQuery, Name: q.name, Status: status, Start: time.Now().Add(-took), Took: took, Attrs: attrs})
}

func (m *Monitor) count(scope *reqctx.Scope, q *query, statement string, took time.Duration, rows int64, failed string) {
	if failed == "" {
		q.ok.Observe(float64(took) * 1e-9) // half the cost of Seconds
	} else {
		m.operations.With(q.name, failed).Observe(took.Seconds())
	}
	if rows > 0 {
		q.rows.Add(uint64(rows))
	}
	if scope != nil && scope.Request.HTTP != nil {
		m.watch(scope, q, statement, rows, failed != "" && failed != typeCanceled)
	}
	if slow := took > m.slowLimit(q); slow || failed != "" {
		m.note(scope, q, took, rows, failed, slow)
	} else if scope != nil {
		leaveCrumb(scope, q, took, rows)
	}
}

// leaveCrumb notes a query that went well, for an error that may come later in
// the request. It allocates nothing of its own.
func leaveCrumb(scope *reqctx.Scope, q *query, took time.Duration, rows int64) {
	var packed [16]byte
	binary.LittleEndian.PutUint64(packed[:8], uint64(took))
	binary.LittleEndian.PutUint64(packed[8:], uint64(rows))
	scope.Request.AddPacked(reqctx.Breadcrumb{Category: "query", Message: q.name, At: time.Now()}, packed[:], crumbData)
}

func crumbData(packed []byte) map[string]any {
	took, rows := binary.LittleEndian.Uint64(packed[:8]), binary.LittleEndian.Uint64(packed[8:])
	return map[string]any{"duration_ms": float64(took) / 1e6, "rows": int64(rows)}
}

// slowLimit is how long the query may take.
func (m *Monitor) slowLimit(q *query) time.Duration {
	if q.slow > 0 {
		return q.slow
	}
	return m.slow
}

// note keeps what is worth a look: the slow ones for SlowQueries, both kinds as
// a breadcrumb of the request.
func (m *Monitor) note(scope *reqctx.Scope, q *query, took time.Duration, rows int64, failed string, slow bool) {
	now := time.Now()
	if slow {
		m.slowest.add(SlowQuery{Name: q.name, CorrelationID: scope.CorrelationID(), Caller: caller(), Duration: took, Rows: rows, At: now})
	}
	if scope == nil {
		return
	}
	level := slog.LevelWarn
	data := map[string]any{"duration_ms": float64(took) / 1e6, "rows": rows}
	if failed != "" {
		data["error.type"] = failed
		if failed != typeCanceled {
			level = slog.LevelError
		}
	}
	scope.Request.AddBreadcrumb(reqctx.Breadcrumb{Category: "query", Message: q.name, Level: level, Data: data, At: now})
}
