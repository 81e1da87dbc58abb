package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/problem"
)

const (
	writeWithin = 10 * time.Second // a client that takes longer to take a message is dropped
	heartbeat   = 15 * time.Second
	maxStream   = 15 * time.Minute // then the browser comes again, and is judged again
)

// events is a page's stream. What a client has not taken yet is not queued:
// each message brings it up to the latest reading, so that a slow one costs
// nothing but its own connection.
func (d *Dashboard) events(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	page := Page(q.Get("page"))
	v, ok := d.see(w, r, page)
	if !ok {
		return
	}
	s, err := parseSpan(page, q.Get("from"), q.Get("to"), d.cfg.Now())
	if err != nil {
		problem.Write(w, http.StatusBadRequest, err.Error())
		return
	}
	if s.live == "" {
		problem.Write(w, http.StatusBadRequest, "from: a stream takes -1h, -6h, -24h, -7d, -30d, -84d, today or month")
		return
	}
	if d.closed.Load() {
		problem.Write(w, http.StatusServiceUnavailable, errClosed.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxStream)
	defer cancel()
	out, done := newStream(d.life, w, cancel)
	defer done()

	b := d.boards.get(key{page, s})
	b.mu.Lock()
	b.viewers++
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.viewers--
		b.looked = time.Now() // somebody who reloads finds it fresh
		b.mu.Unlock()
	}()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy is not to hold messages back
	if r.Method == http.MethodHead {
		return
	}
	if out.send("retry: 1000\n\n") != nil {
		return
	}
	d.update(b)
	seen := d.resume(b, r.Header.Get("Last-Event-ID"))
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		st, upTo, next, ok := b.since(seen)
		if ok && upTo != seen {
			st.Tabs = d.tabs(d.visible(v))
			body, err := json.Marshal(st)
			if err != nil || out.send(fmt.Sprintf("id: %s-%s-%d\nevent: page\ndata: %s\n\n", d.epoch, s.live, upTo, body)) != nil {
				return
			}
			seen = upTo
		}
		select {
		case <-ctx.Done():
			return
		case <-next:
		case <-beat.C:
			if out.send("event: beat\ndata: {}\n\n") != nil {
				return
			}
		}
	}
}

// resume is how far the client got, by the ID of the last event that it saw;
// 0 where that is of another process or span.
func (d *Dashboard) resume(b *board, id string) uint64 {
	rest, ok := strings.CutPrefix(id, d.epoch+"-"+b.key.span.live+"-")
	if !ok {
		return 0
	}
	n, err := strconv.ParseUint(rest, 10, 64)
	if err != nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.seq {
		return 0
	}
	return n
}

// stream writes to one client, each message within writeWithin.
type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// newStream prepares w. When life ends, cancel is called and a write under way
// is broken off; done must be called before the handler returns.
func newStream(life context.Context, w http.ResponseWriter, cancel func()) (s *stream, done func()) {
	s = &stream{w: w, rc: http.NewResponseController(w)}
	_ = s.rc.SetReadDeadline(time.Time{}) // the server's is for requests; where it cannot be lifted, the browser comes again
	broken := make(chan struct{})
	stop := context.AfterFunc(life, func() {
		defer close(broken)
		cancel()
		_ = s.rc.SetWriteDeadline(time.Unix(1, 0)) // a writer without deadlines ends with its client
	})
	return s, func() {
		if !stop() {
			<-broken
		}
	}
}

func (s *stream) send(message string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write([]byte(message)); err != nil {
		return err
	}
	return s.rc.Flush()
}
