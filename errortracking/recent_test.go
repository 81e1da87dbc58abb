package errortracking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/internal/reqctx"
)

func TestTopIssuesAreThoseThatHitMostUsers(t *testing.T) {
	tr := tracker(t, Config{Sink: func(context.Context, Event) {}})
	hit := func(text string, users, each int) {
		for u := range users {
			for range each {
				tr.CaptureException(WithUser(context.Background(), User{ID: fmt.Sprint("u", u)}), errors.New(text))
			}
		}
	}
	hit("one user, often", 1, 50)
	hit("many users", 20, 1)
	hit("some users", 5, 2)
	for range 60 {
		tr.CaptureException(context.Background(), errors.New("no user"))
	}
	top := tr.TopIssues(3)
	require.Len(t, top, 3)
	assert.Equal(t, []string{"many users (20)", "some users (10)", "one user, often (50)"}, []string{top[0].String(), top[1].String(), top[2].String()})
	assert.Equal(t, []int{20, 5, 1}, []int{top[0].Users, top[1].Users, top[2].Users})
	assert.Len(t, tr.TopIssues(100), 4)
	assert.Empty(t, tr.TopIssues(-1))
	assert.Empty(t, (*Tracker)(nil).TopIssues(1))
}

func TestAnIssueTellsWhatAPersonNeeds(t *testing.T) {
	var k kept
	now := time.Unix(1e9, 0)
	tr := tracker(t, Config{DSN: "https://key@o447.ingest.us.sentry.io/99", Sink: k.sink, Now: func() time.Time { return now }})
	ctx := withID(WithUser(context.Background(), User{ID: "u1"}), "req-1")
	reqctx.From(ctx).Request.SetRoute("/orders/{id}")
	first := tr.CaptureException(ctx, errors.New("pay with key AKIAIOSFODNN7EXAMPLA and password=hunter2"))
	now = now.Add(time.Hour)
	last := tr.CaptureException(withID(ctx, "req-2"), errors.New("pay with key AKIAIOSFODNN7EXAMPLB and password=hunter2"))
	require.NotEqual(t, first, last)
	issues := tr.Recent()
	require.Len(t, issues, 1)
	is := issues[0]
	assert.Len(t, is.ID, 16)
	assert.Contains(t, is.Title, redact.Mask)
	assert.NotContains(t, is.Title, "hunter2")
	assert.Equal(t, slog.LevelError, is.Level)
	assert.Equal(t, Bug, is.Category)
	assert.Equal(t, "/orders/{id}", is.Route)
	assert.Equal(t, 2, is.Count)
	assert.Equal(t, 1, is.Users)
	assert.Equal(t, time.Hour, is.Last.Sub(is.First))
	assert.Equal(t, "req-2", is.CorrelationID)
	assert.Equal(t, last, is.EventID)
	assert.Equal(t, "https://sentry.io/orgredirect/organizations/:orgslug/issues/?project=99&query="+last, is.Link)
}

func TestRecentGivesTheNewestHundred(t *testing.T) {
	now := time.Unix(1e9, 0)
	tr := tracker(t, Config{Sink: func(context.Context, Event) {}, Now: func() time.Time { return now }})
	for i := range 300 {
		now = now.Add(time.Second)
		tr.CaptureException(context.Background(), errors.New(word(i)))
	}
	issues := tr.Recent()
	require.Len(t, issues, maxRecent)
	assert.Equal(t, word(299), issues[0].Title)
	assert.Equal(t, word(200), issues[99].Title)
}

func TestALinkLeadsToTheEvent(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	for name, tc := range map[string]struct {
		c    Config
		want string
	}{
		"sentry.io": {Config{DSN: "https://key@o1.ingest.sentry.io/42"},
			"https://sentry.io/orgredirect/organizations/:orgslug/issues/?project=42&query=" + id},
		"sentry.io in Europe": {Config{DSN: "https://key@o1.ingest.de.sentry.io/42"},
			"https://sentry.io/orgredirect/organizations/:orgslug/issues/?project=42&query=" + id},
		"self-hosted":         {Config{DSN: "http://key@errors.shop.example:9000/7"}, "http://errors.shop.example:9000/organizations/sentry/issues/?project=7&query=" + id},
		"below a path":        {Config{DSN: "https://key@shop.example/sentry/7"}, "https://shop.example/sentry/organizations/sentry/issues/?project=7&query=" + id},
		"not quite sentry.io": {Config{DSN: "https://key@notsentry.io/7"}, "https://notsentry.io/organizations/sentry/issues/?project=7&query=" + id},
		"set":                 {Config{EventURL: "https://x.example/e/{event_id}?a"}, "https://x.example/e/" + id + "?a"},
		"no Sentry":           {Config{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tc.c.Sink = func(context.Context, Event) {}
			tr := tracker(t, tc.c)
			assert.Equal(t, tc.want, tr.EventLink(id))
			assert.Empty(t, tr.EventLink("javascript:x"))
		})
	}
	assert.ErrorContains(t, Config{EventURL: "javascript:{event_id}"}.Validate(), "EventURL: want")
	assert.ErrorContains(t, Config{EventURL: "https://x.example/"}.Validate(), "EventURL: want")
}
