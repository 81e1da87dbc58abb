package main

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/internal/pgtest"
)

type shownPanel struct {
	ID, Error string
	Data      struct {
		NoData  string
		Columns []string
		Rows    [][]any
		Lines   []struct{ Values []*float64 }
		Items   []any
	}
}

func shown(t *testing.T, b *browser, page string) map[string]shownPanel {
	p := b.get("/monitoring/api/pages/" + page)
	require.Equal(t, http.StatusOK, p.status, p.body)
	var got struct{ Panels []shownPanel }
	require.NoError(t, json.Unmarshal([]byte(p.body), &got))
	all := map[string]shownPanel{}
	for _, panel := range got.Panels {
		assert.Empty(t, panel.Error, panel.ID)
		all[panel.ID] = panel
	}
	return all
}

func TestThePagesShowOrdersSuppliersAndTheDatabase(t *testing.T) {
	a := openOn(t, pgtest.Schema(t), 8)
	admin := as(t, a, "admin")
	time.Sleep(6 * time.Second) // real shoppers at a real shop
	require.Equal(t, http.StatusSeeOther, admin.post("/admin/shoppers", "running", "0").status)
	require.NoError(t, a.mon.Business.Sync(t.Context()))
	a.mon.Metrics.Sample(time.Now())
	time.Sleep(time.Second) // pages are made anew with the sample

	executive := shown(t, admin, "executive")
	for id, columns := range map[string]int{"supplier-table": 6, "payment-methods": 5} {
		p := executive[id]
		assert.Empty(t, p.Data.NoData, id)
		require.NotEmpty(t, p.Data.Rows, id)
		assert.Len(t, p.Data.Rows[0], columns, id)
	}
	require.NotEmpty(t, executive["order-value"].Data.Lines)
	values := executive["order-value"].Data.Lines[0].Values
	require.NotNil(t, values[len(values)-1], "today has a mean order")
	assert.Positive(t, *values[len(values)-1])

	operations := shown(t, admin, "operations")
	for _, id := range []string{"database", "pools", "caches"} {
		assert.Empty(t, operations[id].Data.NoData, id)
		assert.NotEmpty(t, operations[id].Data.Rows, id)
	}
	assert.Equal(t, []string{"Query", "calls/s", "P95 ms", "Share"}, operations["database"].Data.Columns)
	last := 101.
	for _, row := range operations["database"].Data.Rows {
		part := row[3].(map[string]any)["value"].(float64)
		assert.LessOrEqual(t, part, last, "the queries that take most of the time come first")
		last = part
	}
}

func TestCustomersAreToldToTheBusinessFigures(t *testing.T) {
	a := open(t, 0)
	before, err := a.mon.Business.Product(t.Context())
	require.NoError(t, err)

	client := as(t, a, "client")
	require.Equal(t, http.StatusOK, client.post("/invitations").status)
	client.get("/?q=wine")
	guest := visit(t, a)
	assert.Equal(t, http.StatusUnprocessableEntity, guest.post("/sign-up", "name", "x").status)
	require.Equal(t, http.StatusSeeOther, guest.post("/sign-up", "name", "Ines Invited", "invited_by", "1").status)
	assert.Contains(t, guest.get("/orders").body, "You have not ordered yet", "signed in")
	stranger := visit(t, a)
	require.Equal(t, http.StatusSeeOther, stranger.post("/sign-up", "name", "Otto", "invited_by", "999999").status, "a link that somebody changed")

	require.NoError(t, a.mon.Business.Sync(t.Context()))
	p, err := a.mon.Business.Product(t.Context())
	require.NoError(t, err)
	assert.Equal(t, before.Signups+2, p.Signups)
	assert.Equal(t, before.Referred+1, p.Referred)
	assert.Equal(t, before.Invitations+1, p.Invitations)
	assert.GreaterOrEqual(t, p.DAU, int64(3), "client, guest and stranger")
	assert.Contains(t, features(p), "search")
	assert.Contains(t, features(p), "invitations")
}

func features(p bizmetrics.Product) (names []string) {
	for _, f := range p.Features {
		names = append(names, f.Feature)
	}
	return names
}
