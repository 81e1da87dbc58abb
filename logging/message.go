package logging

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/distri-night/monitoring/internal/redact"
)

// message is a record's message, masked. json is it escaped for a JSON string;
// "": it is not known yet.
type message struct{ text, json string }

// messageCache remembers messages in which nothing is masked: they come from
// source code, so the same few hundred come again and again. One is taken in
// when it comes for the second time in a row of its place, and stays: messages
// with data in them cost no memory, and do not drive others out.
type messageCache struct {
	seed  maphash.Seed
	slots [512]struct {
		seen atomic.Uint64 // hash of the last one that was not found
		m    atomic.Pointer[message]
	}
}

const maxMessage = 128 // bytes; longer ones are not remembered

func (c *messageCache) find(r *redact.Redactor, text string) message {
	n := len(text)
	if c == nil || n == 0 || n > maxMessage {
		return message{text: cut(r.Text(text), maxText)}
	}
	slot := &c.slots[(n+int(text[0])*17+int(text[n-1])*61+int(text[n/2])*257)%len(c.slots)]
	m := slot.m.Load()
	if m != nil && m.text == text {
		return *m
	}
	masked := r.Text(text)
	if m != nil || masked != text {
		return message{text: masked}
	}
	if h := maphash.String(c.seed, text); slot.seen.Swap(h) == h {
		text = strings.Clone(text)
		slot.m.Store(&message{text, string(appendEscaped(nil, text))})
	}
	return message{text: masked}
}
