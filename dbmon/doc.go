// Package dbmon measures what a service asks of PostgreSQL through pgx: each
// query by name, the pools, the service's caches, and the health of the server.
//
//	pool, err := dbmon.NewPool(ctx, os.Getenv("DATABASE_URL")) // traced and attached
//
//	orders, err := dbmon.TrackQuery(ctx, "fetch_orders", func(ctx context.Context) ([]Order, error) {
//		rows, err := pool.Query(ctx, "select id, total from orders where customer = $1", id)
//		if err != nil {
//			return nil, err
//		}
//		return pgx.CollectRows(rows, pgx.RowToStructByPos[Order])
//	})
//
// A query's name is that of [TrackQuery] or [WithName], else that of the
// comment which sqlc writes before it ("-- name: ListOrders :many"), else made
// of its verb, its table and a fingerprint of its text without literals
// ("select orders 5b1f03c2"). Arguments, literals and the details of errors are
// not kept, and get into no metric, breadcrumb, slow query or verdict.
//
// A pool with a configuration of its own takes a [Tracer] and [Monitor.Attach]:
//
//	c, err := pgxpool.ParseConfig(url)
//	c.ConnConfig.Tracer = &dbmon.Tracer{} // follows the default, also one installed later
//	pool, err := pgxpool.NewWithConfig(ctx, c)
//	detach, err := monitor.Attach("reporting", pool)
//
// What advice about queries and indexes will need is gathered already. For each
// name [Monitor.Statements] has a text without literals, its fingerprint, the
// types of its arguments, and how slow it was. Inside of the package, aside gives
// a connection that is not the pool's, one that a pooler in front takes; read
// asks over it in a transaction with a timeout of its own; probe bounds that and
// owns its goroutine; queryIDs maps fingerprints to the identifiers by which
// pg_stat_statements, and so the plans that auto_explain logs, know a statement.
//
// Caveats: pgx ends a query when its rows are closed, so its time includes the
// service's own work on them; rows that are never closed are in [Monitor.OpenQueries]
// and then counted in db.client.rows.unclosed.
// Names are bounded: past 500 they are counted as "other".
package dbmon
