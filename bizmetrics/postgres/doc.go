// Package postgres keeps business events in PostgreSQL, so that all replicas of
// a service report the same: a [bizmetrics.Store].
//
//	store, err := postgres.Open(ctx, pool, postgres.Config{Location: berlin})
//	...
//	r, err := bizmetrics.New(bizmetrics.Config{Store: store, Location: berlin, Dir: "/var/lib/shop/business"})
//
// # Tables
//
// They are in a schema of their own, "bizmetrics" unless Config says otherwise.
// Whatever is there besides events is made of them, by the transaction that adds
// the events: it is never behind them.
//
//   - events: each event as it came (data, JSON in UTF-8), with its effect: what
//     it adds to the figures, given all that is known of its order. amount is in
//     minor units of the currency of the reports, less than 0 where it takes off;
//     after in ns; at in µs since 1970. One partition a month (UTC), "events_2026_03",
//     made ahead and when an event needs it; there is no default partition. What
//     is older than 2000, or not before 2100, shares one partition each.
//   - event_keys: finds an event by the hash of its key, in whichever month it
//     is, and all events of an order.
//   - totals: events and amounts by kind, status, method, currency and tenant.
//     grain 1: by five minutes, start counts them since 1970; 2: by day, since
//     1970; 3: by month, 12 a year; 4 and 5: by day and by month, by supplier too.
//     A sum is hi * 2^32 + lo, which no number of events makes overflow.
//   - order_values: placed orders by their value (level 0) and by buckets of
//     values (level 1), for exact medians and P95. scope is a tenant, "" all.
//   - user_days, users, user_counts: who was seen on which day (topic "": at all;
//     "f:" and a feature: by using it), last of all, and how many.
//   - customers, customer_months, cohort_months: when a customer first ordered,
//     what became of him month by month, and of all who began in the same month.
//   - settings: the calendar by which days and months are added up, the currency.
//   - writer, migrations: which event comes next, and what has been done to the
//     schema.
//   - kinds, and the view readable_events: events for people to read.
//
// To ask for more than the reports have, query readable_events, within some time:
//
//	SELECT * FROM bizmetrics.readable_events WHERE at >= now() - interval '1 hour'
//
// is slow, since it converts each time; on the table itself it is fast:
//
//	SELECT * FROM bizmetrics.events WHERE at >= extract(epoch FROM now() - interval '1 hour') * 1000000
//
// # Several replicas
//
// A batch takes an advisory lock in its transaction, pg_advisory_xact_lock with a
// key made of the schema's name, so there is one writer at a time, and no
// deadlock among them. Readers wait for nobody: each query has its own snapshot.
// A key that another replica has stored is found, however long ago.
//
// No state is kept in a session: no temporary tables, no session's locks, no
// settings that outlive a transaction. So it works through PgBouncer in
// transaction mode, if the pool does not prepare statements by name; a pool of
// [Connect] does not. For one of your own, set
//
//	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
//
// What Append has returned is on disk, also where the server's
// synchronous_commit is off.
//
// # Migrations and rights
//
// [Open] brings the schema to the version of this package; [Up] and [Down] do it
// alone, each in one transaction. The role that does needs CREATE on the
// database, or to own the schema. A role that only reads and writes needs no
// more than this, after each Up; partitions are made and dropped by functions
// with the rights of their owner:
//
//	GRANT USAGE ON SCHEMA bizmetrics TO shop;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bizmetrics TO shop;
//	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bizmetrics TO shop;
//
// # Retention
//
// With Config.Retention, partitions whose events are all older are dropped, some
// time after they are. Totals stay, and reports of days and months with them. A
// late event of a month that is gone counts all the same; its partition is made
// again. But an event whose key went with its month counts again if it is
// delivered again. Dropping needs a moment without readers of events; it waits
// half a second for that at a time, and tries again an hour later.
package postgres
