package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/store"
)

// cookieName holds the token of a sign-in. There are no passwords: this is a
// demo, and one signs in by picking a user.
const cookieName = "shop_session"

func (s *server) recognise(r *http.Request, v *visit) error {
	c, err := r.Cookie(cookieName)
	if err != nil || c.Value == "" {
		return nil
	}
	u, err := s.Store.SessionUser(r.Context(), c.Value)
	if errors.Is(err, store.ErrNotFound) {
		return nil // signed out elsewhere, or the tables are new
	}
	if err != nil {
		return err
	}
	v.User = &u
	return nil
}

type signInPage struct {
	Next      string
	InvitedBy string
	Name      string
	Groups    []signInGroup
	Error     string
}

type signInGroup struct {
	Heading, Note string
	Users         []store.User
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showSignIn(w, r, v, http.StatusOK, "")
}

func (s *server) showSignIn(w http.ResponseWriter, r *http.Request, v *visit, status int, wrong string) error {
	p := signInPage{Next: r.FormValue("next"), InvitedBy: r.FormValue("invited_by"), Name: r.PostFormValue("name"), Error: wrong}
	for _, g := range []struct {
		heading, note string
		role          store.Role
		limit         int
	}{
		{"Client", "fills a basket, pays, follows the order", store.Client, 6},
		{"Supplier", "accepts offers and delivers", store.Supplier, 6},
		{"Admin", "sees the money, and breaks things on purpose", store.Admin, 1},
	} {
		users, err := s.Store.Users(r.Context(), g.role, g.limit)
		if err != nil {
			return err
		}
		p.Groups = append(p.Groups, signInGroup{g.heading, g.note, users})
	}
	s.render(w, r, v, status, "signin", "Choose a demo user", p)
	return nil
}

func (s *server) startSession(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PostFormValue("user_id"), 10, 64)
	if err != nil {
		return s.showSignIn(w, r, v, http.StatusUnprocessableEntity, "Choose one of these users.")
	}
	u, err := s.Store.User(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return s.showSignIn(w, r, v, http.StatusUnprocessableEntity, "There is no such user. Choose one of these.")
	}
	if err != nil {
		return err
	}
	if u.Role == store.Client {
		s.Shop.Visited(r.Context(), u.ID)
	}
	next := r.PostFormValue("next")
	if next == "" {
		next = map[store.Role]string{store.Supplier: "/supplier", store.Admin: "/admin"}[u.Role]
	}
	return s.enter(w, r, u.ID, next)
}

// enter signs a user in and goes on to a page.
func (s *server) enter(w http.ResponseWriter, r *http.Request, userID int64, next string) error {
	token := rand.Text()
	if err := s.Store.StartSession(r.Context(), token, userID); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 3600})
	http.Redirect(w, r, local(next), http.StatusSeeOther)
	return nil
}

// signUp makes a customer and signs it in.
func (s *server) signUp(w http.ResponseWriter, r *http.Request, v *visit) error {
	invitedBy, _ := strconv.ParseInt(r.PostFormValue("invited_by"), 10, 64) // a link that somebody changed invites nobody
	n, err := s.Shop.SignUp(r.Context(), r.PostFormValue("name"), invitedBy)
	var invalid shop.Invalid
	if errors.As(err, &invalid) {
		return s.showSignIn(w, r, v, http.StatusUnprocessableEntity, invalid["name"])
	}
	if err != nil {
		return err
	}
	s.Shop.Visited(r.Context(), n.UserID)
	return s.enter(w, r, n.UserID, r.PostFormValue("next"))
}

func (s *server) endSession(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if c, err := r.Cookie(cookieName); err == nil {
		if err := s.Store.EndSession(r.Context(), c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
