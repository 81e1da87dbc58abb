package redact

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// Attr masks a log attribute inside the named groups. Values are resolved, and
// whatever is not a plain value is copied to plain ones (see Plain): a handler
// may keep them. An error stays one, for handlers that look into it; its text
// is masked, and [Original] finds what was given.
func (r *Redactor) Attr(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (r == nil || len(r.allow) == 0) { // what most are, in few nanoseconds
		switch a.Value.Kind() {
		case slog.KindBool, slog.KindDuration, slog.KindTime:
			return a // shown under any name
		case slog.KindInt64:
			if v := a.Value.Int64(); v < 1e11 && r.rules().kindOf(a.Key) == plainKey {
				return a
			}
		case slog.KindString:
			e := r.rules()
			if e.kindOf(a.Key) == plainKey {
				s := a.Value.String()
				if len(s) < minText {
					return a
				}
				if out, found := e.scan(s); found {
					a.Value = slog.StringValue(r.again(s, out))
				}
				return a
			}
		}
	}
	return r.attr(groups, a, nil)
}

// nesting bounds a group: a LogValuer may give groups of itself.
type nesting struct{ depth, nodes int }

func (r *Redactor) attr(groups []string, a slog.Attr, n *nesting) slog.Attr {
	if a.Value.Kind() == slog.KindLogValuer && r.rules().on[typeLogValuer] {
		a.Value = a.Value.Resolve()
	}
	if r.pathAllowed(groups, a.Key) {
		if a.Value.Kind() == slog.KindAny {
			a.Value = anyValue(r.walk(groups, a.Key, a.Value.Any()))
		}
		return a
	}
	e := r.rules()
	kind := e.kindOf(a.Key)
	for i := 0; i < len(groups) && kind == plainKey; i++ {
		if kind = e.kindOf(groups[i]); kind == vendorKey || kind == connectionKey {
			kind = plainKey // these say something of one value
		}
	}
	if kind != plainKey && !shown(kind, a.Value.Any()) {
		a.Value = slog.StringValue(Mask)
		return a
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if s := a.Value.String(); s != "" {
			if out := r.Text(s); out != s {
				a.Value = slog.StringValue(out)
			}
		}
	case slog.KindInt64:
		if v := a.Value.Int64(); v > 0 && e.cardNumber(uint64(v)) {
			a.Value = slog.StringValue(Mask)
		}
	case slog.KindUint64:
		if e.cardNumber(a.Value.Uint64()) {
			a.Value = slog.StringValue(Mask)
		}
	case slog.KindGroup:
		a.Value = r.group(groups, a, n)
	case slog.KindAny, slog.KindLogValuer:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.AnyValue(r.Error(err))
		} else {
			a.Value = anyValue(r.walk(groups, a.Key, a.Value.Any()))
		}
	}
	return a
}

func anyValue(v any, _ bool) slog.Value { return slog.AnyValue(v) }

// group masks the members, in a copy.
func (r *Redactor) group(groups []string, a slog.Attr, n *nesting) slog.Value {
	if n == nil {
		n = &nesting{nodes: maxNodes}
	}
	if n.depth >= maxDepth {
		return slog.StringValue(tooDeep)
	}
	n.depth++
	defer func() { n.depth-- }()
	if a.Key != "" {
		groups = append(groups[:len(groups):len(groups)], a.Key)
	}
	members := a.Value.Group()
	masked := make([]slog.Attr, 0, len(members))
	for _, m := range members {
		if n.nodes--; n.nodes < 0 {
			break
		}
		masked = append(masked, r.attr(groups, m, n))
	}
	return slog.GroupValue(masked...)
}

// Error gives err with its text masked: err itself where there is nothing to
// mask, else an error that unwraps to it.
func (r *Redactor) Error(err error) (out error) {
	if err == nil {
		return nil
	}
	if _, ok := any(err).(*maskedError); ok {
		return err
	}
	text, fine := safeText(err)
	masked := r.Text(text)
	switch any(err).(type) { // err itself, not what it wraps
	case json.Marshaler, encoding.TextMarshaler, fmt.Formatter, slog.LogValuer:
	default:
		if fine && masked == text {
			return err
		}
	}
	return &maskedError{text: masked, err: err}
}

// Original is what Error was given.
func Original(err error) error {
	if m, ok := any(err).(*maskedError); ok {
		return m.err
	}
	return err
}

// ErrorText is err's text, not masked, whatever its method does: one that
// panics says so.
func ErrorText(err error) string {
	text, _ := safeText(err)
	return text
}

// safeText is err's text, whatever its method does, and whether it did well.
func safeText(err error) (text string, fine bool) {
	defer func() {
		if p := recover(); p != nil {
			fine = false
			if rv := reflect.ValueOf(err); rv.Kind() == reflect.Pointer && rv.IsNil() {
				text = "<nil>"
				return
			}
			text = fmt.Sprintf("!PANIC: %v", p)
		}
	}()
	return err.Error(), true
}

type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }
