// Package redacttest has the secrets that tests try to get past the redactor,
// and what only looks like one. The values are made up when asked for, so that
// the repository holds no text that a scanner of secrets would stop at.
package redacttest

import (
	"bufio"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed scanner.txt
var scanner string

//go:embed own.txt
var own string

//go:embed harmless.txt
var harmless string

// Vector is a text with a secret in it.
type Vector struct {
	Name   string
	Text   string
	Secret string
}

// Scanner gives the shapes of what a public scanner finds.
func Scanner() []Vector { return vectors(scanner) }

// Own gives secrets of our own.
func Own() []Vector { return vectors(own) }

// Secrets gives all secrets.
func Secrets() []Vector { return append(Scanner(), Own()...) }

// Harmless gives texts that have to stay as they are.
func Harmless() []Vector { return vectors(harmless) }

func vectors(list string) []Vector {
	var all []Vector
	lines := bufio.NewScanner(strings.NewReader(list))
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, shape, ok := strings.Cut(line, "\t")
		if !ok {
			panic(fmt.Sprintf("no tab in %q", line))
		}
		text := expand(name, shape)
		v := Vector{Name: name, Text: text}
		if before, rest, ok := strings.Cut(text, "«"); ok {
			secret, after, _ := strings.Cut(rest, "»")
			v.Text, v.Secret = before+secret+strings.NewReplacer("«", "", "»", "").Replace(after), secret
		}
		all = append(all, v)
	}
	return all
}
