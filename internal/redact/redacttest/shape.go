package redacttest

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
)

const (
	numbers = "0123456789"
	small   = "abcdefghijklmnopqrstuvwxyz"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// alphabets are the letters that name a set of bytes in a shape.
var alphabets = map[byte]string{
	'd': numbers,
	'D': "123456789",
	'h': numbers + "abcdef",
	'H': numbers + "ABCDEF",
	'l': small + capital,
	'm': numbers + small,
	'A': numbers + capital,
	'a': numbers + small + capital,
	'w': numbers + small + capital + "_-",
	'b': numbers + small + capital + "+/",
}

// expand fills in the {...} of a shape, always with the same bytes for the
// same name:
//
//	{h32}      32 bytes of an alphabet, the first and last letters or digits
//	{u}        a UUID
//	{c4:16}    a card number of 16 digits that begins with 4; {cg4:16} in groups
//	{jwt}      a JSON web token; {jwt64} encoded once more
//	{pem:RSA } a private key
//
// Other braces stay.
func expand(name, shape string) string {
	h := fnv.New64a()
	h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(shape, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		inner, after, ok := strings.Cut(rest, "}")
		value := ""
		if ok {
			value = fill(r, inner)
		}
		if value == "" {
			b.WriteByte('{')
			shape = rest
			continue
		}
		b.WriteString(value)
		shape = after
	}
}

func fill(r *rand.Rand, inner string) string {
	switch {
	case inner == "u":
		return fmt.Sprintf("%s-%s-4%s-a%s-%s", pick(r, 'h', 8), pick(r, 'h', 4), pick(r, 'h', 3), pick(r, 'h', 3), pick(r, 'h', 12))
	case inner == "jwt":
		return jwt(r)
	case inner == "jwt64":
		return base64.StdEncoding.EncodeToString([]byte(jwt(r)))
	case strings.HasPrefix(inner, "pem:"):
		label := inner[len("pem:"):] + "PRIVATE KEY"
		body := pick(r, 'b', 64) + "\n" + pick(r, 'b', 64) + "\n" + pick(r, 'b', 20)
		return "-----BEGIN " + label + "-----\n" + body + "==\n-----END " + label + "-----"
	case len(inner) > 1 && inner[0] == 'c' && strings.Contains(inner, ":"):
		prefix, length, _ := strings.Cut(inner[1:], ":")
		n, err := strconv.Atoi(length)
		if err != nil {
			return ""
		}
		digits := card(r, strings.TrimPrefix(prefix, "g"), n)
		if strings.HasPrefix(prefix, "g") {
			return digits[:4] + " " + digits[4:8] + " " + digits[8:12] + " " + digits[12:]
		}
		return digits
	case len(inner) > 1 && alphabets[inner[0]] != "":
		n, err := strconv.Atoi(inner[1:])
		if err != nil {
			return ""
		}
		return pick(r, inner[0], n)
	}
	return ""
}

// pick gives n bytes of an alphabet. A long value has a digit, if any is in
// the alphabet, and neither begins nor ends with punctuation.
func pick(r *rand.Rand, from byte, n int) string {
	set := alphabets[from]
	b := make([]byte, n)
	for i := range b {
		b[i] = set[r.IntN(len(set))]
	}
	for _, i := range []int{0, n - 1} {
		for strings.IndexByte("_-+/", b[i]) >= 0 {
			b[i] = set[r.IntN(len(set))]
		}
	}
	if n > 4 && set[0] == '0' && len(set) > 10 {
		b[2], b[n-2] = numbers[1+r.IntN(9)], numbers[1+r.IntN(9)]
		b[1] = set[10+r.IntN(6)]
	}
	return string(b)
}

// card gives a number with the check digit of Luhn.
func card(r *rand.Rand, prefix string, n int) string {
	d := []byte(prefix + strings.Repeat("0", n-len(prefix)))
	for i := len(prefix); i < n; i++ {
		d[i] = byte('0' + r.IntN(10))
	}
	for c := byte('0'); c <= '9'; c++ {
		d[n-1] = c
		sum := 0
		for i := range d {
			v := int(d[n-1-i] - '0')
			if i%2 == 1 {
				if v *= 2; v > 9 {
					v -= 9
				}
			}
			sum += v
		}
		if sum%10 == 0 {
			break
		}
	}
	return string(d)
}

func jwt(r *rand.Rand) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc.EncodeToString([]byte(`{"sub":"`+pick(r, 'd', 8)+`"}`)) + "." + pick(r, 'w', 43)
}
