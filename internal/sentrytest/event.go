package sentrytest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Event is the JSON of an event or transaction, with short cuts.
type Event map[string]any

// ID is the event's.
func (e Event) ID() string { return e.Text("event_id") }

// Text gives the string at a path such as "tags.category" or
// "exception.0.value" (a list may be written as {"values": [...]}); "" if there
// is none.
func (e Event) Text(path string) string {
	s, _ := e.At(path).(string)
	return s
}

// At gives the value at a path, nil if there is none.
func (e Event) At(path string) any {
	var v any = map[string]any(e)
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = list(x[part])
		case []any:
			var i int
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil {
				return nil
			}
			if i < 0 {
				i += len(x)
			}
			if i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// list takes a list out of {"values": [...]}, as Sentry does.
func list(v any) any {
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		if l, ok := m["values"].([]any); ok {
			return l
		}
	}
	return v
}

// Events are the events in the envelopes taken, in order.
func (s *Server) Events() []Event { return s.ofType("event") }

// Transactions are those in the envelopes taken, in order.
func (s *Server) Transactions() []Event { return s.ofType("transaction") }

func (s *Server) ofType(kind string) (all []Event) {
	for _, e := range s.Envelopes() {
		for _, item := range e.Items {
			var ev Event
			if item.Type == kind && json.Unmarshal(item.Payload, &ev) == nil {
				all = append(all, ev)
			}
		}
	}
	return all
}

// Discarded adds up the client reports taken, by "reason/category".
func (s *Server) Discarded() map[string]int {
	sum := map[string]int{}
	for _, e := range s.Envelopes() {
		for _, item := range e.Items {
			var r report
			if item.Type == "client_report" && json.Unmarshal(item.Payload, &r) == nil {
				for _, d := range r.Discarded {
					sum[d.Reason+"/"+d.Category] += d.Quantity
				}
			}
		}
	}
	return sum
}
