// Package storetest is the one suite that every [bizmetrics.Store] passes.
// Whoever writes a store calls it from a test of the store's own:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Suite{
//			Open: func(t testing.TB, c storetest.Config) bizmetrics.Store {
//				s, err := mystore.Open(filepath.Join(c.Dir, "events.db"), c.Location, c.MonthStart)
//				require.NoError(t, err)
//				return s
//			},
//		})
//	}
//
// It asks for what the documentation of Store, Event and Query promises:
// outcomes, figures by every metric, group, filter and step, order and bounds
// of a Scan, many goroutines at once, and that what was appended is there when
// the store is opened again. Figures are compared with a plain recomputation
// over generated events.
package storetest
