package reqctx

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// Trace is a W3C trace context, version 00. The zero value is none.
type Trace struct {
	TraceID [16]byte
	SpanID  [8]byte
	Sampled bool
}

// Valid reports whether both IDs are set.
func (t Trace) Valid() bool { return t.TraceID != [16]byte{} && t.SpanID != [8]byte{} }

// TraceIDString is 32 hexadecimal digits.
func (t Trace) TraceIDString() string { return hex.EncodeToString(t.TraceID[:]) }

// SpanIDString is 16 hexadecimal digits.
func (t Trace) SpanIDString() string { return hex.EncodeToString(t.SpanID[:]) }

// String is the traceparent header.
func (t Trace) String() string {
	var b [55]byte
	copy(b[:], "00-")
	hex.Encode(b[3:], t.TraceID[:])
	b[35] = '-'
	hex.Encode(b[36:], t.SpanID[:])
	copy(b[52:], "-00")
	if t.Sampled {
		b[54] = '1'
	}
	return string(b[:])
}

// NewTrace makes a trace with random IDs.
func NewTrace() Trace { return Trace{}.Child() }

// Child keeps the trace, if there is one, and has a new span.
func (t Trace) Child() Trace {
	for t.TraceID == [16]byte{} {
		binary.LittleEndian.PutUint64(t.TraceID[:8], rand.Uint64())
		binary.LittleEndian.PutUint64(t.TraceID[8:], rand.Uint64())
	}
	t.SpanID = [8]byte{}
	for t.SpanID == [8]byte{} {
		binary.LittleEndian.PutUint64(t.SpanID[:], rand.Uint64())
	}
	return t
}

// ParseTraceparent reads a traceparent header by the rules of W3C Trace
// Context: lower-case hexadecimal, IDs that are not all zero, and of an
// unknown version only the known part. Anything else is false.
func ParseTraceparent(s string) (Trace, bool) {
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return Trace{}, false
	}
	for i := range 55 {
		digit := s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f'
		if dash := i == 2 || i == 35 || i == 52; !dash && !digit {
			return Trace{}, false
		}
	}
	version := s[:2]
	if version == "ff" || version == "00" && len(s) != 55 || len(s) > 55 && s[55] != '-' {
		return Trace{}, false
	}
	var t Trace
	var flags [1]byte
	_, err1 := hex.Decode(t.TraceID[:], []byte(s[3:35]))
	_, err2 := hex.Decode(t.SpanID[:], []byte(s[36:52]))
	_, err3 := hex.Decode(flags[:], []byte(s[53:55]))
	if err1 != nil || err2 != nil || err3 != nil || !t.Valid() {
		return Trace{}, false
	}
	t.Sampled = flags[0]&1 == 1
	return t, true
}
