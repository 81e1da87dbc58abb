package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/logging"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// productsPage is the front page: products, and the basket beside them.
type productsPage struct {
	Search, Category, Sort string
	Page                   int
	Suppliers              int64
	DeliveredBy            time.Time
	Evening                bool
	Listing                shop.Listing
	basket
}

// basket is the basket with its checkout form, and the newest open order.
type basket struct {
	Cart       shop.Cart
	InCart     map[int64]int
	Key        string
	Phone      string
	Method     string
	Errors     shop.Invalid
	NotPaid    *shop.NotPaid
	Wrong      map[int64]string // at a product: why it could not be put in the basket
	Open       *store.Order
	OpenOrders int
	By         time.Time // when the basket would be at the door
}

// methods as the form offers them, the usual one first.
var methods = []struct{ ID, Label, By string }{
	{"card", "Card ending 4242", "by card"},
	{"wallet", "Wallet", "by wallet"},
	{"paypal", "PayPal", "with PayPal"},
	{"bank_transfer", "Bank transfer", "by transfer"},
}

func (s *server) products(w http.ResponseWriter, r *http.Request, v *visit) error {
	for _, feature := range []struct{ field, name string }{{"q", "search"}, {"category", "categories"}, {"sort", "sorting"}} {
		if r.URL.Query().Get(feature.field) != "" {
			s.used(r, v, feature.name)
		}
	}
	b, err := s.basket(r, v)
	if err != nil {
		return err
	}
	return s.showProducts(w, r, v, http.StatusOK, r.URL.Query(), b)
}

func (s *server) showProducts(w http.ResponseWriter, r *http.Request, v *visit, status int, q url.Values, b basket) error {
	p, err := s.productsPage(r, q, b)
	if err != nil {
		return err
	}
	s.render(w, r, v, status, "products", "Products", p)
	return nil
}

func (s *server) productsPage(r *http.Request, q url.Values, b basket) (productsPage, error) {
	page, _ := strconv.Atoi(q.Get("page"))
	now := time.Now().In(s.Shop.Zone())
	p := productsPage{
		Search: q.Get("q"), Category: q.Get("category"), Sort: q.Get("sort"), Page: max(0, page), basket: b,
		DeliveredBy: now.Add(45 * time.Minute).Truncate(5 * time.Minute),
		Evening:     now.Hour() >= 17 || now.Hour() < 4,
	}
	var err error
	if p.Listing, err = s.Shop.Browse(r.Context(), p.Search, p.Category, p.Sort, p.Page); err != nil {
		return p, err
	}
	p.Suppliers, err = s.Store.Suppliers(r.Context())
	return p, err
}

func (s *server) product(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	p, err := s.Shop.Product(r.Context(), id)
	if err != nil {
		return err
	}
	b, err := s.basket(r, v)
	if err != nil {
		return err
	}
	s.render(w, r, v, http.StatusOK, "product", p.Name, struct {
		Product store.Product
		basket
	}{p, b})
	return nil
}

// basket reads the visitor's basket; somebody not signed in has an empty one.
func (s *server) basket(r *http.Request, v *visit) (basket, error) {
	b := basket{Key: rand.Text(), Method: methods[0].ID, InCart: map[int64]int{}}
	if v.User == nil || v.User.Role != store.Client {
		return b, nil
	}
	b.Phone = v.User.Phone
	var err error
	if b.Cart, err = s.Shop.Cart(r.Context(), v.User.ID); err != nil {
		return b, err
	}
	for _, it := range b.Cart.Items {
		b.InCart[it.ProductID] = it.Quantity
	}
	b.By = time.Now().In(s.Shop.Zone()).Add(time.Duration(b.Cart.Minutes+4) * time.Minute).Truncate(5 * time.Minute)
	orders, err := s.Store.CustomerOrders(r.Context(), v.User.ID, 5)
	if err != nil {
		return b, err
	}
	for i, o := range orders {
		if o.Status != store.Delivered && o.Status != store.Cancelled {
			if b.Open == nil {
				b.Open = &orders[i]
			}
			b.OpenOrders++
		}
	}
	return b, nil
}

