// Package monitoringtest lets a service's own tests say what the service
// reports, without network, disk or sleep:
//
//	func TestCheckoutReportsARefusedCharge(t *testing.T) {
//		rec := monitoringtest.New(t, monitoring.Config{})
//		checkout(t, cardThatIsRefused)
//		require.Len(t, rec.Exceptions(), 1)
//	}
//
// The Recorder has a clock of its own. [Recorder.Evaluate] answers "would this
// raise an alert" at once; [Recorder.Advance] lets time pass, in which windows
// and the rules' For and Keep are strict.
//
// As the Recorder is the default instance, tests that use one cannot run in
// parallel with each other in one process.
package monitoringtest
