// Package web serves the shop's pages: to clients, suppliers and the admin.
// All of it is HTML from the server; forms work without a script.
package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/logging"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

//go:embed templates/*.html static/*
var files embed.FS

// Simulator is what the admin page steers.
type Simulator interface {
	// Set pauses or resumes the shoppers. A pause is complete when it returns.
	Set(ctx context.Context, running bool, speed float64) error
	State() (running bool, shoppers int, speed float64)
}

// Config is what the pages need.
type Config struct {
	Shop      *shop.Shop
	Store     *store.Store
	Recorder  *bizmetrics.Recorder
	Simulator Simulator
}

type server struct {
	Config
	pages map[string]*template.Template
}

// New returns the shop's pages.
func New(c Config) (http.Handler, error) {
	s := &server{Config: c, pages: map[string]*template.Template{}}
	for _, name := range []string{"products", "product", "orders", "order", "signin", "supplier", "admin", "message"} {
		t, err := template.New("layout.html").Funcs(s.funcs()).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/icons.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		s.pages[name] = t
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.StripPrefix("/static/", cached(http.FileServerFS(static))))
	s.routes(mux)
	return http.NewCrossOriginProtection().Handler(secure(mux)), nil
}

func (s *server) routes(mux *http.ServeMux) {
	handle := func(pattern string, role store.Role, f action) { mux.Handle(pattern, s.page(role, f)) }
	const anybody = store.Role("")

	handle("GET /{$}", anybody, s.products)
	handle("GET /products/{id}", anybody, s.product)
	handle("GET /sign-in", anybody, s.signIn)
	handle("POST /sign-in", anybody, s.startSession)
	handle("POST /sign-up", anybody, s.signUp)
	handle("POST /sign-out", anybody, s.endSession)
	handle("/", anybody, func(http.ResponseWriter, *http.Request, *visit) error { return store.ErrNotFound })

	handle("POST /cart/items", store.Client, s.setCart)
	handle("POST /cart/empty", store.Client, s.emptyCart)
	handle("POST /checkout", store.Client, s.checkout)
	handle("GET /orders", store.Client, s.orders)
	handle("GET /orders/{id}", store.Client, s.order)
	handle("POST /orders/{id}/cancel", store.Client, s.cancelOrder)
	handle("POST /orders/{id}/refund", store.Client, s.refund)
	handle("POST /orders/{id}/rating", store.Client, s.rate)

	handle("POST /invitations", store.Client, s.invite)

	handle("GET /supplier", store.Supplier, s.supplier)
	handle("POST /supplier/offers/{id}/accept", store.Supplier, s.answer(true))
	handle("POST /supplier/offers/{id}/decline", store.Supplier, s.answer(false))
	handle("POST /supplier/deliveries/{id}/hand-over", store.Supplier, s.delivery(s.Shop.HandOver))
	handle("POST /supplier/deliveries/{id}/delivered", store.Supplier, s.delivery(s.Shop.Deliver))
	handle("POST /supplier/products/{id}/stock", store.Supplier, s.restock)

	handle("GET /admin", store.Admin, s.admin)
	handle("POST /admin/faults", store.Admin, s.setFaults)
	handle("POST /admin/shoppers", store.Admin, s.setShoppers)
	handle("GET /admin/reconcile", store.Admin, s.reconcile)
}

// visit is one request's visitor. User is nil for somebody not signed in.
type visit struct {
	User  *store.User
	route string
}

type action func(w http.ResponseWriter, r *http.Request, v *visit) error

const maxForm = 64 << 10

