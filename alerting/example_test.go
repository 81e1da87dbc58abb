package alerting_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/distri-night/monitoring/alerting"
)

// print is a receiver of one's own.
type print struct{ name string }

func (p print) Notify(_ context.Context, n alerting.Notification) error {
	for _, a := range n.Alerts {
		fmt.Printf("%s: %s %s: %s\n", p.name, a.Severity, a.State, a.Title)
	}
	return nil
}

func Example() {
	ctx := context.Background()
	m, err := alerting.New(alerting.Config{
		Routes: []alerting.Route{{Name: "on-call", Severities: []alerting.Severity{alerting.P0}, To: print{"on-call"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = m.CheckMetric(ctx, "error_rate", 2.5)
	_ = m.Flush(ctx)
	_ = m.CheckMetric(ctx, "error_rate", 3.5)           // still the same alert
	_ = m.CheckMetric(ctx, "cache_hit_rate", 40)        // a P2: not for the on-call
	fmt.Println(len(m.Active()), m.Active()[0].Message) // worst first
	_ = m.CheckMetric(ctx, "error_rate", 0.2)
	_ = m.Close(ctx)
	// Output:
	// on-call: P0 firing: Error rate above 2 %
	// 2 Page on-call immediately: error_rate is 3.5 %, above 2 %
	// on-call: P0 resolved: Error rate above 2 %
}

func ExampleManager_CreateAlert() {
	ctx := context.Background()
	m, _ := alerting.New(alerting.Config{Routes: []alerting.Route{{Name: "all", To: print{"all"}}}})
	a, _ := m.CreateAlert(ctx, alerting.Alert{Severity: alerting.P2, Title: "Supplier feed is late", Labels: map[string]string{"supplier": "s7"}})
	_ = m.Acknowledge(ctx, a.ID, "ada")
	_ = m.Resolve(ctx, a.ID)
	_, err := m.CreateAlert(ctx, alerting.Alert{Title: "no severity"})
	_ = m.Close(ctx)
	fmt.Println(errors.Is(err, alerting.ErrInvalid), err)
	// Output:
	// all: P2 firing: Supplier feed is late
	// all: P2 resolved: Supplier feed is late
	// true Severity: want P0, P1, P2 or P3, got 0
}
