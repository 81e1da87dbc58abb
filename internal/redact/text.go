package redact

import "strings"

const minText = 5 // bytes of the shortest text with a secret: "pin=1"

// class says what the scanner does at a byte. Words are made of letters,
// digits and all beyond ASCII.
type class uint8

const (
	inWord  class = 0
	blank   class = 1 << iota // a space
	joint                     // may stand inside a token: the word before it may begin one
	trigger                   // some rule begins here
	gap                       // ends a word, no more
)

var classes = func() (t [256]class) {
	for c := range t {
		switch b := byte(c); {
		case alnum(b) || b >= 0x80:
			t[c] = inWord
		case b == ' ' || b == '\t':
			t[c] = blank
		case b == '_', b == '-', b == '.', b == '$', b == '~', b == '%':
			t[c] = joint | trigger
		case b == '@', b == '=', b == ':', b == '/', b == '>', b == '|', b == '\'', b == ',', b == '\\':
			t[c] = trigger
		default:
			t[c] = gap
		}
	}
	return t
}()

// scanner walks a text once, from word to word.
type scanner struct {
	e    *engine
	s    string
	out  []byte
	done int // s[:done] is in out, once there is an out
	any  bool

	quotes int     // how far quotes are counted, see closes
	inside [8]bool // which strings are open there, by the backslashes of their quotes
}

// scan gives s with what it found masked, and whether it found anything. Most
// text holds nothing that a rule could begin with: this is decided first, at a
// nanosecond or so a word.
func (e *engine) scan(s string) (string, bool) {
	word := 0 // where the current word begins
	i := 0
	for ; i < len(s); i++ {
		if k := classes[s[i]]; k != inWord {
			if k != gap && e.candidate(s, word, i, k) || i-word >= longWord {
				break
			}
			if s[i] == '\\' {
				i = escapeEnd(s, i) - 1
			}
			word = i + 1
		}
	}
	if i == len(s) && i-word < longWord {
		return s, false
	}
	return e.search(s, word)
}

// candidate reports whether a rule could begin at the word s[word:i] or at
// s[i], which is of class k.
func (e *engine) candidate(s string, word, i int, k class) bool {
	n := i - word
	if k == blank {
		switch n {
		case 4:
			return digit(s[word]) || i > n && classes[s[word-1]] == joint|trigger
		case 5, 6, 8:
			if c := s[word] | 0x20; c == 'b' || c == 't' || c == 'd' || c == 'p' {
				return true
			}
		}
		return i > n && classes[s[word-1]] == joint|trigger && i > n+1 && !alnum(s[word-2])
	}
	if k == joint|trigger && n > 0 {
		if n == 4 && digit(s[word]) && i+1 < len(s) && digit(s[i+1]) || e.start[s[word]]&(1<<(s[word+1]&63)) != 0 {
			return true
		}
	}
	switch s[i] {
	case '_', '.':
		return false // inside of a token a long word stands
	case '-':
		return i+1 < len(s) && s[i+1] == '-'
	case '/':
		return i > 0 && e.pathEnd[s[i-1]]
	case '\'':
		return i > 0 && s[i-1] == ' '
	case '\\':
		return i+1 < len(s) && s[i+1] == 'u' // see plainly
	case ',':
		return i > 0 && (s[i-1] == '"' || s[i-1] == '\'')
	}
	return true
}

// search walks s from the word that begins at s[word].
func (e *engine) search(s string, word int) (string, bool) {
	if strings.Contains(s, `\u00`) && e.on[shapeEscape] {
		if p := plainly(s); len(p) != len(s) {
			s, word = p, 0
		}
	}
	sc := scanner{e: e, s: s}
	for i := word; i < len(s); {
		k := classes[s[i]]
		if k == inWord {
			i++
			continue
		}
		end := 0
		if n := i - word; n >= longWord || k == joint|trigger && n > 0 {
			end = sc.long(word, i)
		} else if k == blank && n >= 4 {
			end = sc.short(word, i)
		}
		switch {
		case end > 0:
		case k&trigger != 0:
			end = sc.at(i)
		case k == blank && word > 0 && classes[s[word-1]] == joint|trigger:
			end = sc.flag(i)
		}
		if end <= i {
			end = i + 1
			if s[i] == '\\' {
				end = escapeEnd(s, i)
			}
		}
		i = end
		word = i
	}
	if len(s)-word >= longWord {
		sc.long(word, len(s))
	}
	if !sc.any {
		return s, false
	}
	return string(append(sc.out, s[sc.done:]...)), true
}