func (s *server) setCart(w http.ResponseWriter, r *http.Request, v *visit) error {
	productID, err1 := strconv.ParseInt(r.PostFormValue("product_id"), 10, 64)
	quantity, err2 := strconv.Atoi(r.PostFormValue("quantity"))
	if err1 != nil || err2 != nil {
		return errBadForm
	}
	back := local(r.PostFormValue("back"))
	err := s.Shop.SetCart(r.Context(), v.User.ID, productID, quantity)
	var invalid shop.Invalid
	if errors.As(err, &invalid) {
		b, err := s.basket(r, v)
		if err != nil {
			return err
		}
		b.Wrong = map[int64]string{productID: invalid["quantity"]}
		q := url.Values{}
		if u, err := url.Parse(back); err == nil && u.Path == "/" {
			q = u.Query()
		}
		return s.showProducts(w, r, v, http.StatusUnprocessableEntity, q, b)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func (s *server) emptyCart(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Shop.EmptyCart(r.Context(), v.User.ID); err != nil {
		return err
	}
	http.Redirect(w, r, local(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// checkout answers 303 to the order, 402 if the money was not paid, 422 for a
// form with faults; the last two show the products and the basket again.
func (s *server) checkout(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := shop.Checkout{Key: r.PostFormValue("key"), Phone: r.PostFormValue("phone"), Method: r.PostFormValue("method")}
	orders, err := s.Shop.Checkout(r.Context(), v.User.ID, form)
	var invalid shop.Invalid
	var notPaid *shop.NotPaid
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil && len(orders) == 1:
		http.Redirect(w, r, "/orders/"+strconv.FormatInt(orders[0].ID, 10), http.StatusSeeOther)
		return nil
	case err == nil, errors.Is(err, store.ErrRepeated):
		http.Redirect(w, r, "/orders", http.StatusSeeOther)
		return nil
	case errors.As(err, &notPaid):
		status = http.StatusPaymentRequired
	case !errors.As(err, &invalid):
		return err
	}
	b, err := s.basket(r, v)
	if err != nil {
		return err
	}
	b.Errors, b.NotPaid, b.Phone = invalid, notPaid, form.Phone
	if form.Method != "" {
		b.Method = form.Method
	}
	return s.showCheckout(w, r, v, status, b)
}

// showCheckout shows the basket again, beside the products if they can be read:
// who pays must see what became of it, also while the product pages fail.
func (s *server) showCheckout(w http.ResponseWriter, r *http.Request, v *visit, status int, b basket) error {
	p, err := s.productsPage(r, url.Values{}, b)
	if err != nil {
		logging.FromContext(r.Context()).Warn("checkout page without products", logging.Err(err))
	}
	s.render(w, r, v, status, "products", "Checkout", p)
	return nil
}

func (s *server) orders(w http.ResponseWriter, r *http.Request, v *visit) error {
	orders, err := s.Store.CustomerOrders(r.Context(), v.User.ID, 50)
	if err != nil {
		return err
	}
	s.render(w, r, v, http.StatusOK, "orders", "My orders", orders)
	return nil
}

type orderPage struct {
	Order  store.Order
	Items  []store.OrderItem
	Rated  bool
	Scores []int
	Score  string
	Errors shop.Invalid
}

func (s *server) order(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showOrder(w, r, v, http.StatusOK, nil)
}

func (s *server) showOrder(w http.ResponseWriter, r *http.Request, v *visit, status int, bad shop.Invalid) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	p := orderPage{Scores: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Errors: bad}
	if p.Order, err = s.Store.CustomerOrder(r.Context(), v.User.ID, id); err != nil {
		return err
	}
	if p.Items, err = s.Store.OrderItems(r.Context(), id); err != nil {
		return err
	}
	if p.Rated, err = s.Store.Rated(r.Context(), id); err != nil {
		return err
	}
	s.render(w, r, v, status, "order", "Order "+strconv.FormatInt(id, 10), p)
	return nil
}

// changeOrder runs one change of the order in the path and shows it again.
func (s *server) changeOrder(w http.ResponseWriter, r *http.Request, v *visit, change func(id int64) error) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	err = change(id)
	var invalid shop.Invalid
	if errors.As(err, &invalid) {
		return s.showOrder(w, r, v, http.StatusUnprocessableEntity, invalid)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/orders/"+strconv.FormatInt(id, 10), http.StatusSeeOther)
	return nil
}

func (s *server) cancelOrder(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changeOrder(w, r, v, func(id int64) error { return s.Shop.Cancel(r.Context(), v.User.ID, id) })
}

func (s *server) refund(w http.ResponseWriter, r *http.Request, v *visit) error {
	productID, err := strconv.ParseInt(r.PostFormValue("product_id"), 10, 64)
	if err != nil {
		return errBadForm
	}
	s.used(r, v, "refunds")
	return s.changeOrder(w, r, v, func(id int64) error { return s.Shop.Refund(r.Context(), v.User.ID, id, productID) })
}

func (s *server) rate(w http.ResponseWriter, r *http.Request, v *visit) error {
	s.used(r, v, "ratings")
	score, err := strconv.Atoi(r.PostFormValue("score"))
	if err != nil {
		score = -1
	}
	return s.changeOrder(w, r, v, func(id int64) error {
		return s.Shop.Rate(r.Context(), v.User.ID, id, score, r.PostFormValue("comment"))
	})
}

// used counts that the visitor has used a feature.
func (s *server) used(r *http.Request, v *visit, feature string) {
	var userID int64
	if v.User != nil {
		userID = v.User.ID
	}
	s.Shop.Used(r.Context(), userID, feature)
}

// invite gives a customer a link by which a friend signs up.
func (s *server) invite(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Shop.Invite(r.Context(), v.User.ID); err != nil {
		return err
	}
	s.used(r, v, "invitations")
	s.render(w, r, v, http.StatusOK, "message", "Your link", message{
		Status: http.StatusOK, Heading: "A link for a friend", Text: "Whoever signs up by it is counted as your guest. Copy it from the address that it opens.",
		Link: "/sign-in?invited_by=" + strconv.FormatInt(v.User.ID, 10), LinkText: "The link",
	})
	return nil
}
