package sentrytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits past which Sentry refuses an envelope, or cuts a field by its own
// rules; from its documentation of envelopes and size limits, and the schema
// of its relay.
const (
	MaxEvent       = 1 << 20 // of an event's or transaction's JSON
	MaxCompressed  = 200_000 // of an envelope with an event
	maxReport      = 4 << 10
	maxItems       = 100
	maxBreadcrumbs = 100
	maxSpans       = 1000
	maxExceptions  = 50
	maxFrames      = 250
	maxTags        = 200
)

var (
	hex32   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	hex16   = regexp.MustCompile(`^[0-9a-f]{16}$`)
	tagKey  = regexp.MustCompile(`^[a-zA-Z0-9_.:-]{1,200}$`)
	levels  = []string{"fatal", "error", "warning", "info", "debug"}
	reasons = []string{
		"queue_overflow", "cache_overflow", "ratelimit_backoff", "network_error", "sample_rate", "before_send",
		"event_processor", "send_error", "internal_sdk_error",
	}
	categories = []string{"default", "error", "transaction", "span", "replay", "attachment", "monitor", "session"}
)

type report struct {
	Timestamp time.Time `json:"timestamp"`
	Discarded []struct {
		Reason   string `json:"reason"`
		Category string `json:"category"`
		Quantity int    `json:"quantity"`
	} `json:"discarded_events"`
}

// tooLarge is what Sentry answers 413 to.
type tooLarge struct{ what string }

func (t tooLarge) Error() string { return t.what }

// Check refuses what Sentry would refuse, or not understand as it was meant.
// What comes from a browser's SDK is that one's business.
func (e Envelope) Check(dsn string) error {
	if !strings.HasPrefix(Event(e.Header).Text("sdk.name"), "sentry.go") {
		return nil
	}
	if got, ok := e.Header["dsn"].(string); !ok || got != dsn {
		return fmt.Errorf("the DSN is %q", got)
	}
	sent, _ := e.Header["sent_at"].(string)
	if at, err := time.Parse(time.RFC3339Nano, sent); err != nil || !strings.HasSuffix(sent, "Z") || time.Since(at).Abs() > time.Hour {
		return fmt.Errorf("sent_at is %q", sent)
	}
	if len(e.Items) > maxItems {
		return tooLarge{"too many items"}
	}
	events := 0
	for _, item := range e.Items {
		var err error
		switch item.Type {
		case "event", "transaction":
			if events++; events > 1 {
				return errors.New("two events in one envelope")
			}
			err = e.checkEvent(item)
		case "client_report":
			err = checkReport(item.Payload)
		default:
			err = errors.New("unknown type")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", item.Type, err)
		}
	}
	return nil
}

func (e Envelope) checkEvent(item Item) error {
	if len(item.Payload) > MaxEvent {
		return tooLarge{fmt.Sprintf("%d bytes", len(item.Payload))}
	}
	if len(e.Raw) > MaxCompressed && e.Request.Get("Content-Encoding") == "gzip" {
		return tooLarge{fmt.Sprintf("%d bytes compressed", len(e.Raw))}
	}
	if !utf8.Valid(item.Payload) {
		return errors.New("it is no UTF-8")
	}
	var ev Event
	if err := json.Unmarshal(item.Payload, &ev); err != nil {
		return err
	}
	if id := ev.ID(); !hex32.MatchString(id) || e.Header["event_id"] != id {
		return fmt.Errorf("event_id %q, in the header %v", id, e.Header["event_id"])
	}
	if item.Type == "transaction" {
		return ev.checkTransaction()
	}
	return ev.checkError()
}

func (e Event) checkError() error {
	if _, ok := e["type"]; ok {
		return errors.New("an error has a type")
	}
	if !slices.Contains(levels, e.Text("level")) {
		return fmt.Errorf("level %q", e.Text("level"))
	}
	for _, name := range []string{"exception", "threads", "breadcrumbs"} {
		if v, ok := e[name]; ok {
			if _, flat := v.([]any); flat || list(v) == nil {
				return fmt.Errorf("%s is not in the documented form {values: [...]}", name)
			}
		}
	}
	list, _ := e.At("exception").([]any)
	if len(list) > maxExceptions {
		return fmt.Errorf("%d exceptions", len(list))
	}
	if len(list) == 0 && e.Text("message") == "" {
		return errors.New("neither exception nor message")
	}
	for _, x := range list {
		x, _ := x.(map[string]any)
		if err := checkException(x); err != nil {
			return err
		}
	}
	return e.checkCommon()
}