// longWord is how many bytes a word has that may be a secret by itself: the
// shortest card number has 12 digits.
const longWord = 12

// at looks for what the byte at s[i] may be part of, and gives the place to go
// on from, or 0.
func (sc *scanner) at(i int) int {
	s := sc.s
	c := s[i]
	if rules := sc.e.infixes[c]; len(rules) > 0 {
		if end := sc.infix(rules, i); end > 0 {
			return end
		}
	}
	switch c {
	case '@':
		return sc.mail(i)
	case '%':
		if i+3 < len(s) && s[i+1] == '4' && s[i+2] == '0' {
			return sc.mail(i)
		}
		if i+3 < len(s) && s[i+1] == '3' && s[i+2]|0x20 == 'd' {
			return sc.encodedPair(i)
		}
	case '=':
		return sc.pair(i)
	case ':':
		if len(s) > i+3 && s[i+1] == '/' && s[i+2] == '/' {
			return sc.url(i)
		}
		return sc.pair(i)
	case '/':
		if i > 0 && sc.e.pathEnd[s[i-1]] {
			return sc.pathToken(i)
		}
	case '-':
		if len(s) > i+10 && s[i+1] == '-' && s[i+2] == '-' {
			return sc.pem(i)
		}
	case '>':
		return sc.element(i)
	case ',':
		if i > 0 && (s[i-1] == '"' || s[i-1] == '\'') {
			return sc.listPair(i)
		}
	case '\'':
		if i > 2 && s[i-1] == ' ' {
			return sc.sqlPassword(i)
		}
	}
	return 0
}

// long looks at the word s[word:i], which is long or is followed by what may
// stand inside a token. It gives the end of what it masked, or 0.
func (sc *scanner) long(word, i int) int {
	s := sc.s
	c := s[word]
	if digit(c) {
		if end := sc.e.cardAt(s, word); end > 0 {
			return sc.mask(word, end)
		}
	}
	if word+1 < len(s) && sc.e.start[c]&(1<<(s[word+1]&63)) != 0 {
		if end := sc.e.tokenAt(s, word); end > 0 {
			return sc.mask(word, end)
		}
	}
	switch {
	case c == 'e' && i-word >= longWord && s[word+1] == 'y' && s[word+2] == 'J',
		c == 'Z' && i-word >= longWord && s[word+1] == 'X' && s[word+2] == 'l' && s[word+3] == 'K':
		return sc.jwt(word)
	case (c == 'M' || c == 'N' || c == 'O') && i-word >= 23 && i < len(s) && s[i] == '.':
		return sc.discordBot(word, i)
	}
	return 0
}

// short looks at the word s[word:i], which a blank follows: the first digits of
// a card number in groups, the name of a scheme, "password" in a sentence.
func (sc *scanner) short(word, i int) int {
	s := sc.s
	switch c := s[word] | 0x20; i - word {
	case 4:
		if digit(s[word]) && i+1 < len(s) && digit(s[i+1]) {
			if end := sc.e.cardAt(s, word); end > 0 {
				return sc.mask(word, end)
			}
		}
	case 5:
		if c == 'b' && equalFold(s[word:i], "basic") || c == 't' && equalFold(s[word:i], "token") {
			return sc.scheme(word, i)
		}
	case 6:
		if c == 'b' && equalFold(s[word:i], "bearer") {
			return sc.scheme(word, i)
		}
		if c == 'd' && equalFold(s[word:i], "digest") {
			return sc.digest(i)
		}
	case 8:
		if c == 'p' && equalFold(s[word:i], "password") {
			return sc.netrc(word, i)
		}
	}
	return 0
}

// mask replaces s[from:to] and gives to. What is masked already stays.
func (sc *scanner) mask(from, to int) int { return sc.replace(from, to, Mask) }

func (sc *scanner) replace(from, to int, by string) int {
	if from < sc.done {
		from = sc.done
	}
	if from >= to || sc.s[from:to] == by || sc.s[from:to] == Mask {
		return to
	}
	sc.any = true
	sc.out = append(sc.out, sc.s[sc.done:from]...)
	sc.out = append(sc.out, by...)
	sc.done = to
	return to
}

// equalFold compares ASCII; lowered is in lower case already.
func equalFold(s, lowered string) bool {
	if len(s) != len(lowered) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if upper(c) {
			c += 'a' - 'A'
		}
		if c != lowered[i] {
			return false
		}
	}
	return true
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
