package logging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// handler is the slog.Handler of a Logger. It never changes after it was made.
type handler struct {
	core *core
	from context.Context //nolint:containedctx // of FromContext; what the call's context has goes first

	groups []string     // open groups
	pieces pieces       // the bound attributes as they are written
	opened int          // how many of groups are open in pieces
	dotted string       // groups as a prefix of keys
	bound  []boundAttrs // the bound attributes, redacted, for other handlers
	direct bool         // plain attributes go the short way, see field
	named  idSet        // bound root attributes that bear an ID's name
	name   string       // of Named
	gate   *gate        // of the name; nil: that of loggers without one

	summary bool // of what sampling left out: it is not sampled
}

type boundAttrs struct {
	groups []string
	attrs  []slog.Attr
}

// scratch is what one call of Handle needs; the pool saves its allocation.
type scratch struct {
	line []byte // the record as it is written
	pieces
	taken idSet
	ids   ids
	clock clock

	// For other handlers only, else empty.
	collect bool
	own     []slog.Attr // of the record
	ctx     []slog.Attr // of the context
}

const maxPooled = 64 << 10 // a buffer that grew larger is left to the collector

var scratches = sync.Pool{New: func() any {
	return &scratch{line: make([]byte, 0, 1024), pieces: pieces{body: make([]byte, 0, 1024), marks: make([]byte, 0, 64)}}
}}

func (s *scratch) free() {
	if cap(s.line) > maxPooled || cap(s.body) > maxPooled || cap(s.plain) > maxPooled {
		return
	}
	s.reset()
	s.line, s.own, s.ctx = s.line[:0], nil, nil
	scratches.Put(s)
}

// Enabled compares with the Logger's level.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	if h.core.foreign {
		return h.core.extra[0].Enabled(ctx, level)
	}
	return level >= h.least()
}

// WithGroup opens a group; the encoder writes it once something is in it.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	name = cut(name, maxKey)
	c := *h
	c.groups = append(slices.Clip(h.groups), name)
	c.dotted = dotted(c.groups)
	c.direct = h.direct && !h.core.paths && h.core.redact.PlainName(name)
	return &c
}

// WithAttrs redacts and encodes the attributes once.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 || h.pieces.full(0) {
		return h
	}
	c := *h
	own := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a = bounded(h.core.redact.Attr(h.groups, a)); !empty(a) {
			own = append(own, a)
			if len(h.groups) == 0 {
				c.named |= h.core.taken(a.Key)
			}
		}
	}
	c.pieces = h.pieces.clone()
	o := c.pieces.open(h.core.encoder, h.groups[h.opened:])
	for i, a := range own {
		if c.pieces.full(0) {
			c.pieces.leaveOut(h.core.encoder, h.dotted, len(own)-i)
			own = own[:i]
			break
		}
		c.pieces.attr(h.core.encoder, h.dotted, a)
	}
	c.bound = append(slices.Clip(h.bound), boundAttrs{h.groups, own})
	if !c.pieces.closed(o) {
		c.opened = len(h.groups)
	}
	return &c
}

func empty(a slog.Attr) bool { return a.Key == "" && a.Equal(slog.Attr{}) }

// Handle redacts each attribute once and encodes it at once, for the output,
// and for ring and breadcrumbs; then the record goes to the other handlers.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if h.held(&r) {
		return nil
	}
	k := h.core
	scope, from := reqctx.From(ctx), ctx
	if scope == nil && h.from != nil {
		scope, from = reqctx.From(h.from), h.from
	}
	s := scratches.Get().(*scratch)
	s.taken, s.collect = h.named, k.wanted(ctx, r.Level)
	for i, a := range scope.Attrs() {
		if s.full(0) {
			s.leaveOut(k.encoder, "", len(scope.Attrs())-i)
			break
		}
		if a = bounded(k.redact.Attr(nil, a)); empty(a) {
			continue
		}
		s.taken |= k.taken(a.Key)
		s.attr(k.encoder, "", a)
		if s.collect {
			s.ctx = append(s.ctx, a)
		}
	}
	s.add(&h.pieces)
	opened := h.own(s, &r)

	msg := k.messages.find(k.redact, r.Message)
	s.ids.of(from, scope, k)
	s.ids.taken, s.ids.logger = s.taken, h.name
	k.records[levelIndex(r.Level)].Add(1)
	var err error
	if !k.foreign {
		err = s.write(k, &r, msg, opened)
	}
	if !k.disabled {
		s.keep(k, scope, &r, msg.text)
	}
	if s.collect {
		if failed := h.pass(ctx, s, &r, msg.text); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	s.free()
	return err
}

// own does the attributes of the record, and gives how many groups are open
// after them.
func (h *handler) own(s *scratch, r *slog.Record) (opened int) {
	k := h.core
	if r.NumAttrs() == 0 {
		return h.opened
	}
	to := s.pieces // on the stack, which is cheaper to write to
	o, left := to.open(k.encoder, h.groups[h.opened:]), 0
	root, direct := len(h.groups) == 0, h.direct && !s.collect
	r.Attrs(func(a slog.Attr) bool {
		if to.full(len(s.body)) {
			left++
			return true
		}
		if direct && !to.apart {
			if f := k.fields.find(k, a.Key); f != nil && f.plain && f.scalar(k.redact, &to, a.Value) {
				if root {
					s.taken |= f.named
				}
				return true
			}
		}
		if a = bounded(k.redact.Attr(h.groups, a)); empty(a) {
			return true
		}
		if root {
			s.taken |= k.taken(a.Key)
		}
		to.attr(k.encoder, h.dotted, a)
		if s.collect {
			s.own = append(s.own, a)
		}
		return true
	})
	if left > 0 {
		to.leaveOut(k.encoder, h.dotted, left)
	}
	opened = len(h.groups)
	if to.closed(o) {
		opened = h.opened
	}
	s.pieces = to
	return opened
}

// write writes the line.
func (s *scratch) write(k *core, r *slog.Record, msg message, opened int) error {
	b := k.encoder.head(s.line, &s.clock, stamp{r.Time, r.Level, r.PC}, msg, &s.ids)
	b = append(b, s.body...)
	s.line = k.encoder.end(b, r.Time, r.Level, opened)
	if err := k.out.write(s.line); err != nil {
		k.lost.Add(1)
		return fmt.Errorf("write a log record: %w", err)
	}
	return nil
}

// keep puts the record in the ring, and into the breadcrumbs of its request.
func (s *scratch) keep(k *core, scope *reqctx.Scope, r *slog.Record, msg string) {
	crumb := scope != nil && k.isCrumb(r.Level)
	if !crumb && k.ring == nil {
		return
	}
	at := r.Time
	if at.IsZero() {
		at = time.Now()
	}
	packed, msg := kept(s.pack()), cut(msg, maxKeptText)
	if k.ring != nil {
		k.ring.add(at, r.Level, msg, &s.ids, packed)
	}
	if !crumb {
		return
	}
	b := reqctx.Breadcrumb{Category: "log", Message: msg, Level: r.Level, At: at}
	scope.Request.AddPacked(b, packed, unpack)
}

// dotted is the prefix of the keys in groups.
func dotted(groups []string) string {
	switch len(groups) {
	case 0:
		return ""
	case 1:
		return groups[0] + "."
	default:
		return strings.Join(groups, ".") + "."
	}
}
