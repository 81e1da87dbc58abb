package store

import (
	"context"
	"fmt"
	"time"

	"github.com/distri-night/monitoring/dbmon"
)

// Product is something a supplier sells.
type Product struct {
	ID         int64
	SupplierID int64
	Supplier   string
	Name       string
	Category   string
	PriceMinor int64
	UnitPrice  string // as shown: "€7.42 / l"
	Minutes    int    // to the door
	Stock      int
	Icon       string
}

const productColumns = `p.id, p.supplier_id, s.name, p.name, p.category, p.price_minor, p.unit_price, p.minutes, p.stock, p.icon`
const productTables = ` from shop.products p join shop.suppliers s on s.id = p.supplier_id `

// Filter chooses products. Search is matched anywhere in the product's or
// supplier's name; Sort is "fastest", "price" or "name". Nap makes the
// database wait before it answers: the demo's slow query.
type Filter struct {
	Search, Category, Sort string
	Limit, Offset          int
	Nap                    time.Duration
}

var orderBy = map[string]string{
	"fastest": "p.minutes, p.id",
	"price":   "p.price_minor, p.id",
	"name":    "p.name, p.id",
}

// ProductIDs returns the IDs of the products that a filter chooses.
func (s *Store) ProductIDs(ctx context.Context, f Filter) ([]int64, error) {
	order, ok := orderBy[f.Sort]
	if !ok {
		order = orderBy["fastest"]
	}
	sql := "select p.id" + productTables + `
		where ($1 = '' or p.category = $1)
		  and ($2 = '' or strpos(lower(p.name || ' ' || s.name), lower($2)) > 0)
		order by ` + order + " limit $3 offset $4"
	return dbmon.TrackQuery(ctx, "products_search", func(ctx context.Context) ([]int64, error) {
		if f.Nap > 0 {
			if _, err := s.pool.Exec(ctx, "select pg_sleep($1)", f.Nap.Seconds()); err != nil {
				return nil, fmt.Errorf("nap: %w", err)
			}
		}
		rows, err := s.pool.Query(ctx, sql, f.Category, f.Search, f.Limit, f.Offset)
		if err != nil {
			return nil, fmt.Errorf("search products: %w", err)
		}
		return collectIDs(rows)
	})
}

// Products returns the products with these IDs, in no order.
func (s *Store) Products(ctx context.Context, ids []int64) ([]Product, error) {
	return dbmon.TrackQuery(ctx, "products_by_id", func(ctx context.Context) ([]Product, error) {
		return queryAll[Product](ctx, s.pool, "select "+productColumns+productTables+"where p.id = any($1)", ids)
	})
}

// SupplierProducts returns what a supplier sells, least in stock first.
func (s *Store) SupplierProducts(ctx context.Context, supplierID int64) ([]Product, error) {
	products, err := queryAll[Product](ctx, s.pool, "select "+productColumns+productTables+"where p.supplier_id = $1 order by p.stock, p.id", supplierID)
	if err != nil {
		return nil, fmt.Errorf("list the supplier's products: %w", err)
	}
	return products, nil
}

// Restock adds quantity to a product of the supplier.
func (s *Store) Restock(ctx context.Context, supplierID, productID int64, quantity int) error {
	tag, err := s.pool.Exec(ctx, "update shop.products set stock = stock + $3 where id = $2 and supplier_id = $1", supplierID, productID, quantity)
	if err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

// Suppliers returns how many suppliers sell something.
func (s *Store) Suppliers(ctx context.Context) (int64, error) {
	return queryValue[int64](ctx, s.pool, "select count(*) from shop.suppliers")
}
