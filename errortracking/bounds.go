package errortracking

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"

	"github.com/distri-night/monitoring/internal/redact"
)

// Bounds within which Sentry takes an event whole, in bytes. Those of fields
// are its schema's, in which they are characters; what is longer it would cut,
// without a sign.
const (
	maxText          = 8 << 10 // a message or an error's text
	maxValue         = 4 << 10 // a string in attributes and breadcrumbs
	maxTag           = 200     // also a route, a release, a key
	maxType          = 256     // of an exception
	maxEnvironment   = 64
	maxUserID        = 128
	maxEmail         = 75
	maxURL           = 2 << 10
	maxMethod        = 100
	maxCrumbCategory = 128
	maxAttrs         = 100
	maxList          = 100 // members of a list or map in attributes
	maxNesting       = 6
	maxExceptions    = 16
	maxFingerprint   = 32
	maxEvent         = 900 << 10 // Sentry refuses past 1 MiB
	maxZipped        = 190_000   // and past 200 kB compressed
)

// maxScan bounds what is searched for secrets. It is so much longer than what is
// kept that a secret which it cuts in two is not kept.
const maxScan = 64 << 10

// text redacts first and cuts to n bytes after.
func text(r *redact.Redactor, s string, n int) string {
	if len(s) > maxScan {
		s = s[:maxScan]
	}
	return cut(r.Text(s), n)
}

// cut shortens s to n bytes of valid UTF-8.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const more = "..."
	n -= len(more)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}

// tag is s as the value of a tag: on one line, without space around it.
func tag(s string) string {
	return cut(strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)), maxTag)
}

// setTag sets a tag, if it has a value, under a name that Sentry takes.
func setTag(e *sentry.Event, key, value string) {
	key = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_.:-", r):
			return r
		}
		return '_'
	}, key)
	if value = tag(value); key != "" && value != "" {
		e.Tags[key[:min(len(key), maxTag)]] = value
	}
}

// environment and release are without what Sentry forbids in a name.
func environment(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' {
			return '-'
		}
		return r
	}, strings.TrimSpace(s))
	if strings.EqualFold(s, "none") {
		return "none-"
	}
	return cut(s, maxEnvironment)
}

func release(s string) string {
	return cut(strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == '\\' {
			return '-'
		}
		return r
	}, strings.TrimSpace(s)), maxTag)
}

func fingerprints(all []string) []string {
	all = all[:min(len(all), maxFingerprint)]
	out := make([]string, len(all))
	for i, part := range all {
		out[i] = cut(part, maxValue)
	}
	return out
}

// validID: 32 hexadecimal digits in lower case.
func validID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == ""
}

// timestamp is at, in the years that JSON has a form for.
func timestamp(at time.Time) time.Time {
	if y := at.UTC().Year(); y < 1 || y > 9999 {
		return time.Time{}
	}
	return at.UTC()
}

// jsonable bounds v, and turns what JSON has no form for into text. v is plain.
func jsonable(v any, depth int) any {
	if depth > maxNesting {
		return "(nested too deeply)"
	}
	switch v := v.(type) {
	case string:
		return cut(v, maxValue)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return v
	case float32:
		return jsonable(float64(v), depth)
	case map[string]any:
		m := make(map[string]any, min(len(v), maxList))
		for k, x := range v {
			if len(m) == maxList {
				break
			}
			m[cut(k, maxTag)] = jsonable(x, depth+1)
		}
		return m
	case redact.Fields:
		f := make(redact.Fields, 0, min(len(v), maxList))
		for _, m := range v[:min(len(v), maxList)] {
			f = append(f, redact.Field{Key: cut(m.Key, maxTag), Value: jsonable(m.Value, depth+1)})
		}
		return f
	case []any:
		l := make([]any, 0, min(len(v), maxList))
		for _, x := range v[:min(len(v), maxList)] {
			l = append(l, jsonable(x, depth+1))
		}
		return l
	case nil, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return v
	case time.Time:
		if y := v.Year(); y < 0 || y > 9999 {
			return v.String()
		}
		return v
	case json.Number:
		if len(v) > maxTag || !json.Valid([]byte(v)) {
			return cut(string(v), maxValue)
		}
		return v
	case time.Duration:
		return v.String()
	default:
		return cut(fmt.Sprint(v), maxValue)
	}
}

// tooLarge reports whether Sentry would refuse an event. What is not compressed
// to a fifth is rare, and looked at.
func tooLarge(b []byte) bool {
	if len(b) <= maxZipped {
		return false
	}
	if len(b) > maxEvent {
		return true
	}
	var n counter64
	z, _ := gzip.NewWriterLevel(&n, gzip.BestSpeed)
	_, _ = z.Write(b)
	_ = z.Close()
	return n > maxZipped
}

type counter64 int64

func (c *counter64) Write(b []byte) (int, error) {
	*c += counter64(len(b))
	return len(b), nil
}

// shrink takes away what helps least; false when nothing is left to take.
func shrink(e *sentry.Event, level int) bool {
	switch level {
	case 0:
		for _, b := range e.Breadcrumbs {
			b.Data = nil
		}
	case 1:
		e.Breadcrumbs = e.Breadcrumbs[max(0, len(e.Breadcrumbs)-10):]
	case 2:
		e.Contexts["attributes"] = sentry.Context{"cut": "the attributes were too large"}
	case 3:
		e.Breadcrumbs, e.Request = nil, nil
		e.Exception = e.Exception[max(0, len(e.Exception)-4):]
	case 4:
		e.Threads, e.Contexts, e.Fingerprint = nil, nil, e.Fingerprint[:min(len(e.Fingerprint), 4)]
		for i := range e.Exception {
			if st := e.Exception[i].Stacktrace; st != nil {
				st.Frames = st.Frames[max(0, len(st.Frames)-10):]
			}
		}
	default:
		return false
	}
	return true
}
