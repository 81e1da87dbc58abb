// Package killtest kills a service that records, or takes its store away, and
// looks whether each event that Sync made durable is there, once.
//
//	func TestAKillLosesNothing(t *testing.T) {
//		killtest.Kill(t, func(dir string) (bizmetrics.Config, error) {
//			s, err := sqlite.Open(filepath.Join(dir, "events.db"), sqlite.Config{})
//			return bizmetrics.Config{Store: s, Dir: filepath.Join(dir, "journal"), Currency: "EUR"}, err
//		})
//	}
//
// The function is called in each child, with the same folder: what it opens
// must be the same state. A store on a server makes what it needs there of the
// environment, which the child inherits, or of a name kept in a file in dir.
//
// With a Dir, Sync may return while the store is away. A store that fails by
// chance must not do so where not [Recording]: what the last child reads must
// be in the store.
//
// Orders come in batches. Order j of a batch is worth 1<<j cents and its
// customer is the batch, so that the sum of a batch tells which of its orders
// are there, and with their number whether one is there twice.
package killtest
