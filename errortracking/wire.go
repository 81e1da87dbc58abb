package errortracking

import (
	"encoding/json"
	"fmt"

	"github.com/getsentry/sentry-go"
)

// values is how Sentry's documentation writes a list. sentry-go writes a flat
// one, which Sentry takes too, but not all that speaks its protocol.
type values[T any] struct {
	Values []T `json:"values,omitempty"`
}

// wireEvent is a sentry.Event as it is written. Its fields go before those of
// the same name inside; the last four are of transactions, and stay empty.
type wireEvent struct {
	*plainEvent
	Exception   values[sentry.Exception]   `json:"exception,omitzero"`
	Threads     values[sentry.Thread]      `json:"threads,omitzero"`
	Breadcrumbs values[*sentry.Breadcrumb] `json:"breadcrumbs,omitzero"`

	Type            string `json:"type,omitempty"`
	StartTime       string `json:"start_timestamp,omitempty"`
	Spans           string `json:"spans,omitempty"`
	TransactionInfo string `json:"transaction_info,omitempty"`
}

type plainEvent sentry.Event

// IsZero leaves an empty list out.
func (v values[T]) IsZero() bool { return len(v.Values) == 0 }

func marshalEvent(e *sentry.Event) ([]byte, error) {
	b, err := json.Marshal(wireEvent{
		plainEvent: (*plainEvent)(e), Exception: values[sentry.Exception]{e.Exception},
		Threads: values[sentry.Thread]{e.Threads}, Breadcrumbs: values[*sentry.Breadcrumb]{e.Breadcrumbs},
	})
	if err != nil {
		return nil, fmt.Errorf("encode an event: %w", err)
	}
	return b, nil
}
