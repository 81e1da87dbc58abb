package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

type supplierPage struct {
	Today      store.SupplierFigures
	Month      store.SupplierFigures
	Offers     []store.Order
	Deliveries []store.Order
	Products   []store.Product
	Wrong      map[int64]string // at a product: what is wrong with its restock
	Typed      string
}

const listed = 20

func (s *server) supplier(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showSupplier(w, r, v, http.StatusOK, nil)
}

func (s *server) showSupplier(w http.ResponseWriter, r *http.Request, v *visit, status int, wrong map[int64]string) error {
	ctx, id, now := r.Context(), v.User.SupplierID, time.Now()
	today := s.Shop.Today(now)
	p := supplierPage{Wrong: wrong, Typed: r.PostFormValue("quantity")}
	var err error
	if p.Today, err = s.Store.OneSupplierFigures(ctx, id, today, now); err != nil {
		return err
	}
	if p.Month, err = s.Store.OneSupplierFigures(ctx, id, today.AddDate(0, 0, -29), now); err != nil {
		return err
	}
	if p.Offers, err = s.Store.SupplierOrders(ctx, id, listed, store.Placed); err != nil {
		return err
	}
	if p.Deliveries, err = s.Store.SupplierOrders(ctx, id, listed, store.Confirmed, store.OnItsWay); err != nil {
		return err
	}
	if p.Products, err = s.Store.SupplierProducts(ctx, id); err != nil {
		return err
	}
	s.render(w, r, v, status, "supplier", v.User.Name, p)
	return nil
}

func (s *server) answer(accepted bool) action {
	return s.delivery(func(ctx context.Context, supplierID, orderID int64) error {
		return s.Shop.Answer(ctx, supplierID, orderID, accepted)
	})
}

// delivery runs one step of an order of the supplier and shows the page again.
func (s *server) delivery(step func(ctx context.Context, supplierID, orderID int64) error) action {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if err := step(r.Context(), v.User.SupplierID, id); err != nil {
			return err
		}
		http.Redirect(w, r, "/supplier", http.StatusSeeOther)
		return nil
	}
}

func (s *server) restock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	quantity, _ := strconv.Atoi(r.PostFormValue("quantity")) // 0 is refused with a sentence
	err = s.Shop.Restock(r.Context(), v.User.SupplierID, id, quantity)
	var invalid shop.Invalid
	if errors.As(err, &invalid) {
		return s.showSupplier(w, r, v, http.StatusUnprocessableEntity, map[int64]string{id: invalid["quantity"]})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/supplier", http.StatusSeeOther)
	return nil
}
