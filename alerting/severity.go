package alerting

import "fmt"

// Severity says how urgent an alert is. The zero Severity is invalid.
type Severity uint8

// The severities, worst first. P0 pages the person on call at once, P1 goes
// to the team's chat, P2 is a notice, P3 makes a ticket only.
const (
	P0 Severity = 1
	P1 Severity = 2
	P2 Severity = 3
	P3 Severity = 4
)

// severities are all there are, worst first.
var severities = [...]Severity{P0, P1, P2, P3}

// Valid reports whether s is one of P0 to P3.
func (s Severity) Valid() bool { return s >= P0 && s <= P3 }

// worse reports whether s is more urgent than other; 0 is less urgent than any.
func (s Severity) worse(other Severity) bool {
	return s != 0 && (other == 0 || s < other)
}

// String is "P0" to "P3".
func (s Severity) String() string {
	if !s.Valid() {
		return fmt.Sprintf("Severity(%d)", uint8(s))
	}
	return "P" + string('0'+rune(s-P0))
}

// MarshalText is String; an invalid severity is [ErrInvalid].
func (s Severity) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fault("Severity", wantSeverity, uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what MarshalText writes, in either case.
func (s *Severity) UnmarshalText(text []byte) error {
	parsed, err := ParseSeverity(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// ParseSeverity reads "P0" to "P3", in either case. Anything else is
// [ErrInvalid].
func ParseSeverity(s string) (Severity, error) {
	if len(s) == 2 && (s[0] == 'P' || s[0] == 'p') && s[1] >= '0' && s[1] <= '3' {
		return P0 + Severity(s[1]-'0'), nil
	}
	return 0, fault("Severity", wantSeverity, s)
}

const wantSeverity = "P0, P1, P2 or P3"
