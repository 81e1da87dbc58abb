// Package sentrytest is a receiver that speaks Sentry's protocol, for tests.
//
//	s := sentrytest.New(t)
//	// give s.DSN to the Tracker, capture something, flush
//	events := s.Events()
package sentrytest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
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

// Envelope is what one request held.
type Envelope struct {
	Path    string
	Request http.Header
	Raw     []byte // as it came, perhaps compressed
	Header  map[string]any
	Items   []Item
}

// Item is one part of an envelope.
type Item struct {
	Type    string
	Payload []byte
}

// Event is the JSON of an event, with short cuts.
type Event map[string]any

// ID is the event's.
func (e Event) ID() string { return e.Text("event_id") }

// Text gives the string at a path such as "tags.category" or
// "exception.0.value"; "" if there is none.
func (e Event) Text(path string) string {
	s, _ := e.At(path).(string)
	return s
}

// At gives the value at a path, nil if there is none.
func (e Event) At(path string) any {
	var v any = map[string]any(e)
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil {
				return nil
			}
			if i < 0 {
				i += len(x)
			}
			if i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

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
}

// New starts a Server on a loopback port; it ends with t.
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

// Events are the events in the envelopes taken, in order.
func (s *Server) Events() []Event {
	var all []Event
	for _, e := range s.Envelopes() {
		for _, item := range e.Items {
			if item.Type != "event" {
				continue
			}
			var ev Event
			if json.Unmarshal(item.Payload, &ev) == nil {
				all = append(all, ev)
			}
		}
	}
	return all
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
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.Path, e.Request = r.URL.Path, r.Header.Clone()
	s.mu.Lock()
	s.envelopes = append(s.envelopes, e)
	s.mu.Unlock()
	id, _ := e.Header["event_id"].(string)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
}

// Parse takes an envelope apart, strictly.
func Parse(raw []byte, encoding string) (Envelope, error) {
	e := Envelope{Raw: raw}
	body := raw
	if encoding == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return e, fmt.Errorf("parse envelope: %w", err)
		}
		if body, err = io.ReadAll(z); err != nil {
			return e, fmt.Errorf("parse envelope: %w", err)
		}
	}
	r := bufio.NewReader(bytes.NewReader(body))
	if err := line(r, &e.Header); err != nil {
		return e, fmt.Errorf("parse envelope header: %w", err)
	}
	for {
		if _, err := r.Peek(1); err != nil {
			return e, nil
		}
		var h struct {
			Type   string `json:"type"`
			Length *int   `json:"length"`
		}
		if err := line(r, &h); err != nil {
			return e, fmt.Errorf("parse item header: %w", err)
		}
		item := Item{Type: h.Type}
		if h.Length == nil {
			item.Payload, _ = r.ReadBytes('\n')
			item.Payload = bytes.TrimSuffix(item.Payload, []byte("\n"))
		} else {
			if *h.Length < 0 || *h.Length > len(body) {
				return e, fmt.Errorf("parse item: length %d", *h.Length)
			}
			item.Payload = make([]byte, *h.Length)
			if _, err := io.ReadFull(r, item.Payload); err != nil {
				return e, fmt.Errorf("parse item: %w", err)
			}
			if c, err := r.ReadByte(); err == nil && c != '\n' {
				return e, fmt.Errorf("parse item: no end of line after %d bytes", *h.Length)
			}
		}
		e.Items = append(e.Items, item)
	}
}

func line(r *bufio.Reader, into any) error {
	b, err := r.ReadBytes('\n')
	if err != nil && len(b) == 0 {
		return err
	}
	return json.Unmarshal(b, into)
}
