package logging

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inner and order have their fields in an order that is not the alphabet's.
type inner struct {
	Zone   string `json:"zone"`
	APIKey string `json:"api_key"`
}

type order struct {
	Status  string
	ID      int `json:"id"`
	Inner   *inner
	Amounts []float64
	hidden  string
}

func TestCase18WhatIsLoggedIsNotChanged(t *testing.T) {
	body := []byte(`{"password":"hunter2"}`)
	m := map[string]any{"secret": "hunter2", "list": []any{"token=hunter2", map[string]string{"pwd": "hunter2"}}}
	o := &order{Status: "new", Inner: &inner{Zone: "a", APIKey: "hunter2"}, hidden: "x"}
	group := []slog.Attr{slog.String("password", "hunter2"), slog.Any("o", o)}
	attrs := []slog.Attr{
		slog.Any("m", m), slog.Any("o", o), {Key: "g", Value: slog.GroupValue(group...)},
		slog.Any("err", errors.New("password=hunter2")), slog.Any("body", body), slog.String("dsn", "postgres://u:hunter2@db/x"),
	}
	for _, format := range everyFormat {
		l, out := open(t, Config{Format: format})
		l.With("bound", m).LogAttrs(With(context.Background(), "ctx", m), slog.LevelInfo, "hi", attrs...)
		_ = slog.New(l.Handler().WithAttrs(attrs)).Handler()
		assert.NotContains(t, out.String(), "hunter2", format)
	}
	assert.Equal(t, map[string]any{"secret": "hunter2", "list": []any{"token=hunter2", map[string]string{"pwd": "hunter2"}}}, m)
	assert.Equal(t, &order{Status: "new", Inner: &inner{Zone: "a", APIKey: "hunter2"}, hidden: "x"}, o)
	assert.Equal(t, `{"password":"hunter2"}`, string(body))
	assert.Equal(t, "hunter2", group[0].Value.String())
	assert.Equal(t, "postgres://u:hunter2@db/x", attrs[5].Value.String())
}

func TestFieldsOfAStructKeepTheirOrder(t *testing.T) {
	l, out := open(t, Config{})
	l.Info("hi", "o", order{Status: "new", ID: 7, Inner: &inner{Zone: "z"}, Amounts: []float64{1.5}})
	assert.Contains(t, out.String(), `"o":{"Status":"new","id":7,"Inner":{"zone":"z","api_key":""},"Amounts":[1.5]}`)
	attrs := l.Recent("")[0].Attrs
	assert.Equal(t, map[string]any{"Status": "new", "id": int64(7), "Inner": map[string]any{"zone": "z", "api_key": ""}, "Amounts": []any{1.5}}, attrs["o"])
}

func TestRecentKnowsTheKindsOfValues(t *testing.T) {
	at := time.Date(2026, 11, 25, 12, 0, 0, 1, time.UTC)
	want := map[string]any{
		"s": "a\"\n\u202e", "i": int64(-5), "u": uint64(1 << 63), "f": 2.0, "b": true, "d": time.Minute, "t": at,
		"e": "boom", "n": nil, "g.h.x": int64(1), "g.h.y": "z", "l": []any{int64(1), "a", 0.5}, "": "no name",
	}
	attrs := []any{
		"s", "a\"\n\u202e", "i", -5, "u", uint64(1 << 63), "f", 2.0, "b", true, "d", time.Minute, "t", at, "e", errors.New("boom"), "n", nil,
		slog.Group("g", slog.Group("h", "x", 1, "y", "z"), slog.Group("empty")), slog.Group("empty"), "l", []any{1, "a", 0.5}, "", "no name",
	}
	for _, format := range everyFormat {
		l, _ := open(t, Config{Format: format})
		l.Info("own", attrs...)
		l.With(attrs...).Info("bound")
		l.InfoContext(With(context.Background(), attrs...), "of the context")
		l.With("e", errors.New("other")).With(attrs...).Info("twice")
		for _, r := range l.Recent("") {
			assert.Equal(t, want, r.Attrs, "%s: %s", format, r.Message)
		}
		l.WithGroup("g").WithGroup("h").Info("open", "x", 1, "y", "z")
		l.WithGroup("g").With("x", 1).WithGroup("h").Info("open", "y", time.Second)
		l.WithGroup("g").WithGroup("h").Info("nothing in it")
		all := l.Recent("")
		require.Len(t, all, 7)
		assert.Equal(t, map[string]any{"g.h.x": int64(1), "g.h.y": "z"}, all[4].Attrs, format)
		assert.Equal(t, map[string]any{"g.x": int64(1), "g.h.y": time.Second}, all[5].Attrs, format)
		assert.Empty(t, all[6].Attrs, format)
	}
}
