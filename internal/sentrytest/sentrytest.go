// Package sentrytest is a receiver that speaks Sentry's protocol, for tests.
//
//	s := sentrytest.New(t)
//	// give s.DSN to the Tracker, capture something, flush
//	events := s.Events()
package sentrytest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Key is the public key of the DSN, Project its project.
const (
	Key     = "publickey"
	Project = "42"
)

// Server collects what it gets. Safe for concurrent use.
type Server struct {
	DSN string
	URL string

	server *httptest.Server
	hang   chan struct{}

	mu        sync.Mutex
	answer    func(http.ResponseWriter, *http.Request) bool
	attempts  int
	envelopes []Envelope
	refused   []error
}

// New starts a Server on a loopback port; it ends with t, which fails if
// something came that Sentry would refuse.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{hang: make(chan struct{})}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	u, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User, u.Path = url.User(Key), "/"+Project
	s.DSN, s.URL = u.String(), s.server.URL
	t.Cleanup(func() {
		close(s.hang)
		s.server.Close()
		for _, err := range s.refused {
			t.Errorf("Sentry would refuse an envelope: %v", err)
		}
	})
	return s
}

// Answer puts f before the receiver: true means that f has answered, and that
// nothing is taken. nil ends it.
func (s *Server) Answer(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// Fail answers every request with status and the headers, given in pairs.
func (s *Server) Fail(status int, headers ...string) {
	s.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		return true
	})
}

// Hang answers no request until its client gives up.
func (s *Server) Hang() {
	s.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body) // so that the server sees the client go
		select {
		case <-r.Context().Done():
		case <-s.hang:
		}
		return true
	})
}

// Heal takes everything again.
func (s *Server) Heal() { s.Answer(nil) }

// Attempts counts the requests, those that failed included.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

// Envelopes are those taken, in order.
func (s *Server) Envelopes() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Envelope(nil), s.envelopes...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.attempts++
	answer := s.answer
	s.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	if r.URL.Path != "/api/"+Project+"/envelope/" || !strings.Contains(r.Header.Get("X-Sentry-Auth"), "sentry_key="+Key) {
		http.Error(w, "no such project or key", http.StatusForbidden)
		return
	}
	e, err := Parse(raw, r.Header.Get("Content-Encoding"))
	if err != nil {
		s.refuse(w, err)
		return
	}
	e.Path, e.Request = r.URL.Path, r.Header.Clone()
	if err := e.Check(s.DSN); err != nil {
		s.refuse(w, err)
		return
	}
	s.mu.Lock()
	s.envelopes = append(s.envelopes, e)
	s.mu.Unlock()
	id, _ := e.Header["event_id"].(string)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
}

func (s *Server) refuse(w http.ResponseWriter, err error) {
	s.mu.Lock()
	s.refused = append(s.refused, err)
	s.mu.Unlock()
	status := http.StatusBadRequest
	if _, ok := errors.AsType[tooLarge](err); ok {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, err.Error(), status)
}

// Refused are the faults found so far. They count as seen then: the test does
// not fail for them any more.
func (s *Server) Refused() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.refused
	s.refused = nil
	return all
}
