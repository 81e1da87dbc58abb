package workload

import (
	"fmt"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
	"github.com/distri-night/monitoring/metric"
)

// Count is what becomes of a workload.
type Count struct{ Stored, Duplicates, Conflicts int }

// Outcomes says what has to become of the arrivals, in their order: the first
// of an ID counts; the same again is a duplicate, also if one of the two has no
// time of its own; anything else under a known ID is a conflict.
func Outcomes(arrivals []Arrival) Count {
	var n Count
	first := make(map[string]any, len(arrivals))
	for _, a := range arrivals {
		k := Key(a.Event)
		known, again := first[k]
		switch {
		case !again:
			first[k] = a.Event
			n.Stored++
		case same(known, a.Event):
			n.Duplicates++
		default:
			n.Conflicts++
		}
	}
	return n
}

// Counted is what r says has become of the events that it took.
func Counted(r *bizmetrics.Recorder) Count {
	var n Count
	r.Produce(func(f metric.Family) {
		if f.Name != "business.events" {
			return
		}
		for _, p := range f.Points {
			switch p.Values[1] {
			case "stored":
				n.Stored += int(p.Value)
			case "duplicate":
				n.Duplicates += int(p.Value)
			case "conflict":
				n.Conflicts += int(p.Value)
			}
		}
	})
	return n
}

func same(a, b any) bool {
	at, aWith := timeOf(plain(a))
	bt, bWith := timeOf(plain(b))
	sameTime := at.IsZero() || bt.IsZero() || at.UnixMicro() == bt.UnixMicro()
	return sameTime && aWith(time.Time{}) == bWith(time.Time{})
}

// plain writes out what may be left to its default.
func plain(event any) any {
	if o, ok := event.(bizmetrics.Order); ok && o.Status == "" {
		o.Status = bizmetrics.Placed
		return o
	}
	return event
}

// Key tells apart what counts once.
func Key(event any) string {
	switch e := plain(event).(type) {
	case bizmetrics.Order:
		return "order " + string(e.Status) + " " + e.ID
	case bizmetrics.Refund:
		return "refund " + e.ID
	case bizmetrics.Payment:
		return "payment " + e.ID
	case bizmetrics.SupplierResponse:
		return "response " + e.ID
	case bizmetrics.SupplierOffer:
		return "offer " + e.ID
	case bizmetrics.Delivery:
		return "delivery " + e.ID
	case bizmetrics.NPS:
		return "nps " + e.ID
	case bizmetrics.UserEvent:
		return "user " + string(e.Action) + " " + e.ID
	case bizmetrics.FeatureUse:
		return "feature " + e.ID
	case bizmetrics.Cost:
		return "cost " + string(e.Kind) + " " + e.ID
	case bizmetrics.Commission:
		return "commission " + e.ID
	}
	panic(fmt.Sprintf("workload: no such event: %T", event))
}
