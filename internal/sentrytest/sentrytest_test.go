package sentrytest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	id    = "9ec79c33ec9942ab8353589fcb2e04dc"
	event = `{"event_id":"` + id + `","timestamp":"2026-01-02T03:04:05Z","level":"error","message":"x"}`
)

func header() string {
	return fmt.Sprintf(`{"event_id":"%s","sent_at":"%s","dsn":"http://k@h/1","sdk":{"name":"sentry.go.x"}}`, id, time.Now().UTC().Format(time.RFC3339))
}

func item(kind, payload string) string {
	return fmt.Sprintf("{\"type\":%q,\"length\":%d}\n%s\n", kind, len(payload), payload)
}

// verdict is what is said of an envelope; "" is nothing.
func verdict(envelope string) string {
	e, err := Parse([]byte(envelope), "")
	if err == nil {
		err = e.Check("http://k@h/1")
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestWhatSentryTakesIsTaken(t *testing.T) {
	for _, e := range []string{
		header() + "\n" + item("event", event),
		strings.TrimSuffix(header()+"\n"+item("event", event), "\n"),
		header(),
		header() + "\n" + item("client_report", `{"discarded_events":[{"reason":"sample_rate","category":"error","quantity":3}]}`) + item("event", event),
		header() + "\n" + item("event", strings.Replace(event, `"message":"x"`, `"exception":{"values":[{"type":"T","value":"v"}]}`, 1)),
		`{"sdk":{"name":"sentry.javascript.browser"}}` + "\n{\"type\":\"session\"}\n{}\n",
	} {
		assert.Empty(t, verdict(e), e)
	}
}

func TestWhatSentryRefusesIsRefused(t *testing.T) {
	change := func(old, replacement string) string {
		require.Contains(t, event, old)
		return header() + "\n" + item("event", strings.Replace(event, old, replacement, 1))
	}
	for name, e := range map[string]string{
		"no header":           "\n" + item("event", event),
		"header on two lines": "{\n}\n",
		"space before":        " " + header() + "\n",
		"sent_at twice":       strings.Replace(header(), `"dsn"`, `"sent_at":"2026-01-01T00:00:00Z","dsn"`, 1),
		"sent_at elsewhere":   strings.Replace(header(), "Z", "+00:00", 1),
		"another DSN":         strings.Replace(header(), "k@h", "k@x", 1),
		"length too long":     header() + "\n{\"type\":\"event\",\"length\":9999}\n" + event + "\n",
		"length too short":    header() + "\n{\"type\":\"event\",\"length\":5}\n" + event + "\n",
		"no type":             header() + "\n{\"length\":2}\n{}\n",
		"unknown type":        header() + "\n" + item("evnt", "{}"),
		"two events":          header() + "\n" + item("event", event) + item("event", event),
		"too large":           change(`"x"`, `"x","extra":"`+strings.Repeat("x", MaxEvent)+`"`),
		"no JSON":             change(`"message"`, `message`),
		"no UTF-8":            change(`"x"`, "\"\xff\""),
		"another ID":          change(id, strings.Repeat("a", 32)),
		"ID in capitals":      change(id, strings.ToUpper(id)),
		"level":               change(`"error"`, `"critical"`),
		"time":                change("2026-01-02", "12026-01-02"),
		"empty":               change(`"message":"x"`, `"message":""`),
		"long message":        change(`"x"`, `"`+strings.Repeat("x", 8193)+`"`),
		"environment":         change(`"level"`, `"environment":"a/b","level"`),
		"release":             change(`"level"`, `"release":"a\nb","level"`),
		"flat list":           change(`"message":"x"`, `"exception":[{"type":"T"}]`),
		"empty exception":     change(`"message":"x"`, `"exception":{"values":[{}]}`),
		"breadcrumbs":         change(`"level"`, `"breadcrumbs":{"values":[`+strings.Repeat("{},", 100)+`{}]},"level"`),
		"tag of two lines":    change(`"level"`, `"tags":{"a":"b\nc"},"level"`),
		"tag name":            change(`"level"`, `"tags":{"a b":"c"},"level"`),
		"trace":               change(`"level"`, `"contexts":{"trace":{"trace_id":"1"}},"level"`),
		"type":                change(`"level"`, `"type":"error","level"`),
		"no transaction":      header() + "\n" + item("transaction", event),
		"empty report":        header() + "\n" + item("client_report", `{"discarded_events":[]}`),
		"unknown reason":      header() + "\n" + item("client_report", `{"discarded_events":[{"reason":"x","category":"error","quantity":3}]}`),
		"unknown category":    header() + "\n" + item("client_report", `{"discarded_events":[{"reason":"sample_rate","category":"x","quantity":3}]}`),
		"negative quantity":   header() + "\n" + item("client_report", `{"discarded_events":[{"reason":"sample_rate","category":"error","quantity":-3}]}`),
	} {
		assert.NotEmpty(t, verdict(e), name)
	}
}

func TestARefusalIsAnsweredAndKept(t *testing.T) {
	s := New(t)
	post := func(body string) int {
		req, err := http.NewRequest(http.MethodPost, s.URL+"/api/42/envelope/", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("X-Sentry-Auth", "Sentry sentry_key="+Key)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	good := strings.Replace(header(), "http://k@h/1", s.DSN, 1)
	assert.Equal(t, http.StatusOK, post(good+"\n"+item("event", event)))
	assert.Equal(t, http.StatusBadRequest, post(good+"\n"+item("event", "{}")))
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(good+"\n"+item("event", `"`+strings.Repeat("x", MaxEvent)+`"`)))
	assert.Len(t, s.Refused(), 2)
	assert.Empty(t, s.Refused())
	assert.Len(t, s.Events(), 1)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(header() + "\n" + item("event", event)))
	f.Add([]byte("{}\n{\"type\":\"attachment\",\"length\":0}\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Parse(b, "")
		if err == nil {
			_ = e.Check("http://k@h/1")
		}
	})
}
