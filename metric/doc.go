// Package metric is the one vocabulary: what instruments write and readers
// read.
//
// An instrument declares metrics in a [Set] and resolves its handles once:
//
//	var set metric.Set
//	orders := set.Counter(metric.Desc{Name: "orders", Keys: []string{"status"}})
//	placed := orders.With("placed")
//	placed.Add(1) // an atomic addition, no allocation
//
// A [Registry] samples sets and other producers each ten seconds, computes
// windows as differences of samples, and answers for indicators: what people
// and rules speak of, as data.
//
//	r, err := metric.NewRegistry(metric.Config{})
//	unregister, err := r.Register(&set)
//	err = r.Define(metric.Indicator{
//		Name: "order_rate", Unit: "{order}/s",
//		Of: metric.Selector{Metric: "orders", Where: map[string]string{"status": "placed"}},
//	})
//	readings, err := r.Read("order_rate")
//
// # Windows and history
//
// A window is the difference of two samples, so it costs the hot path nothing.
// Samples are kept sparse, and only as long as the longest window that reads
// the metric; windows of up to twenty minutes are exact to the ten seconds,
// longer ones to a sixtieth of their length. A window that began before the
// process means since its start: MinSamples guards it.
//
// The history keeps each indicator in all and by each of its By: 10 s for an
// hour, 1 min for a day, 15 min for 30 days. A coarse point is never a mean of
// quantiles or shares, but a reading over the whole step, and of an indicator
// that is a Count what came in the step: [Registry.Sum] adds such points up.
// With Config.Dir it is on disk, and there again after a restart.
//
// # Caveats
//
// Attributes are bounded: past [Desc].Limit a value becomes "other", and a
// Registry holds MaxSeries series. Paths, hosts, addresses and texts are no
// attributes.
//
// Read answers from the last sample, so what was counted since is not in it.
//
// A [Histogram] tells values from 5e-20 to 2e19 apart and errs by 0.54 % at
// most; what is not above zero counts as zero.
//
// All names are safe for concurrent use, and nil handles, Vecs and Sets do
// nothing.
package metric
