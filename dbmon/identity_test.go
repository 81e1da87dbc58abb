package dbmon

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestANameInACommentIsTheQuerysName(t *testing.T) {
	for text, want := range map[string]string{
		"-- name: ListOrders :many\nselect 1":  "ListOrders",
		"  \n-- name: a.b-c_1\nselect 1":       "a.b-c_1",
		"--name:X :one\nselect 1":              "X",
		"-- name: X":                           "X",
		"-- names: X\nselect 1":                "",
		"-- a comment\nselect 1":               "",
		"select 1 -- name: X":                  "",
		"-- name: \nselect 1":                  "",
		"-- name: " + strings.Repeat("x", 101): "",
		"-- name: drop'table\nselect":          "drop",
		"":                                     "",
		"--":                                   "",
		"-- name:":                             "",
		"select '-- name: X' from t where a = 'b'": "",
	} {
		assert.Equal(t, want, commentName(text), "%q", text)
	}
}

func TestTextsThatDifferInLiteralsOnlyAreOneQuery(t *testing.T) {
	same := []string{
		"select id from orders where customer = 'ada' and total > 10",
		"SELECT id FROM orders WHERE customer = 'bob o''neil' AND total > 99.5",
		"select id\n  from orders -- all of them\n where customer = $1 and total > $2",
		"select id from orders where customer = $$x$$ and total > -1",
	}
	want := fingerprint(same[0])
	assert.Regexp(t, `^select orders [0-9a-f]{8}$`, want)
	for _, text := range same[:3] {
		assert.Equal(t, want, fingerprint(text), text)
	}
	assert.NotEqual(t, want, fingerprint("select id from orders where customer = $1"))
	assert.NotEqual(t, fingerprint("select a from t"), fingerprint("select b from t"))
	assert.Equal(t, fingerprint("select a from t where id in (1, 2, 3)"), fingerprint("select a from t where id in ($1)"))
	for _, text := range []string{"", ";", "'", "$", "\x00\xff", "/*", strings.Repeat("(", 1000)} {
		assert.NotPanics(t, func() { assert.NotEmpty(t, fingerprint(text)) })
	}
}

func FuzzNoLiteralGetsIntoAName(f *testing.F) {
	f.Add("select * from users where email = '%s'")
	f.Add("insert into t values (1, '%s', E'a')")
	f.Add("update t set a = $tag$%s$tag$ where b = 2")
	f.Add("copy t from '%s'")
	f.Add("select 1 -- %s")
	f.Add("/* %s */ select 1")
	f.Fuzz(func(t *testing.T, template string) {
		const secret = "s3cr3tvalue"
		before, after, found := strings.Cut(template, "'%s'")
		if !found || strings.ContainsAny(before+after, "'$\"-/\\`[]") {
			t.Skip()
		}
		assert.NotContains(t, fingerprint(before+"'"+secret+"'"+after), secret)
	})
}

func TestNamesPastTheBoundAreOther(t *testing.T) {
	m := newMonitor(t, Config{})
	for i := range maxNames + 50 {
		run(WithName(context.Background(), fmt.Sprintf("q%d", i)), NewTracer(m), "select 1", nil)
	}
	got := counts(m)
	assert.EqualValues(t, 50, got[[2]string{other, ""}])
	assert.Len(t, got, maxNames+1)
}

func TestAFloodOfTextsStaysBoundedAndLeavesTheUsedOnes(t *testing.T) {
	m := newMonitor(t, Config{})
	identified := 0
	hot := func() {
		m.texts.get("select hot", func(string) *query { identified++; return m.named("hot") })
	}
	flood := m.named("flood")
	for i := range 10 * maxTexts {
		m.texts.get(fmt.Sprintf("select %d", i), func(string) *query { return flood })
		if i%10 == 0 {
			hot()
		}
	}
	assert.Equal(t, 1, identified, "what is in use is known all the time")
	assert.LessOrEqual(t, len(*m.texts.young.Load()), maxTexts)
	assert.LessOrEqual(t, len(m.texts.old), maxTexts)
	assert.LessOrEqual(t, len(m.texts.pending), maxTexts)
}

func TestARepeatedTextIsIdentifiedOnce(t *testing.T) {
	m := newMonitor(t, Config{})
	n := 0
	for range 1000 {
		q := m.texts.get("select 1", func(string) *query { n++; return m.named("one") })
		require.Equal(t, "one", q.name)
	}
	assert.Equal(t, 1, n)
	assert.Len(t, *m.texts.young.Load(), 1, "published once it is asked for again")
}
