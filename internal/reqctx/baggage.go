package reqctx

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a baggage header, from W3C Baggage: what may be counted on to be
// passed on.
const (
	maxBaggage        = 8192 // bytes
	maxBaggageMembers = 64
)

// Member is one entry of a baggage header.
type Member struct {
	Key   string // a token by RFC 9110
	Value string // decoded; any text

	properties string // as they came, each valid, with the semicolon before
}

// Baggage is a list of members by W3C Baggage. Their order means nothing.
type Baggage []Member

// ParseBaggage reads baggage headers. A member that is malformed is left out,
// as are those past 64 members and 8,192 bytes.
func ParseBaggage(headers ...string) Baggage {
	var b Baggage
	size := 0
	for _, h := range headers {
		for text := range strings.SplitSeq(h, ",") {
			m, ok := parseMember(text)
			if !ok {
				continue
			}
			if size += m.size(); len(b) == maxBaggageMembers || size+len(b) > maxBaggage {
				return b
			}
			b = append(b, m)
		}
	}
	return b
}

func parseMember(text string) (m Member, ok bool) {
	text, properties, _ := strings.Cut(text, ";")
	key, value, ok := strings.Cut(text, "=")
	if m.Key = strings.Trim(key, " \t"); !ok || !isToken(m.Key) {
		return Member{}, false
	}
	if m.Value, ok = unescape(strings.Trim(value, " \t")); !ok {
		return Member{}, false
	}
	if properties == "" {
		return m, true
	}
	var kept strings.Builder
	for property := range strings.SplitSeq(properties, ";") {
		key, value, valued := strings.Cut(property, "=")
		if key = strings.Trim(key, " \t"); !isToken(key) {
			return Member{}, false
		}
		kept.WriteByte(';')
		kept.WriteString(key)
		if valued {
			if value, ok = unescape(strings.Trim(value, " \t")); !ok {
				return Member{}, false
			}
			kept.WriteByte('=')
			escape(&kept, value)
		}
	}
	m.properties = kept.String()
	return m, true
}

// size is that of the member in a header.
func (m *Member) size() int { return len(m.Key) + 1 + escapedLen(m.Value) + len(m.properties) }

// String is the header, within the bounds: later members go first. "": none.
func (b Baggage) String() string {
	var s strings.Builder
	members := 0
	for i := range b {
		m := &b[i]
		comma := min(members, 1)
		if members == maxBaggageMembers || !isToken(m.Key) || s.Len()+comma+m.size() > maxBaggage {
			continue
		}
		if members++; comma > 0 {
			s.WriteByte(',')
		}
		s.WriteString(m.Key)
		s.WriteByte('=')
		escape(&s, m.Value)
		s.WriteString(m.properties)
	}
	return s.String()
}

// Value is the first member's under key.
func (b Baggage) Value(key string) (string, bool) {
	for i := range b {
		if b[i].Key == key {
			return b[i].Value, true
		}
	}
	return "", false
}

// isToken is RFC 9110's, which keys are.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isLower(c) && !isDigit(c) && (c < 'A' || c > 'Z') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// plainOctet reports whether c stands for itself in a value.
func plainOctet(c byte) bool {
	return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\' && c != '%'
}

// unescape decodes a value. A character that a value cannot have makes it no
// value; a percent sign that begins nothing stands for itself; what is not
// UTF-8 becomes U+FFFD.
func unescape(s string) (string, bool) {
	escaped := false
	for i := range len(s) {
		if s[i] == '%' {
			escaped = true
		} else if !plainOctet(s[i]) {
			return "", false
		}
	}
	if !escaped {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi|lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return strings.ToValidUTF8(string(b), string(utf8.RuneError)), true
}

func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	default:
		return 0xff
	}
}

func escapedLen(s string) int {
	n := len(s)
	for i := range len(s) {
		if !plainOctet(s[i]) {
			n += 2
		}
	}
	return n
}

func escape(b *strings.Builder, s string) {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; plainOctet(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
}
