package errortracking

import (
	"time"

	"github.com/distri-night/monitoring/metric"
)

const component = "errortracking"

// Reasons under monitoring.dropped, component errortracking: events that are
// lost against the service's will. See also the package's documentation.
const (
	reasonQueue    = "queue_full"    // the queue in memory, before the spool, is full
	reasonRepeat   = "queue_repeat"  // it repeats a fingerprint of the last minute, while the worker or the spool is behind
	reasonFull     = "spool_full"    // the bound of the spool is reached
	reasonDisk     = "spool_write"   // the disk refused it
	reasonDamaged  = "spool_damaged" // found on disk at the start
	reasonMemory   = "process_end"   // in memory when the Tracker was closed
	reasonRefused  = "refused"       // by Sentry, for good
	reasonEncoding = "encoding"      // it has no form in JSON, whatever is cut
	reasonPanic    = "panic"         // in code of the service that a capture calls
)

func (t *Tracker) instrument() {
	t.set.Logger = t.config.Logger
	t.captured = t.set.Counter(metric.Desc{
		Name: "errors.captured", Unit: "{error}", Help: "Errors captured, those held back as a flood included.",
		Keys: []string{"category"}, Limit: 50,
	})
	t.dropped = t.set.Counter(metric.DroppedDesc)
	t.spooled = t.set.Gauge(metric.SpoolBytesDesc).With(component)
	_ = t.set.Define(metric.Indicator{
		Name: "captured_errors", Unit: "{error}", Help: "Errors captured in the last five minutes.",
		Of: metric.Selector{Metric: "errors.captured"}, By: []string{"category"}, Window: 5 * time.Minute,
	})
	t.captured.With(string(Bug)) // so that none reads 0, not no data
}

// lost counts events that are lost against the service's will.
func (t *Tracker) lost(reason string, n uint64) {
	t.dropped.With(component, reason).Add(n)
	t.discard(discardOf[reason], categoryError, n)
}

// discardOf is what Sentry's statistics call a reason. What died with an
// earlier process is not there: nobody knows any more what it was.
var discardOf = map[string]discard{
	reasonQueue: discardQueueOverflow, reasonRepeat: discardQueueOverflow,
	reasonFull: discardCacheOverflow, reasonDisk: discardCacheOverflow, reasonRefused: discardSend,
	reasonEncoding: discardInternal, reasonPanic: discardInternal,
}

// Produce emits the metrics; it is for the Registry.
func (t *Tracker) Produce(emit func(metric.Family)) {
	if t == nil || t.config.Disabled {
		return
	}
	if t.queue != nil {
		t.spooled.Set(float64(t.queue.Bytes()))
	}
	t.set.Produce(emit)
}

// Indicators is captured_errors.
func (t *Tracker) Indicators() []metric.Indicator {
	if t == nil {
		return nil
	}
	return t.set.Indicators()
}
