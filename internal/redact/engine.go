package redact

import (
	"strings"
	"sync/atomic"
)

// engine is the rules made ready for use. There is one, [std]; tests make
// others, with a rule switched off.
type engine struct {
	// By key: see keyRule.
	strong, last, plural, runs, connection, vendor map[string]bool
	pairs                                          map[[2]string]bool
	memo                                           [1024]atomic.Pointer[judged]

	// By pattern.
	tokens  [256][]tokenRule // by the first byte
	start   [256]uint64      // which second bytes follow a first one, as a set of their low six bits
	infixes [256][]infixRule // by the first byte
	issuers []cardRule
	paths   []pathRule
	pathEnd [256]bool // the last bytes of paths

	on [shapes]bool
}

var std = compile("")

// compile makes an engine of all rules but the one named off.
func compile(off string) *engine {
	e := &engine{
		strong: map[string]bool{}, last: map[string]bool{}, plural: map[string]bool{}, runs: map[string]bool{},
		connection: map[string]bool{}, vendor: map[string]bool{}, pairs: map[[2]string]bool{},
	}
	for _, r := range keyRules {
		if r.name == off {
			continue
		}
		add(e.strong, r.strong)
		add(e.last, r.last)
		add(e.plural, r.plural)
		add(e.runs, r.runs)
		add(e.connection, r.connection)
		add(e.vendor, r.vendor)
		for _, p := range r.pairs {
			for _, first := range strings.Fields(p.first) {
				for _, second := range strings.Fields(p.second) {
					e.pairs[[2]string{first, second}] = true
				}
			}
		}
	}
	for _, r := range tokenRules {
		if r.name == off {
			continue
		}
		for _, prefix := range strings.Fields(r.prefixes) {
			one := r
			one.prefixes = prefix
			e.tokens[prefix[0]] = append(e.tokens[prefix[0]], one)
			e.start[prefix[0]] |= 1 << (prefix[1] & 63)
		}
	}
	for _, r := range infixRules {
		if r.name != off {
			e.infixes[r.infix[0]] = append(e.infixes[r.infix[0]], r)
		}
	}
	for _, r := range cardRules {
		if r.name != off {
			e.issuers = append(e.issuers, r)
		}
	}
	for _, r := range pathRules {
		if r.name != off {
			e.paths = append(e.paths, r)
			e.pathEnd[r.address[len(r.address)-1]] = true
		}
	}
	for s, name := range shapeNames {
		e.on[s] = name != off
	}
	return e
}

func add(set map[string]bool, list string) {
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
}

// ruleNames lists all rules.
func ruleNames() []string {
	var names []string
	for _, r := range keyRules {
		names = append(names, r.name)
	}
	for _, r := range tokenRules {
		names = append(names, r.name)
	}
	for _, r := range infixRules {
		names = append(names, r.name)
	}
	for _, r := range cardRules {
		names = append(names, r.name)
	}
	for _, r := range pathRules {
		names = append(names, r.name)
	}
	return append(names, shapeNames[:]...)
}
