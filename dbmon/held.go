package dbmon

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// holding is a connection out of its pool, with the place that took it.
type holding struct {
	m             *Monitor
	pool          string
	correlationID string
	since         time.Duration
	pcs           [32]uintptr
	depth         int
	reported      atomic.Bool
}

// HeldConnection is a connection that somebody has kept for longer than
// Config.HeldConnection.
type HeldConnection struct {
	Pool          string
	Caller        string // folder/file.go:line of the service that took it
	CorrelationID string // of the request that took it; "" outside of one
	Since         time.Time
	Held          time.Duration
}

// HeldConnections are those out of their pools for too long now, the longest
// first. Without Config.HeldConnection nobody watches, and there are none.
func (m *Monitor) HeldConnections() []HeldConnection {
	if !m.active() || m.heldLimit == 0 {
		return nil
	}
	now := m.since()
	var held []HeldConnection
	for _, s := range m.conns.living() {
		if h := s.holder.Load(); h != nil && h.m == m && now-h.since > m.heldLimit {
			held = append(held, HeldConnection{
				Pool: h.pool, Caller: callerOf(h.pcs[:h.depth]), CorrelationID: h.correlationID,
				Since: m.epoch.Add(h.since), Held: now - h.since,
			})
		}
	}
	slices.SortFunc(held, func(a, b HeldConnection) int { return cmp.Compare(b.Held, a.Held) })
	return held
}

// hold notes who has taken the connection.
func (m *Monitor) hold(ctx context.Context, s *connState, pool string, now time.Duration) {
	h := &holding{m: m, pool: pool, correlationID: reqctx.From(ctx).CorrelationID(), since: now}
	h.depth = runtime.Callers(3, h.pcs[:])
	s.holder.Store(h)
}

// reportHeld counts and says once of each connection that is held too long.
func (m *Monitor) reportHeld(now time.Duration) {
	if m.heldLimit == 0 {
		return
	}
	for _, s := range m.conns.living() {
		h := s.holder.Load()
		if h == nil || h.m != m || now-h.since <= m.heldLimit || h.reported.Swap(true) {
			continue
		}
		m.heldTooLong.With(h.pool).Add(1)
		m.logger.Warn("a connection is held too long", "pool", h.pool, "caller", callerOf(h.pcs[:h.depth]),
			"correlation_id", h.correlationID, "held", (now - h.since).Round(time.Second).String())
	}
}
