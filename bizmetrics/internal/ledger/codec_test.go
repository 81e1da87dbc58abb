package ledger

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sample(kind Kind) *Record {
	r := &Record{
		Kind: kind, Score: 7, ID: "order-12345678", Order: "order-1", Customer: "customer-123", Supplier: "supplier-12", Method: "card",
		Text: "late <b>&</b> \u2028 \"cold\"\n\x01\x7f é", Tenant: "t", Succeeded: true, Accepted: true, After: time.Second,
		At: 1_780_000_000_123_456, AtGiven: true, Arrived: 1_780_000_000_223_456,
	}
	if kind.needsMoney() {
		r.Amount, r.Value, r.Base = Money{1999, "CHF"}, 2011, "EUR"
	}
	if kind.IsOrder() {
		r.Order = r.ID
	}
	return r
}

// FuzzCodecWritesWhatJSONWrites makes records of anything.
func FuzzCodecWritesWhatJSONWrites(f *testing.F) {
	f.Add(uint8(1), "id", "<&>\u2028\u2029\x00\xff\\\"", "EUR", int64(1), int64(0), int64(1), int8(0), uint8(0xff))
	f.Add(uint8(8), "é\b\f\n\r\t\x1f\x7f", "", "", int64(-1), int64(1_000_000), int64(999_999), int8(-128), uint8(0))
	f.Fuzz(func(t *testing.T, kind uint8, id, text, currency string, amount, at, arrived int64, score int8, bits uint8) {
		if kind == 0 || int(kind) >= Kinds || at < 0 || at > lastMoment {
			return
		}
		r := &Record{
			Kind: Kind(kind), ID: id, Order: text, Customer: id, Supplier: text, Method: id, Text: text, Tenant: id, Score: score,
			Amount: Money{amount, currency}, Value: -amount, Base: currency, At: at, Arrived: arrived, After: time.Duration(amount),
			AtGiven: bits&1 != 0, Succeeded: bits&2 != 0, Declined: bits&4 != 0, Accepted: bits&8 != 0,
		}
		want, err := json.Marshal(r.Wire())
		require.NoError(t, err)
		require.Equal(t, string(want), string(r.AppendData(nil)))
		want, err = json.Marshal(r.Line())
		require.NoError(t, err)
		require.Equal(t, string(want), string(r.AppendLine(nil)))
		if !strings.ContainsAny(id+text, "\\\"") {
			var back Record
			ok, _ := ParseLine(string(want), &back)
			require.True(t, ok, "what is written is read without encoding/json: %s", want)
		}
	})
}

// FuzzCodecReadsWhatJSONReads gives the parser lines of all sorts: what it takes
// must be what encoding/json makes of them.
func FuzzCodecReadsWhatJSONReads(f *testing.F) {
	for k := KindPlaced; k < kindEnd; k++ {
		f.Add(string(sample(k).AppendLine(nil)))
	}
	for _, line := range []string{
		`{"kind":"order","t":01,"event":{"id":"x","status":"placed","amount":{"minor":1,"currency":"EUR"}}}`,
		`{"kind":"order","t":1,"event":{"id":"x","ID":"y","status":"placed","amount":{"minor":1,"currency":"EUR"},"amount":{"minor":2}}}`,
		`{"kind":"nps","t":-0,"event":{"id":"x","score":null,"at":"2026-01-01T00:00:00+24:00"}}`,
		`{"kind":"nps","t":9223372036854775807,"arrived":-9223372036854775808,"event":{"id":"\ud800","comment":"\u00e9\/"}}`,
		`{"kind":"nps","t":1e3,"event":{"id":"x","after":1.0}}`, `{"kind":"nps","event":{},"event":{"id":"x"}}`,
		`{"kind":"nps","event":{"id":"` + "\xff" + `"}}`, `{"kind":"nps","event":{"id":"x","at":"2026-02-30T00:00:00Z"}} `,
		`{"kind":"nps","event":{"id":"x"},"section":{"id":"s"}}`, `{"kind":"nps","event":{"id":"x"}}x`, `{}`, `{"kind":"nps","event":null}`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var got, want Record
		if ok, err := ParseLine(line, &got); ok {
			var l Line
			require.NoError(t, json.Unmarshal([]byte(line), &l), "%s", line)
			require.NotNil(t, l.Event)
			if wantErr := l.Into(&want); wantErr != nil {
				require.EqualError(t, err, wantErr.Error())
			} else {
				require.NoError(t, err)
				require.Equal(t, want, got, "%s", line)
			}
		}
		var w Wire
		if json.Unmarshal([]byte(line), &w) != nil {
			_, err := DecodeData("nps", 1, []byte(line))
			require.Error(t, err)
		} else if want := decodeSlowly("nps", 1, []byte(line), &want); want == nil {
			_, err := DecodeData("nps", 1, []byte(line))
			require.NoError(t, err)
		}
	})
}

func TestEachKindComesBackAsItWas(t *testing.T) {
	for k := KindPlaced; k < kindEnd; k++ {
		want := sample(k)
		var got Record
		ok, err := ParseLine(string(want.AppendLine(nil)), &got)
		require.NoError(t, err)
		require.True(t, ok)
		kept := *want // what a kind does not have is not written
		kept.Text, kept.Customer, kept.Score = got.Text, got.Customer, got.Score
		assert.Equal(t, kept, got, k.Name())
		e, err := want.Event()
		require.NoError(t, err)
		back, err := Decode(e)
		require.NoError(t, err)
		assert.True(t, back.Same(&got), k.Name())
		e.Key += "x"
		_, err = Decode(e)
		assert.ErrorContains(t, err, "another event")
	}
}

func TestATimeThatNoJSONHoldsIsNoEvent(t *testing.T) {
	_, err := DecodeData("nps", lastMoment+1, []byte(`{"id":"n"}`))
	assert.ErrorContains(t, err, "9999")
	_, err = DecodeData("nps", lastMoment, []byte(`{"id":"n"}`))
	assert.NoError(t, err)
}

func BenchmarkCodec(b *testing.B) {
	r := sample(KindPlaced)
	line := string(r.AppendLine(nil))
	var buf []byte
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = r.AppendLine(buf[:0])
		}
	})
	b.Run("encode with encoding_json", func(b *testing.B) {
		for b.Loop() {
			_, _ = json.Marshal(r.Line())
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if ok, err := ParseLine(line, r); !ok || err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode with encoding_json", func(b *testing.B) {
		for b.Loop() {
			var l Line
			_ = json.Unmarshal([]byte(line), &l)
		}
	})
}
