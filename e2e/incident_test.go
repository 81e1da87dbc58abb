package e2e

import (
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type alert struct {
	ID       string `json:"id"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	State    string `json:"state"`
}

// failPayments is the admin page's form with one fault.
func failPayments(percent string) url.Values {
	return url.Values{"errors": {"0"}, "slow_query": {"0"}, "fail_payments": {percent}, "decline_payments": {"0"}, "slow_payments": {"0"}}
}

// active are the alerts that fire now.
func (m *marketplace) active() []alert {
	var got struct {
		Alerts []alert `json:"alerts"`
	}
	m.json("/monitoring/api/alerts", &got)
	var firing []alert
	for _, a := range got.Alerts {
		if a.State == "firing" || a.State == "acknowledged" {
			firing = append(firing, a)
		}
	}
	return firing
}

// TestAnIncidentFromFaultToResolved watches what a person does by hand in the
// demo. It takes minutes, as the alert's window and Keep are real.
func TestAnIncidentFromFaultToResolved(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("takes 5 minutes: make soak")
	}
	m := start(t, 40, "-speed", "10")
	m.signIn("admin")
	time.Sleep(70 * time.Second)
	require.Empty(t, m.active(), "a healthy shop raises nothing")

	require.Less(t, m.post("/admin/faults", failPayments("20")), 400)
	require.Eventually(t, func() bool { return len(m.active()) > 0 }, 90*time.Second, time.Second, "the failing payments were not noticed")
	firing := m.active()
	require.Len(t, firing, 1)
	assert.Equal(t, "payment_success", firing[0].Rule)
	assert.Equal(t, "P0", firing[0].Severity)
	require.Less(t, m.post("/monitoring/api/alerts/"+firing[0].ID+"/acknowledge", url.Values{"by": {"ada"}}), 400)
	assert.Equal(t, "acknowledged", m.active()[0].State)

	require.Less(t, m.post("/admin/faults", failPayments("0")), 400)
	const window, keep = time.Minute, time.Minute
	require.Eventually(t, func() bool { return len(m.active()) == 0 }, window+keep+20*time.Second, time.Second, "the alert does not resolve")
}
