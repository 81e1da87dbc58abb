package dbmon

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync/atomic"
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

	sample atomic.Pointer[Statement] // nil: none yet
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
	name, n := commentName(text), normalise(text)
	if name == "" {
		name = n.name()
	}
	q := m.named(name)
	q.saw(text, n)
	return q
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

// normal is a text without its literals, comments and layout.
type normal struct {
	text        string // "": it could not be read
	verb, table string
	doubtful    bool // a part of a literal or a comment may be left
}

func normalise(text string) normal {
	if len(text) > maxLexed {
		text = text[:maxLexed]
	}
	stripped, meta, err := sqllexer.ObfuscateAndNormalize(text,
		sqllexer.NewObfuscator(sqllexer.WithReplaceDigits(true), sqllexer.WithReplaceBoolean(true), sqllexer.WithReplaceNull(true),
			sqllexer.WithReplacePositionalParameter(true), sqllexer.WithReplaceBindParameter(true)),
		sqllexer.NewNormalizer(sqllexer.WithCollectCommands(true), sqllexer.WithCollectTables(true), sqllexer.WithKeepSQLAlias(true)),
		sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	if err != nil || stripped == "" {
		return normal{}
	}
	n := normal{text: stripped, verb: "query", doubtful: doubtful(text, stripped)}
	if meta != nil && len(meta.Commands) > 0 {
		n.verb = strings.ToLower(meta.Commands[0])
	}
	if meta != nil && !n.doubtful && len(meta.Tables) > 0 && plainName(meta.Tables[0]) {
		n.table = meta.Tables[0] + " "
	}
	return n
}

// doubtful reports whether the lexer may have taken what is inside of a literal
// or a comment for what is outside: something of their bounds is left, or a
// backslash is in the text, which escapes in some literals and not in others.
func doubtful(text, stripped string) bool {
	if strings.Contains(text, `\`) || strings.ContainsAny(stripped, "'$") {
		return true
	}
	for _, left := range []string{"/*", "*/", "* /", "--"} {
		if strings.Contains(stripped, left) {
			return true
		}
	}
	return false
}

// fingerprint is a hash of the text: the same for all that differ in what was
// taken away only.
func (n normal) fingerprint() string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(strings.ToLower(n.text)))
	return fmt.Sprintf("%08x", hash.Sum32())
}

// name is what the query does to which table, for people, and its fingerprint,
// for identity: "select orders 5b1f03c2". Values do not get into it: every
// literal is replaced first.
func (n normal) name() string {
	if n.text == "" {
		return "query"
	}
	return n.verb + " " + n.table + n.fingerprint()
}

// plainName reports whether s is a table's name and no accident of the lexer.
func plainName(s string) bool {
	return s != "" && len(s) <= 48 && !strings.ContainsFunc(s, func(r rune) bool { return !nameRune(r) || r == '-' })
}
