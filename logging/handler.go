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
	packed packed       // the bound attributes for the ring
	bound  []boundAttrs // the same, redacted, for other handlers
	named  idSet        // bound root attributes that bear an ID's name
}

type boundAttrs struct {
	groups []string
	attrs  []slog.Attr
}

// scratch is what one call of Handle needs; the pool saves its allocation.
type scratch struct {
	buf   []byte
	attrs []slog.Attr // of the record
	ctx   []slog.Attr // of the context
	ids   ids
}

const maxPooled = 64 << 10 // a buffer that grew larger is left to the collector

var scratches = sync.Pool{New: func() any { return &scratch{buf: make([]byte, 0, 1024)} }}

func (s *scratch) free() {
	if cap(s.buf) > maxPooled || cap(s.attrs) > 256 || cap(s.ctx) > 256 {
		return
	}
	clear(s.attrs[:cap(s.attrs)])
	clear(s.ctx[:cap(s.ctx)])
	s.buf, s.attrs, s.ctx, s.ids = s.buf[:0], s.attrs[:0], s.ctx[:0], ids{}
	scratches.Put(s)
}

// Enabled compares with the Logger's level.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	if h.core.foreign {
		return h.core.extra[0].Enabled(ctx, level)
	}
	return level >= h.core.level.Level()
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
		if a = h.core.redact.Attr(h.groups, a); !a.Equal(slog.Attr{}) {
			own = append(own, a)
			if len(h.groups) == 0 {
				c.named |= named(a.Key)
			}
		}
	}
	c.packed = packed{slices.Clone(h.packed.b), slices.Clone(h.packed.trees)}
	for _, a := range own {
		c.packed.attr(h.dotted, a)
	}
	c.bound = append(slices.Clip(h.bound), boundAttrs{h.groups, own})
	if h.core.encoder != nil {
		c.prefix, c.opened = h.core.encoder.attrs(slices.Clone(h.prefix), h.groups, h.opened, own)
	}
	return &c
}

// Handle redacts the record once and hands it to output, ring, breadcrumbs
// and the other handlers.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	k := h.core
	scope, trace := reqctx.Find(ctx)
	if scope == nil && h.from != nil {
		scope, trace = reqctx.Find(h.from)
	}
	s := scratches.Get().(*scratch)
	defer s.free()

	msg := k.redact.Text(r.Message)
	taken := h.named
	for _, a := range scope.Attrs() {
		if a = k.redact.Attr(nil, a); !a.Equal(slog.Attr{}) {
			s.ctx = append(s.ctx, a)
			taken |= named(a.Key)
		}
	}
	r.Attrs(func(a slog.Attr) bool {
		if a = k.redact.Attr(h.groups, a); !a.Equal(slog.Attr{}) {
			s.attrs = append(s.attrs, a)
			if len(h.groups) == 0 {
				taken |= named(a.Key)
			}
		}
		return true
	})
	s.ids = idsOf(scope, trace, k)
	s.ids.taken = taken

	k.records[levelIndex(r.Level)].Add(1)
	var errs [2]error
	if k.encoder != nil {
		errs[0] = h.write(s, r.Time, r.Level, msg)
	}
	if !k.disabled {
		h.keep(s, scope, r, msg)
	}
	if len(k.extra) > 0 {
		errs[1] = h.pass(ctx, s, r, msg)
	}
	if errs[0] == nil {
		return errs[1]
	}
	return errors.Join(errs[0], errs[1])
}

func (h *handler) write(s *scratch, t time.Time, level slog.Level, msg string) error {
	k := h.core
	e := k.encoder
	b := e.begin(s.buf, t, level, msg, &s.ids)
	b, _ = e.attrs(b, nil, 0, s.ctx)
	b = append(b, h.prefix...)
	b, opened := e.attrs(b, h.groups, h.opened, s.attrs)
	b = e.end(b, t, level, opened)
	s.buf = b
	if err := k.out.write(b); err != nil {
		k.lost.Add(1)
		return fmt.Errorf("write a log record: %w", err)
	}
	return nil
}

// keep puts the record in the ring, and into the breadcrumbs of its request.
func (h *handler) keep(s *scratch, scope *reqctx.Scope, r slog.Record, msg string) {
	at := r.Time
	if at.IsZero() {
		at = time.Now()
	}
	if h.core.ring != nil {
		h.core.ring.add(at, r.Level, msg, s.ids.correlation, func(p *packed) {
			for i := idUser; i < idCount; i++ {
				p.id(&s.ids, i)
			}
			h.pack(p, s)
		})
	}
	if scope == nil || r.Level < slog.LevelInfo {
		return
	}
	crumb := reqctx.Breadcrumb{Category: "log", Message: msg, Level: r.Level, At: at}
	if len(s.attrs)+len(s.ctx)+len(h.packed.b) > 0 {
		p := packed{b: s.buf[:0]} // what was written is out
		h.pack(&p, s)
		s.buf = p.b
		own := packed{slices.Clone(p.b), p.trees}
		crumb.Fill = func() map[string]any { return unpack(own.b, own.trees) }
	}
	scope.Request.AddBreadcrumb(crumb)
}

// pack packs the attributes of context, handler and record.
func (h *handler) pack(p *packed, s *scratch) {
	for _, a := range s.ctx {
		p.attr("", a)
	}
	p.add(h.packed)
	for _, a := range s.attrs {
		p.attr(h.dotted, a)
	}
}

// pass gives the record to the other handlers, with the IDs as attributes at
// its root. One that panics does not reach the service.
func (h *handler) pass(ctx context.Context, s *scratch, r slog.Record, msg string) error {
	whole := slog.NewRecord(r.Time, r.Level, msg, r.PC)
	for i := range idCount {
		if v := s.ids.text(i); v != "" {
			whole.AddAttrs(slog.String(idNames[i], v))
		}
	}
	whole.AddAttrs(s.ctx...)
	whole.AddAttrs(h.nested(s.attrs)...)
	if ctx == nil {
		ctx = context.Background()
	}
	if h.from != nil && reqctx.From(ctx) == nil {
		ctx = h.from
	}
	var errs []error
	for _, extra := range h.core.extra {
		if err := passTo(ctx, extra, whole.Clone()); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func passTo(ctx context.Context, h slog.Handler, r slog.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("hand a log record on: the handler panicked: %v", p)
		}
	}()
	if !h.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handle(ctx, r)
}

// nested gives bound attributes and own with their groups around them.
func (h *handler) nested(own []slog.Attr) []slog.Attr {
	levels := make([][]slog.Attr, len(h.groups)+1)
	for _, b := range h.bound {
		levels[len(b.groups)] = append(levels[len(b.groups)], b.attrs...)
	}
	levels[len(h.groups)] = append(levels[len(h.groups)], own...)
	for i := len(h.groups); i > 0; i-- {
		if len(levels[i]) > 0 {
			levels[i-1] = append(levels[i-1], slog.Attr{Key: h.groups[i-1], Value: slog.GroupValue(levels[i]...)})
		}
	}
	return levels[0]
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
