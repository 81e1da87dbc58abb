package logging

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheShortWayMasksWhatTheRedactorDoes: names that are judged once must not
// show a value that the redactor masks, whatever the value is.
func TestTheShortWayMasksWhatTheRedactorDoes(t *testing.T) {
	names := strings.Fields("password pin otp cvv tokens token_count api_key apikey secret session card iban dsn database_url connection_string conn " +
		"connstr db_uri datasource stripe new_relic newrelic datadog sendgrid twilio slack github gitlab aws azure openai heroku auth signature " +
		"phone ssn account number code key email url webhook order_id status took ok method X-Api-Key private_key user.password g")
	values := []slog.Value{
		slog.StringValue("x"), slog.StringValue("hunter2"), slog.StringValue("k3jH8sLq0ZpW9vXc7bNm5tRy"), slog.StringValue("0123456789abcdef0123456789abcdef"),
		slog.StringValue("Server=db;User Id=sa;Password=hunter2"), slog.StringValue("postgres://u:hunter2@db/x"), slog.StringValue("host=db password=hunter2"),
		slog.StringValue("4111111111111111"), slog.Int64Value(4111111111111111), slog.Int64Value(1234), slog.Int64Value(123), slog.Int64Value(0), slog.Int64Value(-7),
		slog.Float64Value(1234), slog.Uint64Value(4111111111111111), slog.BoolValue(true), slog.DurationValue(time.Second), slog.StringValue("550e8400-e29b-41d4-a716-446655440000"),
	}
	for _, groups := range [][]string{nil, {"g"}, {"password"}, {"stripe"}, {"user"}} {
		l, out := open(t, Config{Allow: []string{"email", "user.password"}})
		log := l.Logger
		for _, g := range groups {
			log = log.WithGroup(g)
		}
		for _, name := range names {
			for _, v := range values {
				for range 2 { // unknown, then known
					out.Reset()
					log.LogAttrs(context.Background(), slog.LevelInfo, "hi", slog.Attr{Key: name, Value: v})
					want := string(appendAttr(nil, name, l.core.redact.Attr(groups, slog.Attr{Key: name, Value: v}).Value))
					assert.Contains(t, out.String(), want[1:], "%v %s", groups, name)
				}
			}
		}
	}
}

func TestNamesAndMessagesMadeOfDataTakeNoMemory(t *testing.T) {
	l, out := open(t, Config{Recent: 1})
	for i := range 20_000 {
		l.Info(fmt.Sprint("message ", i), fmt.Sprint("name", i), i)
		out.Reset()
	}
	l.Info("known", "order", 1)
	l.Info("known", "order", 1)
	require.Contains(t, out.String(), `"msg":"known","order":1}`)
	i := 0
	record := func() {
		i++
		l.LogAttrs(context.Background(), slog.LevelInfo, "known", slog.Int("name19999", i))
		out.Reset()
	}
	if !raceEnabled {
		assert.LessOrEqual(t, testing.AllocsPerRun(100, record), 0.0)
	}
}

func TestTheWordsOfAMessageAreMaskedHoweverOftenItComes(t *testing.T) {
	l, out := open(t, Config{})
	for range 5 {
		l.Info("login password=hunter2\n")
		l.Info("plain \"text\"\u202e\n")
	}
	assert.NotContains(t, out.String(), "hunter2")
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		assert.Contains(t, []any{"login password=[redacted]\n", "plain \"text\"\u202e\n"}, m["msg"])
	}
}
