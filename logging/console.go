package logging

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/lmittmann/tint"
)

// console writes lines for people. tint colours time, level and message; it
// gets message and attributes as one text that is escaped already, because it
// writes messages raw and undoes the escaping of ESC in values.
type console struct {
	style style

	mu       sync.Mutex
	line     bytes.Buffer // where tint writes
	tint     slog.Handler
	critical slog.Handler // says CRIT, which tint calls ERR+4
}

// coloured reports whether w takes colours: a terminal, unless the user has
// set NO_COLOR (no-color.org).
func coloured(w io.Writer) bool { return terminal(w) && os.Getenv("NO_COLOR") == "" }

func newConsole(colour bool) *console {
	c := &console{}
	if colour {
		c.style = tinted
	}
	options := tint.Options{Level: slog.Level(-1 << 30), TimeFormat: "15:04:05.000", NoColor: !colour}
	c.tint = tint.NewTextHandler(&c.line, &options)
	options.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.LevelKey {
			return tint.Attr(9, slog.String(slog.LevelKey, "CRIT"))
		}
		return a
	}
	c.critical = tint.NewTextHandler(&c.line, &options)
	return c
}

func (c *console) head(b []byte, _ *clock, _ stamp, msg message, ids *ids) []byte {
	b = appendMessage(b, msg.text)
	return appendIDs(b, ids, c.style.key, c.style.reset)
}

func (*console) plain(string, slog.Attr) bool { return false }

func (c *console) open(b []byte, _ []string) []byte { return b }

func (c *console) attr(b []byte, prefix string, a slog.Attr, _ bool) []byte {
	return appendPair(b, prefix, a, c.style)
}

func (c *console) end(b []byte, t time.Time, level slog.Level, _ int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.line.Reset()
	h := c.tint
	if level >= LevelCritical {
		h = c.critical
	}
	r := slog.NewRecord(t, level, string(b), 0)
	_ = h.Handle(context.Background(), r) // to memory: it cannot fail
	return append(b[:0], c.line.Bytes()...)
}

// appendMessage escapes what is not text; quotes and backslashes stay readable.
func appendMessage(b []byte, msg string) []byte {
	for _, r := range msg {
		switch {
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\t':
			b = append(b, '\\', 't')
		case hidden(r):
			b = appendU(b, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}
