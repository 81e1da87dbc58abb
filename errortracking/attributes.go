package errortracking

import (
	"log/slog"
	"strings"

	"github.com/distri-night/monitoring/internal/reqctx"
)

const maxTags = 50

// Tag is an attribute that becomes a tag in Sentry, by which events are found
// and counted there; in a log it is an attribute as any other. It may be given
// to a capture, to a log record, or bound to a context with logging.With.
// Values should be few, such as a tenant or a feature, and short: Sentry takes
// 200 characters.
func Tag(key, value string) slog.Attr { return slog.Any(key, tagValue(value)) }

type tagValue string

func (v tagValue) LogValue() slog.Value { return slog.StringValue(string(v)) }

// attributes turns arguments as slog takes them, and what is bound to the
// context, into a map. What may change is copied, and redacted with it; simple
// values are redacted later.
func (t *Tracker) attributes(scope *reqctx.Scope, o *occurrence) (attrs map[string]any, tags map[string]string) {
	bound := scope.Attrs()
	if len(o.args) == 0 && o.record == nil && len(bound) == 0 {
		return nil, nil
	}
	c := collector{t: t}
	for _, a := range bound {
		c.add(a)
	}
	if o.record != nil {
		for _, a := range o.handler.all(o.record, o.err) {
			c.add(a)
		}
	}
	if len(o.args) > 0 {
		var r slog.Record
		r.Add(o.args...)
		r.Attrs(func(a slog.Attr) bool {
			c.add(a)
			return true
		})
	}
	return c.attrs, c.tags
}

type collector struct {
	t     *Tracker
	attrs map[string]any
	tags  map[string]string
}

func (c *collector) add(a slog.Attr) {
	if v, ok := tagOf(a.Value); ok && len(c.tags) < maxTags {
		if c.tags == nil {
			c.tags = make(map[string]string)
		}
		c.tags[a.Key] = v
		return
	}
	v := a.Value.Resolve()
	if a.Key == "" && v.Kind() == slog.KindGroup {
		for _, g := range v.Group() {
			c.add(g)
		}
		return
	}
	if c.attrs == nil {
		c.attrs = make(map[string]any)
	}
	if _, known := c.attrs[a.Key]; !known && len(c.attrs) >= maxAttrs {
		return
	}
	p := plain(v)
	if !immutable(p) {
		p = c.t.redactor.Plain(a.Key, p)
	}
	c.attrs[a.Key] = p
}

func tagOf(v slog.Value) (string, bool) {
	if v.Kind() != slog.KindLogValuer {
		return "", false
	}
	tag, ok := v.Any().(tagValue)
	return string(tag), ok
}

// plain turns groups into maps.
func plain(v slog.Value) any {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
	case slog.KindString:
		s := v.String()
		if len(s) > maxScan {
			s = strings.Clone(s[:maxScan]) // not to keep what it was cut from
		}
		return s
	default:
		return v.Any()
	}
	m := map[string]any{}
	for _, a := range v.Group() {
		if len(m) == maxAttrs {
			break
		}
		m[a.Key] = plain(a.Value)
	}
	return m
}
