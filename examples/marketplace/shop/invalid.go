package shop

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Invalid is what is wrong with a form, by field, in sentences for its user.
type Invalid map[string]string

func (e Invalid) Error() string {
	parts := make([]string, 0, len(e))
	for _, field := range slices.Sorted(maps.Keys(e)) {
		parts = append(parts, field+": "+e[field])
	}
	return "invalid input: " + strings.Join(parts, " ")
}

// ParsePhone returns the ten digits of a French number, which may be written
// with blanks, dots or +33; wrong says what is wrong with it.
func ParsePhone(s string) (digits, wrong string) {
	var b strings.Builder
	for i, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == ' ' || r == '.' || r == '-' || r == '\u00a0' || (r == '+' && i == 0):
		default:
			return "", "A phone number has digits and blanks only."
		}
		if b.Len() > 20 {
			return "", "A French number has 10 digits. This one has more than 20."
		}
	}
	digits = b.String()
	if strings.HasPrefix(strings.TrimSpace(s), "+") {
		if !strings.HasPrefix(digits, "33") {
			return "", "We deliver in Paris and need a French number."
		}
		digits = "0" + strings.TrimPrefix(digits, "33")
	}
	switch {
	case digits == "":
		return "", "The courier needs a number to call."
	case len(digits) != 10:
		return "", fmt.Sprintf("A French number has 10 digits. This one has %d.", len(digits))
	case digits[0] != '0':
		return "", "A French number begins with 0."
	}
	return digits, ""
}