// page finds out who asks, lets in whom the page is for, and answers with a
// page whatever goes wrong.
func (s *server) page(role store.Role, f action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		_, path, _ := strings.Cut(r.Pattern, " ")
		v := &visit{route: path}
		err := s.recognise(r, v)
		if err == nil {
			if v.User != nil {
				ctx := errortracking.WithUser(r.Context(), errortracking.User{ID: strconv.FormatInt(v.User.ID, 10), Email: v.User.Email, Role: string(v.User.Role)})
				r = r.WithContext(ctx)
			}
			switch {
			case !readable(r):
				err = errBadForm
			case role == "" || (v.User != nil && v.User.Role == role):
				err = f(w, r, v)
			case v.User == nil:
				http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.Path), http.StatusSeeOther)
				return
			default:
				err = errForbidden
			}
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	})
}

// readable reports whether query and form can be parsed and are text that
// PostgreSQL takes: anything else is the visitor's fault, not the shop's.
func readable(r *http.Request) bool {
	if r.ParseForm() != nil {
		return false
	}
	for _, values := range r.Form {
		for _, value := range values {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return false
			}
		}
	}
	return true
}

var (
	errForbidden = errors.New("this page is for another role")
	errBadForm   = errors.New("the form could not be read")
)

// fail answers with the page for an error. Only what nobody expected is
// captured: the rest is the visitor's to mend.
func (s *server) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	m := message{Heading: "That did not work", Text: "Something broke on our side. It has been reported. Please try again.", Link: "/", LinkText: "Back to the products"}
	status := http.StatusInternalServerError
	var invalid shop.Invalid
	switch {
	case errors.Is(err, store.ErrNotFound):
		status, m.Heading, m.Text = http.StatusNotFound, "There is no such page", "It may have moved, or belong to somebody else."
	case errors.Is(err, errForbidden):
		status, m.Heading, m.Text, m.Link, m.LinkText = http.StatusForbidden, "Not your page", "This page is for another role.", "/sign-in", "Choose another demo user"
	case errors.Is(err, store.ErrState):
		status, m.Heading, m.Text = http.StatusConflict, "Too late for that", "The order has moved on in the meantime."
	case errors.As(err, &invalid):
		status, m.Heading, m.Text = http.StatusUnprocessableEntity, "Please check your input", ""
		for _, text := range invalid {
			m.Text += text + " "
		}
	case errors.Is(err, errBadForm):
		status, m.Heading, m.Text = http.StatusBadRequest, "The form could not be read", "Please go back and try again."
	case r.Context().Err() != nil:
		return // the visitor has gone
	default:
		logging.FromContext(r.Context()).Error("page failed", logging.Err(err))
		m.Reference = errortracking.CaptureException(r.Context(), err)
	}
	m.Status = status
	s.render(w, r, v, status, "message", m.Heading, m)
}

// message is a page that says one thing.
type message struct {
	Status         int
	Heading, Text  string
	Link, LinkText string
	Reference      string // of the captured error
}

// frame is what every page needs around its content.
type frame struct {
	Title   string
	Route   string
	Visit   *visit
	Path    string
	Content any
}

func (s *server) render(w http.ResponseWriter, r *http.Request, v *visit, status int, page, title string, content any) {
	var b bytes.Buffer
	if err := s.pages[page].ExecuteTemplate(&b, "layout.html", frame{Title: title, Route: v.route, Visit: v, Path: r.URL.RequestURI(), Content: content}); err != nil {
		logging.FromContext(r.Context()).Error("render page", "page", page, logging.Err(err))
		errortracking.CaptureException(r.Context(), fmt.Errorf("render page %s: %w", page, err))
		http.Error(w, "This page is broken. It has been reported.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// secure sets the headers that every answer has: nothing inline, nothing from
// another host.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=300")
		next.ServeHTTP(w, r)
	})
}

// pathID is the {id} of the path; what is no number is no page.
func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, store.ErrNotFound
	}
	return id, nil
}

// local returns a path of this site to go back to, or "/". Browsers take a
// backslash for a slash and leave tabs out, so both could lead elsewhere.
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsRune(path, '\\') || strings.ContainsFunc(path, unicode.IsControl) {
		return "/"
	}
	return path
}
