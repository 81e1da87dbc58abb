package logging

import (
	"log/slog"
	"runtime"
	"strconv"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
)

// jsonEncoder writes one object a line, by the table of a format. What is the
// same in every record is encoded once.
type jsonEncoder struct {
	f        fields
	time     lead                  // from the brace to the time's quote
	level    [len(levelNames)]lead // from the comma before the level to the message's quote
	ids      [idCount]lead         // from the comma to the quote of the value
	constant string
	failed   string
}

// plainJSON is for attributes only.
var plainJSON = newJSON(Config{Format: "json"})

func newJSON(c Config) *jsonEncoder {
	f := formats[c.Format]
	e := &jsonEncoder{f: f, time: newLead("{" + string(appendQuoted(nil, f.time)) + `:"`)}
	for i := range e.level {
		e.level[i] = newLead(e.levelPart(slog.Level(4*i - 4)))
	}
	for i, name := range f.ids {
		text := string(appendKey(nil, name)) + `"`
		if i == idTrace {
			text += f.tracePrefix
		}
		e.ids[i] = newLead(text)
	}
	if f.constant != nil {
		e.constant = f.constant(c)
	}
	if f.failed != nil {
		e.failed = f.failed(c)
	}
	return e
}

func (e *jsonEncoder) levelPart(l slog.Level) string {
	return string(appendQuoted(appendKey(nil, e.f.level), e.f.levels(l))) + string(appendKey(nil, e.f.msg)) + `"`
}

func (e *jsonEncoder) head(b []byte, c *clock, at stamp, msg message, ids *ids) []byte {
	if at.time.IsZero() {
		b = append(append(b, '{'), e.levelPart(at.level)[1:]...)
	} else {
		b = append(c.append(e.time.append(b), at.time), '"')
		if i := levelIndex(at.level); at.level == slog.Level(4*i-4) {
			b = e.level[i].append(b)
		} else {
			b = append(b, e.levelPart(at.level)...)
		}
	}
	if msg.json != "" {
		b = append(b, msg.json...)
	} else {
		b = appendEscaped(b, msg.text)
	}
	b = append(b, '"')
	b = append(b, e.constant...)
	if at.level >= slog.LevelError {
		b = append(b, e.failed...)
		b = e.source(b, at.pc)
	}
	m := &ids.memo
	if len(m.json) > 0 && m.logger == ids.logger && m.taken == ids.taken {
		return append(b, m.json...)
	}
	start := len(b)
	b = e.appendIDs(b, ids)
	if m.json = m.json[:0]; len(b)-start <= maxMemo {
		m.logger, m.taken, m.json = ids.logger, ids.taken, append(m.json, b[start:]...)
	}
	return b
}

func (e *jsonEncoder) appendIDs(b []byte, ids *ids) []byte {
	for i, v := range [...]string{ids.CorrelationID, ids.UserID, ids.Route, ids.logger} {
		if v != "" && ids.taken&(1<<i) == 0 {
			b = append(appendEscaped(e.ids[i].append(b), v), '"')
		}
	}
	if ids.Trace.Valid() {
		b = e.traceIDs(b, ids)
	}
	return b
}

func (e *jsonEncoder) traceIDs(b []byte, ids *ids) []byte {
	for i := idTrace; i <= idSpan; i++ {
		if ids.taken&(1<<i) != 0 {
			continue
		}
		b = e.ids[i].append(b)
		if e.f.decimal && ids.fits(i) {
			b = strconv.AppendUint(b, ids.decimal(i), 10)
		} else {
			b = ids.hex(b, i)
		}
		b = append(b, '"')
	}
	if e.f.sampled != "" {
		b = strconv.AppendBool(appendKey(b, e.f.sampled), ids.Trace.Sampled)
	}
	return b
}

// source writes where a record was logged.
func (e *jsonEncoder) source(b []byte, pc uintptr) []byte {
	if e.f.source == "" || pc == 0 {
		return b
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return append(b, members(e.f.source, "file", f.File, "line", strconv.Itoa(f.Line), "function", f.Function)...)
}

func (e *jsonEncoder) open(b []byte, groups []string) []byte { return appendGroups(b, groups) }

func appendGroups(b []byte, groups []string) []byte {
	for _, g := range groups {
		b = append(appendKey(b, g), '{')
	}
	return b
}

// taken has the IDs whose name in this format is key.
func (e *jsonEncoder) taken(key string) idSet {
	set := named(key)
	for i, name := range e.f.ids {
		if key == name {
			set |= 1 << i
		}
	}
	return set
}

func (e *jsonEncoder) plain(prefix string, a slog.Attr) bool {
	if prefix != "" || a.Key != "error" || e.f.errStack == "" {
		return true
	}
	_, isErr := a.Value.Any().(error)
	return !isErr
}

func (e *jsonEncoder) attr(b []byte, prefix string, a slog.Attr, first bool) []byte {
	if !first || e.plain(prefix, a) {
		return appendAttr(b, a.Key, a.Value)
	}
	err, _ := a.Value.Any().(error)
	text, name := redact.ErrorText(err), a.Key
	if e.f.errMessage != "" {
		name = e.f.errMessage
	}
	b = appendQuoted(appendKey(b, name), text)
	if e.f.errType != "" {
		b = appendQuoted(appendKey(b, e.f.errType), errorType(err))
	}
	pcs := errorStack(err)
	if len(pcs) == 0 {
		return b
	}
	var stack []byte
	if e.f.stackHead {
		stack = append(append(stack, text...), "\n\ngoroutine 1 [running]:\n"...)
	}
	return appendQuoted(appendKey(b, e.f.errStack), string(appendStack(stack, pcs)))
}

func (e *jsonEncoder) end(b []byte, _ time.Time, _ slog.Level, opened int) []byte {
	for range opened {
		b = append(b, '}')
	}
	return append(b, '}', '\n')
}