func checkException(x Event) error {
	if x.Text("type") == "" && x.Text("value") == "" {
		return errors.New("an exception has neither type nor value")
	}
	if err := chars(x, map[string]int{"type": 256, "value": 8192}); err != nil {
		return err
	}
	if frames, ok := x.At("stacktrace.frames").([]any); ok && (len(frames) == 0 || len(frames) > maxFrames) {
		return fmt.Errorf("%d frames", len(frames))
	}
	return nil
}

// checkCommon is of what errors and transactions have.
func (e Event) checkCommon() error {
	at := e.Text("timestamp")
	if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
		return fmt.Errorf("timestamp %q", at)
	}
	if err := chars(e, map[string]int{
		"message": 8192, "transaction": 200, "release": 200, "environment": 64, "server_name": 256, "user.id": 128, "user.email": 75,
		"request.method": 100, "request.url": 2048, "platform": 64, "dist": 64, "logger": 64,
	}); err != nil {
		return err
	}
	if strings.ContainsAny(e.Text("release"), "\n\r\t\x00\f/\\") && e.Text("release") != "" && !strings.Contains(e.Text("release"), "@") {
		return fmt.Errorf("release %q", e.Text("release"))
	}
	if env := e.Text("environment"); env == "None" || strings.ContainsAny(env, "/\n\r\f") {
		return fmt.Errorf("environment %q", env)
	}
	if crumbs, _ := e.At("breadcrumbs").([]any); len(crumbs) > maxBreadcrumbs {
		return fmt.Errorf("%d breadcrumbs", len(crumbs))
	}
	tags, _ := e.At("tags").(map[string]any)
	if len(tags) > maxTags {
		return fmt.Errorf("%d tags", len(tags))
	}
	for k, v := range tags {
		s, ok := v.(string)
		if !ok || !tagKey.MatchString(k) || s == "" || utf8.RuneCountInString(s) > 200 || strings.Contains(s, "\n") {
			return fmt.Errorf("tag %q: %q", k, v)
		}
	}
	if id := e.At("contexts.trace.trace_id"); id != nil && !hex32.MatchString(fmt.Sprint(id)) {
		return fmt.Errorf("trace_id %v", id)
	}
	if id := e.At("contexts.trace.span_id"); id != nil && !hex16.MatchString(fmt.Sprint(id)) {
		return fmt.Errorf("span_id %v", id)
	}
	return nil
}

func (e Event) checkTransaction() error {
	if e.Text("type") != "transaction" || !hex32.MatchString(e.Text("contexts.trace.trace_id")) || !hex16.MatchString(e.Text("contexts.trace.span_id")) {
		return errors.New("a transaction has the type, a trace_id and a span_id")
	}
	start, err := time.Parse(time.RFC3339Nano, e.Text("start_timestamp"))
	end, err2 := time.Parse(time.RFC3339Nano, e.Text("timestamp"))
	if err != nil || err2 != nil || end.Before(start) {
		return fmt.Errorf("it lasts from %q to %q", e.Text("start_timestamp"), e.Text("timestamp"))
	}
	spans, _ := e.At("spans").([]any)
	if len(spans) > maxSpans {
		return fmt.Errorf("%d spans", len(spans))
	}
	for _, s := range spans {
		s, _ := s.(map[string]any)
		span := Event(s)
		if span.Text("trace_id") != e.Text("contexts.trace.trace_id") || !hex16.MatchString(span.Text("span_id")) || !hex16.MatchString(span.Text("parent_span_id")) {
			return fmt.Errorf("a span has the IDs %v, %v, %v", span["trace_id"], span["span_id"], span["parent_span_id"])
		}
	}
	return e.checkCommon()
}

func chars(e Event, most map[string]int) error {
	for path, n := range most {
		if s := e.Text(path); utf8.RuneCountInString(s) > n {
			return fmt.Errorf("%s has %d characters", path, utf8.RuneCountInString(s))
		}
	}
	return nil
}

func checkReport(b []byte) error {
	if len(b) > maxReport {
		return tooLarge{fmt.Sprintf("%d bytes", len(b))}
	}
	var r report
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	if len(r.Discarded) == 0 {
		return errors.New("it is empty")
	}
	for _, d := range r.Discarded {
		if d.Quantity <= 0 || !slices.Contains(reasons, d.Reason) || !slices.Contains(categories, d.Category) {
			return fmt.Errorf("%+v", d)
		}
	}
	return nil
}
