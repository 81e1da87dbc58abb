package dbmon

import (
	"context"
	"errors"
	"math"
	"slices"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// serverCheck is what one database answered.
type serverCheck struct {
	err      error // it did not
	answered bool
	stuck    bool // the service's own code does not come back

	blocks     blocks
	clients    int  // client backends, without the check's own
	limit      int  // connections that the server leaves to clients
	statements bool // pg_stat_statements is there
	seesAll    bool // the role sees the statistics of all

	forbidden []string // views that the role may not read
}

// The parts of the question need no rights, unless somebody took PUBLIC's. What
// another role's session is, is hidden from a role without pg_read_all_stats;
// but its database is not, and background processes have none.
const (
	blocksQuery = `coalesce((select blks_hit from pg_stat_database where datname = current_database()), 0),
	coalesce((select blks_read from pg_stat_database where datname = current_database()), 0)`
	clientsQuery = `(select count(*) from pg_stat_activity
		where pid <> pg_backend_pid() and (backend_type = 'client backend' or backend_type is null and datid is not null))`
	settingsQuery = `current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
		- coalesce(current_setting('reserved_connections', true)::int, 0),
	exists (select from pg_extension where extname = 'pg_stat_statements'),
	pg_has_role('pg_read_all_stats', 'usage')`
)

// checkServer asks over a connection aside of the pool's.
func checkServer(ctx context.Context, p *pgxpool.Pool) (s serverCheck) {
	if err := aside(ctx, p, func(conn *pgx.Conn) error {
		s.ask(ctx, conn)
		return s.err
	}); err != nil {
		s.err = err
	}
	s.answered = s.err == nil
	return s
}

// ask puts the question in one, and in parts where the role may not read a view.
func (s *serverCheck) ask(ctx context.Context, conn *pgx.Conn) {
	blocks, clients := []any{&s.blocks.hit, &s.blocks.read}, []any{&s.clients}
	settings := []any{&s.limit, &s.statements, &s.seesAll}
	s.err = read(ctx, conn, blocksQuery+","+clientsQuery+","+settingsQuery, slices.Concat(blocks, clients, settings)...)
	if !isCode(s.err, "42501") {
		return
	}
	s.err = read(ctx, conn, settingsQuery, settings...)
	for _, part := range []struct {
		view, query string
		into        []any
	}{{"pg_stat_database", blocksQuery, blocks}, {"pg_stat_activity", clientsQuery, clients}} {
		switch err := read(ctx, conn, part.query, part.into...); {
		case isCode(err, "42501"):
			s.forbidden = append(s.forbidden, part.view)
		case s.err == nil:
			s.err = err
		}
	}
}

// health judges the answer beside that of the check before.
func (s serverCheck) health(before blocks, known bool) Health {
	nan := math.NaN()
	h := Health{Verdict: Healthy, SuccessRate: nan, CacheHitRate: nan, BufferHitRate: nan, PoolUse: nan, ServerConnectionUse: nan}
	if !s.answered {
		h.worsen(Critical, "%s", describe(s.err))
		h.Unchecked = append(h.Unchecked, "buffers and connections of the server: it did not answer")
		if s.stuck {
			h.Unchecked = append(h.Unchecked, "the server: a check still waits in the pool's BeforeConnect or its dialer, which do not heed their context")
		}
		if full(s.err) {
			h.ServerConnectionUse = 100
		}
		return h
	}
	for _, view := range s.forbidden {
		h.Unchecked = append(h.Unchecked, view+": the role may not read it, which GRANT pg_monitor or GRANT SELECT would allow")
	}
	if s.limit > 0 && !slices.Contains(s.forbidden, "pg_stat_activity") {
		h.ServerConnectionUse = 100 * float64(s.clients) / float64(s.limit)
	}
	switch {
	case h.ServerConnectionUse > badServerUse:
		h.worsen(Critical, "%d of the server's %d connections are in use", s.clients, s.limit)
	case h.ServerConnectionUse > maxServerUse:
		h.worsen(Degraded, "%d of the server's %d connections are in use", s.clients, s.limit)
	}
	// Statistics that were reset in between go backwards: no data, once.
	hit, read := s.blocks.hit-before.hit, s.blocks.read-before.read
	if known && hit >= 0 && read >= 0 && hit+read > 0 {
		h.BufferHitRate = 100 * float64(hit) / float64(hit+read)
		if hit+read >= minBufferOf && h.BufferHitRate < minBufferHits {
			h.worsen(Degraded, "only %.1f %% of blocks are found in the server's buffers", h.BufferHitRate)
		}
	}
	if !s.statements {
		h.Unchecked = append(h.Unchecked, "statements on the server: the extension pg_stat_statements is missing, which CREATE EXTENSION makes")
	}
	if !s.seesAll {
		h.Unchecked = append(h.Unchecked, "sessions of other roles: the role lacks pg_monitor, which GRANT pg_monitor gives")
	}
	return h
}

func full(err error) bool { return isCode(err, "53300") }

func isCode(err error, code string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == code
}

// describe says what is wrong with a connection in words of our own: the
// error's may hold names, addresses and values.
func describe(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case e.Code == "53300":
			return "the server refuses connections: too many clients"
		case e.Code == "57P03":
			return "the server is starting up or shutting down"
		case e.Code == "57P01" || e.Code == "57P02":
			return "the server shut down during the check"
		case e.Code == "3D000":
			return "the database does not exist"
		case len(e.Code) == 5 && e.Code[:2] == "28":
			return "the server refuses the role or its password"
		default:
			return "the server answers with error " + e.Code
		}
	}
	switch {
	case errors.Is(err, errStuck):
		return "the server does not answer: the check before has not come back"
	case errors.Is(err, errPanicked):
		return "the pool's BeforeConnect or its dialer panics"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return "the server cannot be reached: connection refused"
	case errorType(err) == typeTimeout:
		return "the server does not answer in time"
	case errorType(err) == typeCanceled:
		return "the check was canceled"
	default:
		return "the server cannot be reached"
	}
}
