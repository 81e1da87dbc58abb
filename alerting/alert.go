package alerting

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/distri-night/monitoring/internal/config"
	"github.com/distri-night/monitoring/internal/redact"
)

// State is where an alert is in its life.
type State string

// The states. A pending alert has a level broken for less than its rule's
// For; nobody has been told. An acknowledged one still holds, but somebody
// has taken it, so repeats have stopped.
const (
	Pending      State = "pending"
	Firing       State = "firing"
	Acknowledged State = "acknowledged"
	Resolved     State = "resolved"
)

// How an alert came to be resolved: see Alert.Resolution.
const (
	Recovered = "recovered" // the readings are good again
	Stale     = "stale"     // no reading came any more
	ByHand    = "by hand"   // somebody called Resolve
)

// Alert is one thing that is wrong. There is one for a rule and its labels,
// whose Severity moves with the readings; or one for a title and labels, made
// by CreateAlert. In JSON the names are in snake case and what is empty is
// left out.
type Alert struct {
	ID             string            `json:"id,omitzero"`
	Rule           string            `json:"rule,omitzero"` // "": made by CreateAlert
	Title          string            `json:"title"`
	Message        string            `json:"message,omitzero"`
	AcknowledgedBy string            `json:"acknowledged_by,omitzero"`
	Severity       Severity          `json:"severity"`
	State          State             `json:"state,omitzero"`
	Labels         map[string]string `json:"labels,omitzero"`
	Value          float64           `json:"value"`     // the last reading
	Threshold      float64           `json:"threshold"` // of the level that fires
	Unit           string            `json:"unit,omitzero"`
	StartedAt      time.Time         `json:"started_at,omitzero"`
	AcknowledgedAt time.Time         `json:"acknowledged_at,omitzero"`
	ResolvedAt     time.Time         `json:"resolved_at,omitzero"`
	Resolution     string            `json:"resolution,omitzero"`     // Recovered, Stale or ByHand
	Worst          Severity          `json:"worst,omitzero"`          // the worst Severity that it had
	CorrelationID  string            `json:"correlation_id,omitzero"` // of the request or job that began it; "": none did, or many
}

// active reports whether the alert still holds and has fired.
func (a Alert) active() bool { return a.State == Firing || a.State == Acknowledged }

// clone shares nothing with a.
func (a Alert) clone() Alert {
	a.Labels = maps.Clone(a.Labels)
	return a
}

// worstFirst orders alerts by severity, then the oldest first.
func worstFirst(a, b Alert) int {
	if a.Severity != b.Severity {
		return int(a.Severity) - int(b.Severity)
	}
	if c := a.StartedAt.Compare(b.StartedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// Bounds of what a service may hand over as one alert.
const (
	maxTitle   = 256  // bytes; longer is cut
	maxMessage = 4096 // bytes; longer is cut
	maxLabels  = 32
	maxLabel   = 256 // bytes of a key or a value; longer is cut
)

// checked is a as CreateAlert takes it: valid, redacted, cut to its bounds,
// and without what is not the caller's to say.
func (a Alert) checked() (Alert, error) {
	var f config.Faults
	if !a.Severity.Valid() {
		f.Add("Severity", wantSeverity, uint8(a.Severity))
	}
	if strings.TrimSpace(a.Title) == "" {
		f.Add("Title", "a text", a.Title)
	}
	f.Finite("Value", a.Value)
	f.Finite("Threshold", a.Threshold)
	if len(a.Labels) > maxLabels {
		f.Add("Labels", "at most 32 labels", len(a.Labels))
	}
	if err := f.Err(); err != nil {
		return Alert{}, err
	}
	var r *redact.Redactor
	clean := Alert{
		Title:     cut(r.Text(a.Title), maxTitle),
		Message:   cut(r.Text(a.Message), maxMessage),
		Severity:  a.Severity,
		Value:     a.Value,
		Threshold: a.Threshold,
		Unit:      cut(a.Unit, maxLabel),

		CorrelationID: cut(r.Text(a.CorrelationID), maxLabel),
	}
	if len(a.Labels) > 0 {
		clean.Labels = make(map[string]string, len(a.Labels))
		for k, v := range a.Labels {
			if masked, ok := r.Value(k, v).(string); ok {
				v = masked
			}
			clean.Labels[cut(k, maxLabel)] = cut(v, maxLabel)
		}
	}
	return clean, nil
}

// cut shortens s to at most n bytes, never inside a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	const more = "…"
	s = strings.ToValidUTF8(s[:n-len(more)], "")
	return s + more
}

// identity is what makes two alerts one: rule, or else title, and labels.
// Neither the level nor the reading is part of it.
func identity(a Alert) string {
	var b strings.Builder
	if a.Rule != "" {
		b.WriteString("rule\x00" + a.Rule)
	} else {
		b.WriteString("title\x00" + a.Title)
	}
	for _, k := range slices.Sorted(maps.Keys(a.Labels)) {
		b.WriteString("\x00" + k + "\x00" + a.Labels[k])
	}
	return b.String()
}

// newID is 16 hexadecimal digits, unique in practice and safe in a URL.
func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	return hex.EncodeToString(b[:])
}
