package reqctx

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
)

// SpanID names a span within its trace; the zero one is none.
type SpanID [8]byte

// Valid reports whether id is set.
func (id SpanID) Valid() bool { return id != SpanID{} }

// String is 16 hexadecimal digits.
func (id SpanID) String() string { return hex.EncodeToString(id[:]) }

func newSpanID() (id SpanID) {
	for id == (SpanID{}) {
		binary.LittleEndian.PutUint64(id[:], rand.Uint64()) //nolint:gosec // unique, not secret
	}
	return id
}

// Trace is a W3C trace context, version 00. The zero value is none.
type Trace struct {
	TraceID [16]byte
	SpanID  SpanID
	Sampled bool
	Random  bool // the last 7 bytes of TraceID are random: bit 1 of the flags, of level 2
}

// Valid reports whether both IDs are set.
func (t Trace) Valid() bool { return t.TraceID != [16]byte{} && t.SpanID != SpanID{} }

// TraceIDString is 32 hexadecimal digits.
func (t Trace) TraceIDString() string { return hex.EncodeToString(t.TraceID[:]) }

// SpanIDString is 16 hexadecimal digits.
func (t Trace) SpanIDString() string { return t.SpanID.String() }

// String is the traceparent header.
func (t Trace) String() string {
	var b [55]byte
	copy(b[:], "00-")
	hex.Encode(b[3:], t.TraceID[:])
	b[35] = '-'
	hex.Encode(b[36:], t.SpanID[:])
	copy(b[52:], "-00")
	if t.Sampled {
		b[54]++
	}
	if t.Random {
		b[54] += 2
	}
	return string(b[:])
}

// NewTrace makes a trace with random IDs.
func NewTrace() Trace { return Trace{}.Child() }

// Child keeps the trace, if there is one, and has a new span.
func (t Trace) Child() Trace {
	for t.TraceID == [16]byte{} {
		binary.LittleEndian.PutUint64(t.TraceID[:8], rand.Uint64()) //nolint:gosec // unique, not secret
		binary.LittleEndian.PutUint64(t.TraceID[8:], rand.Uint64()) //nolint:gosec // unique, not secret
	}
	t.SpanID = newSpanID()
	return t
}

// chance is a number in [0, 1), of 6 digits, that belongs to the trace: whoever
// decides by it decides alike in each service, without asking. It is made of
// the bytes that are random by W3C Trace Context, level 2.
func (t Trace) chance() float64 {
	random := binary.BigEndian.Uint64(t.TraceID[8:]) & (1<<56 - 1)
	return math.Floor(float64(random)/(1<<56)*1e6) / 1e6
}

// ParseTraceparent reads a traceparent header by the rules of W3C Trace
// Context: lower-case hexadecimal, IDs that are not all zero, and of an
// unknown version only the known part. Anything else is false.
func ParseTraceparent(s string) (Trace, bool) {
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return Trace{}, false
	}
	version := s[:2]
	if !lowerHex(version) || version == "ff" || version == "00" && len(s) != 55 || len(s) > 55 && s[55] != '-' {
		return Trace{}, false
	}
	var t Trace
	var flags [1]byte
	if !decodeHex(t.TraceID[:], s[3:35]) || !decodeHex(t.SpanID[:], s[36:52]) || !decodeHex(flags[:], s[53:55]) || !t.Valid() {
		return Trace{}, false
	}
	t.Sampled, t.Random = flags[0]&1 != 0, flags[0]&2 != 0
	return t, true
}

// decodeHex takes lower-case digits only.
func decodeHex(into []byte, s string) bool {
	if len(s) != 2*len(into) || !lowerHex(s) {
		return false
	}
	_, err := hex.Decode(into, []byte(s))
	return err == nil
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
