package errortracking

import (
	"encoding/hex"
	"strings"

	"github.com/distri-night/monitoring/internal/redact"
)

// fingerprint tells issues apart: the types of the outermost and innermost
// error, where the service was, and the innermost text without what varies.
// Neither a line number nor a deploy nor an ID in the text changes it. It goes
// to Sentry, so texts are redacted first.
func fingerprint(r *redact.Redactor, err error, msg, where string) []string {
	if err == nil {
		return []string{"message", where, normalize(text(r, msg, maxText))}
	}
	inner := innermost(err)
	return []string{typeOf(err).name, typeOf(inner).name, where, normalize(text(r, errorText(inner), maxText))}
}

// place is where the service was: the function that made the error, if it says
// so (of a joined error the first branch), else the one that captured it.
// near: all that was looked at is the first counter of the error's stack, or as
// many of the capture's as depth says.
func place(err error, captured stack) (where string, near bool, depth int) {
	for range maxDepth {
		if err == nil {
			break
		}
		if s := ownStack(err); !s.empty() {
			if w, i := s.where(); i >= 0 {
				where, near = w, i == 0 && len(s.pcs) > 0 // the innermost error that says so
			}
		}
		all, one := unwrap(err)
		for _, e := range all {
			if e != nil {
				one = e
				break
			}
		}
		err = one
	}
	if where != "" {
		return where, near, 0
	}
	where, i := captured.where()
	return where, i >= 0, i + 1
}

// hashOf is FNV-1a, 64 bit.
func hashOf(fingerprint []string) uint64 {
	h := uint64(14695981039346656037)
	for _, part := range fingerprint {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return h
}

// issueID is short enough for a URL.
func issueID(hash uint64) string {
	var b [8]byte
	for i := range b {
		b[i] = byte(hash >> (56 - 8*i))
	}
	return hex.EncodeToString(b[:])
}

// stableFunction is the name of a function without what a deploy may change:
// the number of a closure, the major version of the module, the arguments of a
// generic function.
func stableFunction(function string) string {
	if !strings.ContainsAny(function, "0123456789[-") {
		return function
	}
	module := packageOf(function)
	name := withoutArguments(function[len(module):])
	parts := strings.Split(name, ".")
	kept := parts[:0]
	for i, p := range parts {
		p = strings.TrimSuffix(p, "-fm") // a method value
		p, _, _ = strings.Cut(p, "-range")
		bare := strings.TrimRight(p, "0123456789")
		switch {
		case i > 0 && bare == "" && p != "": // the number of a closure in a closure
			continue
		case bare == "func", bare == "gowrap", bare == "deferwrap":
			p = bare
		}
		if p == "func" && len(kept) > 0 && kept[len(kept)-1] == "func" {
			continue
		}
		kept = append(kept, p)
	}
	return withoutVersion(module) + strings.Join(kept, ".")
}

// withoutVersion takes "/v2" and ".v3" off an import path.
func withoutVersion(module string) string {
	parts := strings.Split(strings.ReplaceAll(module, "%2e", "."), "/") // as the linker writes a dot
	kept := parts[:0]
	for _, p := range parts {
		if majorVersion(p) {
			continue
		}
		if i := strings.LastIndexByte(p, '.'); i > 0 && majorVersion(p[i+1:]) {
			p = p[:i]
		}
		kept = append(kept, p)
	}
	return strings.Join(kept, "/")
}

func majorVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

// withoutArguments puts "[...]" for the arguments of generic types.
func withoutArguments(name string) string {
	open := strings.IndexByte(name, '[')
	if open < 0 || open+1 < len(name) && name[open+1] == ']' { // a slice
		return name
	}
	end := strings.LastIndexByte(name, ']')
	if end < open {
		return name
	}
	return name[:open] + "[...]" + name[end+1:]
}
