package reqctx

import "strings"

const (
	maxTracestate        = 4096 // bytes; W3C asks for 512 at least
	maxTracestateMembers = 32
)

// ParseTracestate joins tracestate headers to one, by W3C Trace Context. What
// is malformed in one place is worth nothing in all: "".
func ParseTracestate(headers []string) string {
	if len(headers) == 0 {
		return ""
	}
	raw := strings.Join(headers, ",")
	if len(raw) > maxTracestate {
		return ""
	}
	var members []string
	seen := map[string]bool{}
	for member := range strings.SplitSeq(raw, ",") {
		member = strings.Trim(member, " \t")
		if member == "" {
			continue // allowed, and nothing
		}
		key, value, ok := strings.Cut(member, "=")
		if !ok || seen[key] || !tracestateKey(key) || !tracestateValue(value) || len(members) == maxTracestateMembers {
			return ""
		}
		seen[key] = true
		members = append(members, member)
	}
	return strings.Join(members, ",")
}

// tracestateKey takes simple keys, "vendor", and those of a tenant,
// "tenant@vendor".
func tracestateKey(key string) bool {
	tenant, vendor, of := strings.Cut(key, "@")
	if !of {
		return len(key) <= 256 && key != "" && isLower(key[0]) && keyChars(key)
	}
	return tenant != "" && len(tenant) <= 241 && (isLower(tenant[0]) || isDigit(tenant[0])) && keyChars(tenant) &&
		vendor != "" && len(vendor) <= 14 && isLower(vendor[0]) && keyChars(vendor)
}

func keyChars(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLower(c) && !isDigit(c) && c != '_' && c != '-' && c != '*' && c != '/' {
			return false
		}
	}
	return true
}

// tracestateValue is printable ASCII but for comma and equals sign, not ending
// in a space.
func tracestateValue(s string) bool {
	if s == "" || len(s) > 256 || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ',' || c == '=' {
			return false
		}
	}
	return true
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
