// Package redact is the one engine that masks secrets before every way out:
// log, Sentry, dashboard, alert, plan.
//
// The rules are tables: names (keyrules.go), forms of tokens (tokenrules.go),
// issuers of cards, addresses with a secret path, and shapes that are code
// (pathrules.go). A test switches off each in turn and has to see a secret.
//
// It masks in three ways. By key: whatever stands under a name such as
// "password", "X-Api-Key" or "cardNumber", in attributes, maps, structs and
// encoded JSON. By type: a struct field tagged `redact:"true"` is masked, one
// tagged `log:"-"` is left out, and a [slog.LogValuer] speaks for itself. By
// pattern in free text: card numbers, tokens of known formats, the user part
// of URLs, passwords in connection strings, e-mail addresses, private keys.
//
// Redact first and cut to length after: half a secret matches no pattern.
//
// It is a net under the service's own care, not a proof: a secret that looks
// like a word and stands under a harmless name passes. Text in which nothing is
// masked costs a scan, and no allocation.
package redact
