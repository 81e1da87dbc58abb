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
	prefix []byte       // the bound attributes as the encoder wrote them
	opened int          // how many of groups are open in prefix
	dotted string       // groups as a prefix of keys
	packed packed       // the bound attributes for ring and breadcrumbs
	bound  []boundAttrs // the same, redacted, for other handlers
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
	line   []byte // the record as it is written
	body   []byte // its attributes
	packed packed // the same for ring and breadcrumbs
	taken  idSet
	ids    ids
	clock  clock

	// For other handlers only, else empty.
	collect bool
	own     []slog.Attr // of the record
	ctx     []slog.Attr // of the context
}

const maxPooled = 64 << 10 // a buffer that grew larger is left to the collector

var scratches = sync.Pool{New: func() any {
	return &scratch{line: make([]byte, 0, 1024), body: make([]byte, 0, 1024), packed: packed{b: make([]byte, 0, 1024)}}
}}

func (s *scratch) free() {
	if cap(s.line) > maxPooled || cap(s.body) > maxPooled || cap(s.packed.b) > maxPooled {
		return
	}
	s.line, s.body, s.packed.b = s.line[:0], s.body[:0], s.packed.b[:0]
	s.packed.trees = nil // the ring and breadcrumbs have it
	s.ids, s.own, s.ctx = ids{}, nil, nil
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
	c := *h
	c.groups = append(slices.Clip(h.groups), name)
	c.dotted = dotted(c.groups)
	return &c
}

// WithAttrs redacts and encodes the attributes once.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	c := *h
	own := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a = h.core.redact.Attr(h.groups, a); !empty(a) {
			own = append(own, a)
			if len(h.groups) == 0 {
				c.named |= named(a.Key)
			}
		}
	}
	c.packed = packed{slices.Clone(h.packed.b), slices.Clone(h.packed.trees)}
	for _, a := range own {
		c.packed = c.packed.attr(h.dotted, a)
	}
	c.bound = append(slices.Clip(h.bound), boundAttrs{h.groups, own})
	if e := h.core.encoder; e != nil {
		b, start := h.open(slices.Clone(h.prefix))
		for _, a := range own {
			b = e.attr(b, h.dotted, a)
		}
		c.prefix, c.opened = h.closed(b, len(h.prefix), start)
	}
	return &c
}

// open opens in b the groups that are not open in the prefix; what follows
// begins at start.
func (h *handler) open(b []byte) (_ []byte, start int) {
	if h.opened < len(h.groups) {
		b = h.core.encoder.open(b, h.groups[h.opened:])
	}
	return b, len(b)
}

// closed undoes open where nothing followed, and gives how many groups are
// open.
func (h *handler) closed(b []byte, before, start int) ([]byte, int) {
	if len(b) == start {
		return b[:before], h.opened
	}
	return b, len(h.groups)
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
	keep := k.ring != nil || scope != nil && r.Level >= slog.LevelInfo && !k.disabled

	for _, a := range scope.Attrs() {
		if a = k.redact.Attr(nil, a); empty(a) {
			continue
		}
		s.taken |= named(a.Key)
		if k.encoder != nil {
			s.body = k.encoder.attr(s.body, "", a)
		}
		if keep {
			s.packed = s.packed.attr("", a)
		}
		if s.collect {
			s.ctx = append(s.ctx, a)
		}
	}
	s.body = append(s.body, h.prefix...)
	if keep {
		s.packed.add(h.packed)
	}
	opened := h.own(s, &r, keep)

	msg := k.redact.Text(r.Message)
	s.ids = idsOf(from, scope, k)
	s.ids.taken, s.ids.logger = s.taken, h.name
	k.records[levelIndex(r.Level)].Add(1)
	var err error
	if k.encoder != nil {
		err = s.write(k, &r, msg, opened)
	}
	if keep {
		s.keep(k, scope, &r, msg)
	}
	if s.collect {
		if failed := h.pass(ctx, s, &r, msg); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	s.free()
	return err
}

// own does the attributes of the record, and gives how many groups are open
// after them.
func (h *handler) own(s *scratch, r *slog.Record, keep bool) (opened int) {
	k := h.core
	if r.NumAttrs() == 0 {
		return h.opened
	}
	body, start := s.body, 0 // on the stack, which is cheaper to write to
	p := s.packed
	if k.encoder != nil {
		body, start = h.open(body)
	}
	r.Attrs(func(a slog.Attr) bool {
		if a = k.redact.Attr(h.groups, a); empty(a) {
			return true
		}
		if len(h.groups) == 0 {
			s.taken |= named(a.Key)
		}
		if k.encoder != nil {
			body = k.encoder.attr(body, h.dotted, a)
		}
		if keep {
			p = p.attr(h.dotted, a)
		}
		if s.collect {
			s.own = append(s.own, a)
		}
		return true
	})
	s.packed = p
	s.body, opened = h.closed(body, len(s.body), start)
	return opened
}

// write writes the line.
func (s *scratch) write(k *core, r *slog.Record, msg string, opened int) error {
	b := k.encoder.head(s.line, &s.clock, r.Time, r.Level, msg, &s.ids)
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
	at := r.Time
	if at.IsZero() {
		at = time.Now()
	}
	if k.ring != nil {
		k.ring.add(at, r.Level, msg, &s.ids, s.packed)
	}
	if scope == nil || r.Level < slog.LevelInfo {
		return
	}
	crumb := reqctx.Breadcrumb{Category: "log", Message: msg, Level: r.Level, At: at}
	switch {
	case len(s.packed.b) == 0:
		scope.Request.AddBreadcrumb(crumb)
	case len(s.packed.trees) == 0:
		scope.Request.AddPacked(crumb, s.packed.b, unpackPlain)
	default:
		own := packed{slices.Clone(s.packed.b), slices.Clone(s.packed.trees)}
		crumb.Fill = func() map[string]any { return unpack(own.b, own.trees) }
		scope.Request.AddBreadcrumb(crumb)
	}
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
