package shop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// Categories in the order of the shop's tabs.
var Categories = []string{"drinks", "food", "party", "care"}

// Sorts are the orders in which products can be listed.
var Sorts = []string{"fastest", "price", "name"}

// PageSize is how many products a page shows.
const PageSize = 24

// Listing is one page of products.
type Listing struct {
	Products []store.Product
	More     bool
}

// Browse lists products. An unknown category or sort counts as none; a search
// is cut to 60 characters.
func (s *Shop) Browse(ctx context.Context, search, category, sort string, page int) (Listing, error) {
	nap, err := s.fault()
	if err != nil {
		return Listing{}, err
	}
	f := store.Filter{Search: cut(strings.TrimSpace(search), 60), Sort: Sorts[0], Limit: PageSize + 1, Offset: PageSize * max(0, min(page, 100)), Nap: nap}
	if slices.Contains(Categories, category) {
		f.Category = category
	}
	if slices.Contains(Sorts, sort) {
		f.Sort = sort
	}
	ids, err := s.list(ctx, f)
	if err != nil {
		return Listing{}, err
	}
	l := Listing{More: len(ids) > PageSize}
	l.Products, err = s.byID(ctx, ids[:min(len(ids), PageSize)])
	return l, err
}

// Product returns one product, or store.ErrNotFound.
func (s *Shop) Product(ctx context.Context, id int64) (store.Product, error) {
	if _, err := s.fault(); err != nil {
		return store.Product{}, err
	}
	products, err := s.byID(ctx, []int64{id})
	if err != nil {
		return store.Product{}, err
	}
	if len(products) == 0 {
		return store.Product{}, store.ErrNotFound
	}
	return products[0], nil
}

// list keeps lists without a search: there are few, and all read them.
func (s *Shop) list(ctx context.Context, f store.Filter) ([]int64, error) {
	cached := f.Search == "" && f.Nap == 0
	now := time.Now()
	if cached {
		if ids, ok := s.lists.get(f, now); ok {
			return ids, nil
		}
	}
	ids, err := s.store.ProductIDs(ctx, f)
	if err == nil && cached {
		s.lists.put(f, ids, now)
	}
	return ids, err
}

// byID returns products in the order of ids; unknown ones are left out.
func (s *Shop) byID(ctx context.Context, ids []int64) ([]store.Product, error) {
	now := time.Now()
	found := make(map[int64]store.Product, len(ids))
	var missing []int64
	for _, id := range ids {
		if p, ok := s.products.get(id, now); ok {
			found[id] = p
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		products, err := s.store.Products(ctx, missing)
		if err != nil {
			return nil, fmt.Errorf("read products: %w", err)
		}
		for _, p := range products {
			found[p.ID] = p
			s.products.put(p.ID, p, now)
		}
	}
	products := make([]store.Product, 0, len(ids))
	for _, id := range ids {
		if p, ok := found[id]; ok {
			products = append(products, p)
		}
	}
	return products, nil
}

func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
