package dbmon

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/DataDog/go-sqllexer"

	"github.com/distri-night/monitoring/metric"
)

// query is one name under which queries are counted.
type query struct {
	m    *Monitor
	name string
	ok   *metric.Histogram // those without an error
	rows *metric.Counter
	slow time.Duration // from when on it is slow; 0: as the others
}

// named is the query of a name that the service gave.
func (m *Monitor) named(name string) *query {
	return m.queries.get(name, func(name string) *query {
		return &query{m: m, name: name, ok: m.operations.With(name, ""), rows: m.rows.With(name), slow: m.slowByName[name]}
	})
}

// ofText is the query of a text: of the name in sqlc's comment, else of the
// fingerprint of what is left when literals, comments and layout are taken away.
func (m *Monitor) ofText(text string) *query {
	return m.texts.get(text, m.identify)
}

func (m *Monitor) identify(text string) *query {
	if name := commentName(text); name != "" {
		return m.named(name)
	}
	return m.named(fingerprint(text))
}

// commentName is the name in a comment such as "-- name: ListOrders :many"
// before the query, as sqlc writes it; "" if there is none.
func commentName(text string) string {
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " \t\r\n"), "--")
	if !ok {
		return ""
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t"), "name:")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, " \t")
	end := strings.IndexFunc(rest, func(r rune) bool { return !nameRune(r) })
	if end < 0 {
		end = len(rest)
	}
	if end > maxNameBytes {
		return ""
	}
	return rest[:end]
}

func nameRune(r rune) bool {
	return r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// maxLexed bounds what of a text is looked at: texts of megabytes are long
// lists of values, which say nothing about the query.
const maxLexed = 16 << 10

// fingerprint is what the query does to which table, for people, and a hash of
// its normalised text, for identity: "select orders 5b1f03c2". Values do not
// get into it: every literal is replaced first.
func fingerprint(text string) string {
	if len(text) > maxLexed {
		text = text[:maxLexed]
	}
	normal, meta, err := sqllexer.ObfuscateAndNormalize(text,
		sqllexer.NewObfuscator(sqllexer.WithReplaceDigits(true), sqllexer.WithReplaceBoolean(true), sqllexer.WithReplaceNull(true),
			sqllexer.WithReplacePositionalParameter(true), sqllexer.WithReplaceBindParameter(true)),
		sqllexer.NewNormalizer(sqllexer.WithCollectCommands(true), sqllexer.WithCollectTables(true), sqllexer.WithKeepSQLAlias(true)),
		sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	if err != nil || normal == "" {
		return "query"
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(strings.ToLower(normal)))
	verb, table := "query", ""
	if meta != nil && len(meta.Commands) > 0 {
		verb = strings.ToLower(meta.Commands[0])
	}
	if meta != nil && len(meta.Tables) > 0 && plainName(meta.Tables[0]) {
		table = meta.Tables[0] + " "
	}
	return fmt.Sprintf("%s %s%08x", verb, table, hash.Sum32())
}

// plainName reports whether s is a table's name and no accident of the lexer.
func plainName(s string) bool {
	return s != "" && len(s) <= 48 && !strings.ContainsFunc(s, func(r rune) bool { return !nameRune(r) || r == '-' })
}
