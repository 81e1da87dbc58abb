package alerting

import "encoding/binary"

// lookup finds a rule by its name: a table with linear probing, keyed by the
// name's length and its two ends of 8 bytes. For few rules that takes less than
// half the time of Go's map, and finding the rule is most of what CheckMetric
// does. Names that differ in their middle only share a place, so newLookup
// falls back to the map where the table probes too long.
type lookup struct {
	slots []slot // a power of two, at most a quarter full; nil: use the map
	shift uint
	names map[string]*compiled
}

type slot struct {
	key  ends
	rule *compiled // nil: free
}

// ends is a name's first and last 8 bytes, which overlap in one that is
// shorter than 16, and its length.
type ends struct {
	first, last uint64
	n           int
}

func endsOf(name string) ends {
	n := len(name)
	if n >= 8 {
		return ends{binary.LittleEndian.Uint64([]byte(name[:8])), binary.LittleEndian.Uint64([]byte(name[n-8:])), n}
	}
	var e ends
	for i := range n {
		e.first = e.first<<8 | uint64(name[i])
	}
	e.n = n
	return e
}

// whole is up to which length a name's ends are all of it.
const whole = 16

// home is the slot that the key has if it is free.
func (l *lookup) home(e ends) uint64 {
	const golden = 0x9E3779B97F4A7C15 // 2^64 over the golden ratio: Knuth's multiplicative hashing
	return (e.first ^ (e.last<<29 | e.last>>35) + uint64(e.n)) * golden >> (l.shift & 63)
}

// maxProbe is how many slots a name may be away from its own.
const maxProbe = 4

func newLookup(rules map[string]*compiled) lookup {
	l := lookup{names: rules, shift: 64 - 4}
	for 4*len(rules) > 1<<(64-l.shift) {
		l.shift--
	}
	l.slots = make([]slot, 1<<(64-l.shift))
	for name, c := range rules {
		key := endsOf(name)
		i, probes := l.home(key), 0
		for ; l.slots[i].rule != nil; probes++ {
			if probes == maxProbe {
				l.slots = nil
				return l
			}
			i = (i + 1) & uint64(len(l.slots)-1)
		}
		l.slots[i] = slot{key, c}
	}
	return l
}

// find is nil for a name that no rule has.
func (l *lookup) find(name string) *compiled {
	if len(l.slots) == 0 {
		return l.names[name]
	}
	key := endsOf(name)
	for i := l.home(key); ; i++ {
		s := &l.slots[i&uint64(len(l.slots)-1)]
		switch {
		case s.rule == nil:
			return nil
		case s.key == key && (key.n <= whole || s.rule.Name == name):
			return s.rule
		}
	}
}
