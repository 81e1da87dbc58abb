package redact_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/internal/redact"
)

type (
	base struct {
		Zone string
		ID   int `json:"id"`
	}
	audit struct {
		By string `json:"by,omitempty"`
		ID int    `json:"id"`
	}
	order struct {
		Z int
		base
		*audit
		A      string            `json:"a"`
		Big    int64             `json:"big,string"`
		None   []int             `json:"none,omitempty"`
		Empty  struct{}          `json:"empty,omitempty"`
		At     time.Time         `json:"at,omitzero"`
		Dash   string            `json:"-,"` //nolint:staticcheck // the name "-" is what is tested
		Lines  []json.RawMessage `json:"lines"`
		Nested map[string]any
	}
)

// The order and the names are those of encoding/json: it is the reference.
func TestStructsAreWrittenInTheirOrder(t *testing.T) {
	for _, v := range []any{
		order{Z: 1, base: base{Zone: "eu", ID: 7}, A: "x", Big: 5, Dash: "d", Lines: []json.RawMessage{json.RawMessage(`{"z":1,"a":[1,2.50,{"y":null,"b":true}]}`)}},
		&order{base: base{ID: 7}, audit: &audit{By: "ada", ID: 8}, At: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), None: []int{1}, Nested: map[string]any{"z": 1, "a": &base{Zone: "us"}}},
		[]any{base{}, json.RawMessage(`{"b":1,"a":2}`)},
		struct {
			base
			Zone string
		}{base{"deep", 1}, "shallow"},
	} {
		want, err := json.Marshal(v)
		require.NoError(t, err)
		got, err := json.Marshal((*redact.Redactor)(nil).Plain("k", v))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
}

func TestFieldsAreWrittenInTheirOrder(t *testing.T) {
	var r *redact.Redactor
	v := r.Plain("k", []slog.Attr{slog.Int("z", 1), slog.String("password", "x"), slog.Group("g", slog.String("b", "<&>"), slog.Int("a", 2))})
	b, err := v.(json.Marshaler).MarshalJSON()
	require.NoError(t, err)
	var same any
	require.NoError(t, json.Unmarshal(b, &same))
	b, err = json.Marshal(v)
	require.NoError(t, err)
	assert.Equal(t, `{"z":1,"password":"[redacted]","g":{"b":"\u003c\u0026\u003e","a":2}}`, string(b))
	assert.Equal(t, "{z:1 password:[redacted] g:{b:<&> a:2}}", fmt.Sprintf("%+v", v))
	assert.Equal(t, "{}", fmt.Sprint(redact.Fields{}))
	_, err = json.Marshal(redact.Fields{{Key: "f", Value: func() {}}})
	assert.ErrorContains(t, err, `field "f"`)
}

type tree struct {
	Name  string
	Left  *tree
	Right *tree
	*tree //nolint:unused // found by reflection
}

func TestRecursiveStructsEnd(t *testing.T) {
	v := (*redact.Redactor)(nil).Plain("k", tree{Name: "a", Left: &tree{Name: "b"}})
	assert.Equal(t, redact.Fields{{Key: "Name", Value: "a"}, {Key: "Left", Value: redact.Fields{{Key: "Name", Value: "b"}, {Key: "Left", Value: nil}, {Key: "Right", Value: nil}}}, {Key: "Right", Value: nil}}, v)
}

func TestTagOfAnEmbeddedStructIsForAllOfIt(t *testing.T) {
	type Inner struct{ Note string }
	var r *redact.Redactor
	assert.Equal(t, redact.Fields{{Key: "Inner", Value: redact.Mask}}, r.Plain("k", struct {
		Inner `redact:"true"`
	}{Inner{"x"}}))
	assert.Equal(t, redact.Fields{}, r.Plain("k", struct {
		Inner `log:"-"`
	}{Inner{"x"}}))
	assert.Equal(t, redact.Fields{}, r.Plain("k", struct {
		base `redact:"true"`
	}{base{"x", 1}}))
}
