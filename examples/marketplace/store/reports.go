package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/dbmon"
)

// Figures are what the tables say of a span of time.
type Figures struct {
	RevenueMinor    int64 // placed, less what was cancelled or refunded in the span
	Orders          int64 // placed
	Payments        int64
	Succeeded       int64
	Declined        int64
	CommissionMinor int64
}

// Figures adds up the time from until to, all in one snapshot.
func (s *Store) Figures(ctx context.Context, from, to time.Time) (Figures, error) {
	return dbmon.TrackQuery(ctx, "figures", func(ctx context.Context) (Figures, error) {
		return queryOne[Figures](ctx, s.pool, `select
			(select coalesce(sum(total_minor), 0) from shop.orders where placed_at >= $1 and placed_at < $2)
			- (select coalesce(sum(total_minor), 0) from shop.orders where cancelled_at >= $1 and cancelled_at < $2)
			- (select coalesce(sum(amount_minor), 0) from shop.refunds where at >= $1 and at < $2),
			(select count(*) from shop.orders where placed_at >= $1 and placed_at < $2),
			(select count(*) from shop.payments where at >= $1 and at < $2),
			(select count(*) from shop.payments where at >= $1 and at < $2 and status = 'succeeded'),
			(select count(*) from shop.payments where at >= $1 and at < $2 and status = 'declined'),
			(select coalesce(sum(commission_minor), 0)::bigint from shop.orders where placed_at >= $1 and placed_at < $2 and status <> 'cancelled')`, from, to)
	})
}

// SupplierFigures is one supplier's share of a span.
type SupplierFigures struct {
	SupplierID      int64
	Supplier        string
	CommissionBPS   int
	Orders          int64
	RevenueMinor    int64
	CommissionMinor int64
	Offers          int64
	Accepted        int64
	ResponseSeconds float64 // mean; 0 if nothing was answered
}

// supplierFigures takes a condition on supplier_id: with one supplier's the
// indexes are used, with none each table is read once.
func supplierFigures(only string) string {
	return `select s.id, s.name, s.commission_bps, coalesce(o.n, 0), coalesce(o.revenue, 0)::bigint, coalesce(o.commission, 0)::bigint,
		coalesce(f.n, 0), coalesce(f.accepted, 0), coalesce(f.seconds, 0)::float8
	from shop.suppliers s
	left join (select supplier_id, count(*) n, sum(total_minor) revenue, sum(commission_minor) commission from shop.orders
		where placed_at >= $1 and placed_at < $2 and status <> 'cancelled' and ` + only + ` group by 1) o on o.supplier_id = s.id
	left join (select supplier_id, count(*) n, count(*) filter (where accepted) accepted, avg(extract(epoch from answered_at - published_at)) seconds from shop.offers
		where answered_at >= $1 and answered_at < $2 and ` + only + ` group by 1) f on f.supplier_id = s.id`
}

var (
	everySupplier = supplierFigures("true") + " order by 5 desc, s.id"
	oneSupplier   = supplierFigures("supplier_id = $3") + " where s.id = $3"
)

// SupplierFigures returns every supplier's share of a span, by revenue.
func (s *Store) SupplierFigures(ctx context.Context, from, to time.Time) ([]SupplierFigures, error) {
	return dbmon.TrackQuery(ctx, "supplier_figures", func(ctx context.Context) ([]SupplierFigures, error) {
		return queryAll[SupplierFigures](ctx, s.pool, everySupplier, from, to)
	})
}

// OneSupplierFigures returns one supplier's share of a span.
func (s *Store) OneSupplierFigures(ctx context.Context, supplierID int64, from, to time.Time) (SupplierFigures, error) {
	return dbmon.TrackQuery(ctx, "supplier_figures_one", func(ctx context.Context) (SupplierFigures, error) {
		return queryOne[SupplierFigures](ctx, s.pool, oneSupplier, from, to, supplierID)
	})
}

// UserFigures is what a customer ordered in all.
type UserFigures struct {
	User
	Orders     int64
	SpentMinor int64
	LastAt     *time.Time
}

// LatestCustomers returns the customers who ordered last.
func (s *Store) LatestCustomers(ctx context.Context, limit int) ([]UserFigures, error) {
	rows, err := s.pool.Query(ctx, `with latest as (
			select customer_id, max(placed_at) at from (select customer_id, placed_at from shop.orders order by placed_at desc limit 500) r group by 1 order by 2 desc limit $1)
		select `+userColumns+`, count(o.id), coalesce(sum(o.total_minor) filter (where o.status <> 'cancelled'), 0)::bigint, max(o.placed_at)
		from latest l join shop.users u on u.id = l.customer_id join shop.orders o on o.customer_id = u.id
		group by u.id order by max(o.placed_at) desc`, limit)
	if err != nil {
		return nil, fmt.Errorf("list the latest customers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[UserFigures])
}
