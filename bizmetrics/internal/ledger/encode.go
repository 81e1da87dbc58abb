package ledger

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendData appends the record's Event.Data to b: byte for byte what
// encoding/json makes of its Wire, at a tenth of the cost.
func (r *Record) AppendData(b []byte) []byte {
	w := r.words()
	b = appendText(append(b, `{"id":`...), w.ID)
	for _, t := range [...]struct{ name, text string }{
		{`,"order":`, w.Order}, {`,"customer":`, w.Customer}, {`,"supplier":`, w.Supplier}, {`,"status":`, w.Status},
		{`,"method":`, w.Method}, {`,"reason":`, w.Reason}, {`,"comment":`, w.Comment}, {`,"user":`, w.User},
		{`,"referrer":`, w.Referrer}, {`,"tenant":`, w.Tenant},
	} {
		if t.text != "" {
			b = appendText(append(b, t.name...), t.text)
		}
	}
	if r.Base != "" {
		b = appendMoney(append(b, `,"amount":`...), r.Amount.Minor, r.Amount.Currency)
		b = appendMoney(append(b, `,"value":`...), r.Value, r.Base)
	}
	if r.Succeeded {
		b = append(b, `,"succeeded":true`...)
	}
	if r.Declined {
		b = append(b, `,"declined":true`...)
	}
	if r.Accepted {
		b = append(b, `,"accepted":true`...)
	}
	if r.After != 0 {
		b = strconv.AppendInt(append(b, `,"after":`...), int64(r.After), 10)
	}
	if r.Kind == KindNPS {
		b = strconv.AppendInt(append(b, `,"score":`...), int64(r.Score), 10)
	}
	if r.AtGiven {
		b = append(b, `,"at":"`...)
		b = time.UnixMicro(r.At).UTC().AppendFormat(b, time.RFC3339Nano)
		b = append(b, '"')
	}
	return append(b, '}')
}

func appendMoney(b []byte, minor int64, currency string) []byte {
	b = strconv.AppendInt(append(b, `{"minor":`...), minor, 10)
	b = appendText(append(b, `,"currency":`...), currency)
	return append(b, '}')
}

// AppendLine appends the record to b as a journal keeps it: its data, and what
// a store keeps beside the data.
func (r *Record) AppendLine(b []byte) []byte {
	b = appendText(append(b, `{"kind":`...), r.Kind.Name())
	if r.At != 0 {
		b = strconv.AppendInt(append(b, `,"t":`...), r.At, 10)
	}
	if r.Arrived != 0 {
		b = strconv.AppendInt(append(b, `,"arrived":`...), r.Arrived, 10)
	}
	b = r.AppendData(append(b, `,"event":`...))
	return append(b, '}')
}

const hexDigits = "0123456789abcdef"

// appendText is a JSON string as encoding/json writes it: what HTML or
// JavaScript would take for its own is escaped, what is no UTF-8 replaced.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	begin := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plain[c] {
				i++
				continue
			}
			b = append(b, s[begin:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\b':
				b = append(b, '\\', 'b')
			case '\f':
				b = append(b, '\\', 'f')
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
			}
			i++
			begin = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(append(b, s[begin:i]...), `\ufffd`...)
			begin = i + n
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[begin:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&0xf])
			begin = i + n
		}
		i += n
	}
	return append(append(b, s[begin:]...), '"')
}

// plain are the bytes of ASCII that stand for themselves.
var plain = plainBytes()

func plainBytes() (all [utf8.RuneSelf]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		all[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return all
}
