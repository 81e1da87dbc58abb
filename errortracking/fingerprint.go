package errortracking

import (
	"encoding/hex"
	"hash/fnv"
	"reflect"
	"runtime"
	"strings"

	"github.com/distri-night/monitoring/internal/redact"
)

// fingerprint tells issues apart: the types of the outermost and innermost
// error, where the service was, and the innermost text without what varies.
// Neither a line number nor a deploy nor an ID in the text changes it. It goes
// to Sentry, so texts are redacted first.
func fingerprint(r *redact.Redactor, err error, msg string, frames []runtime.Frame) []string {
	where := ""
	for _, f := range frames {
		if inApp(packageOf(f.Function), f.File) {
			where = f.Function
			break
		}
	}
	if err == nil {
		return []string{"message", where, normalize(text(r, msg, maxText))}
	}
	inner := innermost(err)
	return []string{reflect.TypeOf(err).String(), reflect.TypeOf(inner).String(), where, normalize(text(r, errorText(inner), maxText))}
}

// issueID is short enough for a URL.
func issueID(fingerprint []string) string {
	h := fnv.New128a()
	for _, part := range fingerprint {
		_, _ = h.Write([]byte(part))
		_, _ = h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

const maxNormalized = 200

// normalize puts a star where a text has what differs each time: words with a
// digit, quoted parts, e-mail addresses.
func normalize(s string) string {
	if len(s) > 4*maxNormalized {
		s = s[:4*maxNormalized]
	}
	var b strings.Builder
	for len(s) > 0 && b.Len() < maxNormalized {
		switch c := s[0]; {
		case c == '"' || c == '`' || c == '\'' && (b.Len() == 0 || strings.HasSuffix(b.String(), " ")):
			if end := strings.IndexByte(s[1:], c); end >= 0 {
				b.WriteByte('*')
				s = s[end+2:]
				continue
			}
			b.WriteByte(c)
			s = s[1:]
		case wordByte(c):
			n := 1
			varies := c >= '0' && c <= '9'
			for n < len(s) && (wordByte(s[n]) || (s[n] == '-' || s[n] == '.' || s[n] == '@' || s[n] == ':') && n+1 < len(s) && wordByte(s[n+1])) {
				varies = varies || s[n] >= '0' && s[n] <= '9' || s[n] == '@'
				n++
			}
			if varies {
				b.WriteByte('*')
			} else {
				b.WriteString(s[:n])
			}
			s = s[n:]
		default:
			b.WriteByte(c)
			s = s[1:]
		}
	}
	return b.String()
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
