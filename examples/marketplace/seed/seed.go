// Package seed fills empty tables: suppliers, products, users, and the orders
// of the last weeks, so that a figure of today has a past to stand beside.
package seed

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options say what is made.
type Options struct {
	Seed         uint64
	Clients      int // users who buy; 0: 400
	Days         int // of past orders, today included
	OrdersPerDay int // on an ordinary day; 0: 600
	Zone         *time.Location
}

// Fill writes the shop's beginnings if there are no suppliers yet, and reports
// whether it did.
func Fill(ctx context.Context, pool *pgxpool.Pool, o Options) (filled bool, err error) {
	if o.Clients == 0 {
		o.Clients = 400
	}
	if o.OrdersPerDay == 0 {
		o.OrdersPerDay = 600
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table shop.suppliers in exclusive mode"); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, "select count(*) from shop.suppliers").Scan(&n); err != nil || n > 0 {
			return err
		}
		filled = true
		f := &filler{ctx: ctx, tx: tx, opt: o, rand: rand.New(rand.NewPCG(o.Seed, 0x5eed)), now: time.Now().Truncate(time.Microsecond)}
		for _, step := range []func() error{f.suppliers, f.products, f.users, f.past, f.sequences} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("fill the shop: %w", err)
	}
	return filled, nil
}

type filler struct {
	ctx  context.Context
	tx   pgx.Tx
	opt  Options
	rand *rand.Rand
	now  time.Time

	joined []time.Time // client n+1
	early  int         // clients who were there before the first order
}

func (f *filler) copy(table string, columns []string, rows [][]any) error {
	_, err := f.tx.CopyFrom(f.ctx, pgx.Identifier{"shop", table}, columns, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("copy to %s: %w", table, err)
	}
	return nil
}

func (f *filler) suppliers() error {
	rows := make([][]any, len(suppliers))
	for i, name := range suppliers {
		rows[i] = []any{int64(i + 1), name, int32(commissionBPS(int64(i + 1)))} //nolint:gosec // small
	}
	return f.copy("suppliers", []string{"id", "name", "commission_bps"}, rows)
}

// commissionBPS is what a supplier pays of its goods: 10 to 14 %.
func commissionBPS(supplierID int64) int64 { return 1000 + 50*((supplierID-1)%9) }

func supplierID(name string) int64 {
	for i, s := range suppliers {
		if s == name {
			return int64(i + 1)
		}
	}
	return 0 // refused by the foreign key
}

func (f *filler) products() error {
	rows := make([][]any, len(goods))
	for i, g := range goods {
		rows[i] = []any{int64(i + 1), supplierID(g.supplier), g.name, g.category, g.price, g.unit, int32(g.minutes), int32(g.stock), g.icon}
	}
	return f.copy("products", []string{"id", "supplier_id", "name", "category", "price_minor", "unit_price", "minutes", "stock", "icon"}, rows)
}

// users: the clients come first, so that user n is client n. Two in three were
// there before the first order; the others have come since, some of them
// invited by one who was there.
func (f *filler) users() error {
	founded := f.now.AddDate(0, 0, -f.opt.Days-30)
	var rows [][]any
	add := func(name, email, role string, supplier any, phone, address string, invitedBy any, joined time.Time) {
		rows = append(rows, []any{int64(len(rows) + 1), name, email, role, supplier, phone, address, invitedBy, joined})
	}
	f.early = max(1, f.opt.Clients*2/3)
	for i := range f.opt.Clients {
		first, last := firstNames[i%len(firstNames)], lastNames[(i*7+i/len(firstNames))%len(lastNames)]
		email := fmt.Sprintf("%s.%s.%d@example.com", strings.ToLower(first), strings.ToLower(last), i+1)
		phone := fmt.Sprintf("06%08d", 10_000_000+f.rand.IntN(80_000_000))
		joined, invitedBy := founded, any(nil)
		if late := i - f.early; late >= 0 {
			since := time.Duration(f.opt.Days) * 24 * time.Hour
			joined = f.now.Add(-since + since*time.Duration(late)/time.Duration(f.opt.Clients-f.early+1)).Truncate(time.Microsecond)
			if f.rand.Float64() < .3 {
				invitedBy = f.rand.Int64N(int64(f.early)) + 1
			}
		}
		f.joined = append(f.joined, joined)
		add(first+" "+last, email, "client", nil, phone, fmt.Sprintf("%s %d, Paris", streets[i%len(streets)], 112-(i*5)%111), invitedBy, joined)
	}
	for i, name := range suppliers {
		add(name, fmt.Sprintf("supplier%d@example.com", i+1), "supplier", int64(i+1), "", "", nil, founded)
	}
	add("Ada Admin", "admin@example.com", "admin", nil, "", "", nil, founded)
	return f.copy("users", []string{"id", "name", "email", "role", "supplier_id", "phone", "address", "invited_by", "created_at"}, rows)
}

// sequences go on after the rows that were copied with their IDs.
func (f *filler) sequences() error {
	for _, table := range []string{"suppliers", "products", "users", "orders", "offers", "payments", "refunds", "ratings", "invitations", "advertising"} {
		sql := fmt.Sprintf("select setval(pg_get_serial_sequence('shop.%[1]s', 'id'), max(id)) from shop.%[1]s having max(id) is not null", table)
		if _, err := f.tx.Exec(f.ctx, sql); err != nil {
			return fmt.Errorf("sequence of %s: %w", table, err)
		}
	}
	return nil
}
