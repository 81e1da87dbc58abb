package redact

// Text masks what looks like a secret in free text. It gives s itself, without
// an allocation, where there is nothing to mask. Text(Text(s)) is Text(s).
func (r *Redactor) Text(s string) string {
	out, found := scan(s)
	if !found {
		return s
	}
	// What a mask leaves beside it may read differently now: go on until
	// nothing is found, so that masking twice changes nothing.
	for range 4 {
		if out, found = scan(out); !found {
			return out
		}
	}
	return Mask
}

// plain marks the bytes that words are made of; between them the scanner looks.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = alnum(byte(c)) || c >= 0x80
	}
	return t
}()

// scanner walks a text once, from word to word.
type scanner struct {
	s    string
	out  []byte
	done int // s[:done] is in out, once there is an out
	any  bool
}

// scan gives s with what it found masked, and whether it found anything.
func scan(s string) (string, bool) {
	sc := scanner{s: s}
	word := 0 // where the current word begins
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		next := sc.between(word, i, c)
		word, i = next, next
	}
	if len(s)-word >= 4 {
		sc.between(word, len(s), 0)
	}
	if !sc.any {
		return s, false
	}
	return string(append(sc.out, s[sc.done:]...)), true
}

// between looks at the word s[word:i] and at c, which ends it (at the end of
// s there is none), and gives the place to go on from.
func (sc *scanner) between(word, i int, c byte) int {
	s := sc.s
	if n := i - word; n > 1 {
		if end := sc.word(word, i, c); end > 0 {
			return end
		}
	}
	if i == len(s) {
		return i
	}
	end := 0
	switch c {
	case '@':
		end = sc.mail(i)
	case '%':
		if i+2 < len(s) && s[i+1] == '4' && s[i+2] == '0' {
			end = sc.mail(i)
		}
	case '=':
		end = sc.pair(i)
	case ':':
		if len(s) > i+3 && s[i+1] == '/' && s[i+2] == '/' {
			end = sc.url(i)
		} else {
			end = sc.pair(i)
		}
	case '/':
		end = sc.pathToken(i)
	case '-':
		end = sc.pem(i)
	case '>':
		end = sc.element(i)
	case ' ':
		if word > 0 && s[word-1] == '-' {
			end = sc.flag(i)
		}
	}
	if end > i {
		return end
	}
	return i + 1
}

// word looks for what begins with the word s[word:i]: a card number, a token.
// It gives the end of what it masked, or 0.
func (sc *scanner) word(word, i int, c byte) int {
	s := sc.s
	if digit(s[word]) {
		if end := cardAt(s, word); end > 0 {
			return sc.mask(word, end)
		}
		return 0
	}
	n := i - word
	switch {
	case n >= 16, c == '_', c == '-', c == '.':
		if end := tokenAt(s, word, i); end > 0 {
			return sc.mask(word, end)
		}
	case (n == 6 || n == 5) && (c == ' ' || c == '\t'):
		if equalFold(s[word:i], "bearer") || equalFold(s[word:i], "basic") {
			return sc.scheme(i)
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
