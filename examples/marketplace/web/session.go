package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

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
	Next   string
	Groups []signInGroup
	Error  string
}

type signInGroup struct {
	Heading, Note string
	Users         []store.User
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showSignIn(w, r, v, http.StatusOK, "")
}

func (s *server) showSignIn(w http.ResponseWriter, r *http.Request, v *visit, status int, wrong string) error {
	p := signInPage{Next: r.FormValue("next"), Error: wrong}
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
	token := rand.Text()
	if err := s.Store.StartSession(r.Context(), token, u.ID); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 3600})
	next := r.PostFormValue("next")
	if next == "" {
		next = map[store.Role]string{store.Supplier: "/supplier", store.Admin: "/admin"}[u.Role]
	}
	http.Redirect(w, r, local(next), http.StatusSeeOther)
	return nil
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
