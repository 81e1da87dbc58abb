package ledger

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// parser reads JSON as [Record.AppendLine] writes it, and gives up on
// everything else: what it takes, it takes as encoding/json does, which reads
// the rest. Members may come in any order, once each; there is no space
// between them.
type parser struct {
	s      string
	i      int
	failed bool
}

// next reports whether s goes on with c, and steps over it.
func (p *parser) next(c byte) bool {
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *parser) want(c byte) {
	if !p.next(c) {
		p.fail()
	}
}

func (p *parser) fail() { p.failed, p.i = true, len(p.s) }

// open begins an object and reports whether it has a member.
func (p *parser) open() bool {
	p.want('{')
	return !p.next('}') && !p.failed
}

// more reports whether there is another member after the value of one.
func (p *parser) more() bool {
	if p.next('}') {
		return false
	}
	p.want(',')
	return !p.failed
}

// name is that of a member.
func (p *parser) name() string {
	s := p.text()
	p.want(':')
	return s
}

// names are those that an object has had, by number: of one that comes twice
// encoding/json takes the last, or both.
type names uint32

func (n *names) first(p *parser, number int) {
	if *n&(1<<number) != 0 {
		p.fail()
	}
	*n |= 1 << number
}

// text is a string.
func (p *parser) text() string {
	p.want('"')
	begin := p.i
	ascii := true
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[begin:p.i]
			p.i++
			if !ascii && !utf8.ValidString(s) {
				p.fail()
			}
			return s
		case c == '\\':
			return p.escaped(begin)
		case c < ' ':
			p.fail()
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
		p.i++
	}
	p.fail()
	return ""
}

// escaped is a string with escapes, which encoding/json knows best.
func (p *parser) escaped(begin int) string {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case '\\':
			p.i++ // over what it escapes
		case '"':
			var s string
			p.i++
			if json.Unmarshal([]byte(p.s[begin-1:p.i]), &s) != nil {
				p.fail()
			}
			return s
		}
		p.i++
	}
	p.fail()
	return ""
}

// integer is a whole number without an exponent.
func (p *parser) integer() int64 {
	minus := p.next('-')
	begin, n := p.i, uint64(0)
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' && p.i-begin < 19 {
		n = n*10 + uint64(p.s[p.i]-'0')
		p.i++
	}
	switch {
	case p.i == begin, p.s[begin] == '0' && p.i > begin+1, n > 1<<63-1: // the least number is left to encoding/json
		p.fail()
	case minus:
		return -int64(n)
	}
	return int64(n)
}

func (p *parser) bool() bool {
	rest := p.s[p.i:]
	switch {
	case strings.HasPrefix(rest, "true"):
		p.i += len("true")
		return true
	case strings.HasPrefix(rest, "false"):
		p.i += len("false")
	default:
		p.fail()
	}
	return false
}

// time only has to be one.
func (p *parser) time() {
	begin := p.i
	p.text()
	var t time.Time
	if p.failed || t.UnmarshalJSON([]byte(p.s[begin:p.i])) != nil {
		p.fail()
	}
}
