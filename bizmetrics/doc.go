// Package bizmetrics counts what a business lives on: orders, refunds,
// payments, suppliers, users, costs and NPS, exact to the cent.
//
//	r, err := bizmetrics.New(bizmetrics.Config{Currency: "EUR", Dir: "/var/lib/shop/business"})
//	...
//	defer r.Close(ctx)
//	err = r.RecordOrder(ctx, bizmetrics.Order{ID: "o-1", Total: bizmetrics.Money{Minor: 1999, Currency: "EUR"}})
//	revenue, err := r.Revenue(ctx)
//
// # Definitions
//
// Revenue is of orders, never of payments: a placed order adds its total on
// its day; a refund, or a cancellation, takes off on its own day, and the
// sale's day stays as it was. A refund takes off at most what its order still
// counts, a cancellation all that it still counts, worked out in order of their
// times whatever the order of their arrival. A refund of an unknown order takes
// off all of its amount, a cancellation of one nothing; when the order comes,
// figures are as if it had always been there.
//
// An event counts once, by its ID (an order's with its status), however often
// and by whichever process it is recorded. The same ID with other content is a
// conflict: the first wins, and business.events counts it. A time that was not
// given makes no conflict.
//
// Money is in minor units and never a float. Amounts in another currency are
// converted when they are recorded, once, by Config.Convert. Days are those of
// Config.Location by the rules of its zone, so some have 23 or 25 hours. Months
// begin on Config.MonthStart, weeks on Config.WeekStart. An event counts on the
// day of its At, however late it comes.
//
// [Recorder.ForTenant] is a view of one tenant: its reports are those of its
// events alone, as if there were no other tenant.
//
// # What a record costs, and when it counts
//
// Recording checks, counts and queues; it never waits for a disk or a database.
// With the in-memory store it finds duplicates at once, so the counters that
// alerting reads are exact as soon as the call returns. Reports follow within
// 20 ms. The journal is written as soon and fsynced within a second;
// [Recorder.Sync] waits for both.
//
// # In and out
//
// [WriteJSONLines] and [WriteCSV] write the events that [Recorder.Events] gives;
// [ReadJSONLines] and [ReadCSV] read them, and [Recorder.Import] takes them in,
// each once.
//
//	n, err := bizmetrics.WriteCSV(file, r.Events(ctx, from, to))
//	became, err := r.Import(ctx, bizmetrics.ReadJSONLines(file))
//
// # Caveats
//
// The in-memory store keeps events and IDs of 40 days; 1,200 older days keep
// totals by supplier, status, method, currency and tenant. So what is counted or
// added up stays known: revenue, orders, order value, payments, NPS and their
// trends, suppliers, costs and commission, and how many users each day had. What
// needs single events does not: medians, distinct users of more than a day,
// customers and cohorts of older days are NaN or left out, a customer who comes
// back later is new, an event that is delivered again after 40 days counts again,
// and a refund of an older order is no longer limited by its total. Each process
// reports on what it recorded and on what the processes before it left in Dir;
// replicas that must agree share a Store.
package bizmetrics
