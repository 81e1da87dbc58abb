// Package alerting turns readings into alerts and tells the right people once.
//
//	m, err := alerting.New(alerting.Config{
//		Registry: registry, // whose indicators the default rules read
//		Routes: []alerting.Route{
//			{Name: "on-call", Severities: []alerting.Severity{alerting.P0}, To: pager, Repeat: 30 * time.Minute},
//			{Name: "chat", Severities: []alerting.Severity{alerting.P1, alerting.P2}, To: chat},
//		},
//	})
//
// # What an alert is
//
// A [Rule] has one indicator and one ladder of levels, such as P1 above 1 %
// and P0 above 2 %. It makes one [Alert] for each label set. Neither the level
// nor the reading is part of the alert's identity, so that its severity moves
// while it stays the same alert, with the same ID.
//
// Its life: pending while a level is broken for less than the rule's For;
// firing; acknowledged once somebody has taken it; resolved.
//
//   - It goes up at once: one message, about the same alert, to the routes of
//     the new level. Who acknowledged it at a milder level has not taken that,
//     so it fires again.
//   - It goes down when the readings have been on the good side of the level
//     by Hysteresis for Keep. Nobody is told.
//   - Resolved is told to every receiver that was told of the alert.
//   - A value on the threshold is good.
//   - No data, NaN and too few samples are no readings: they change nothing,
//     and the time without readings counts towards neither For nor Keep. An
//     alert that fires and has no reading for Stale is resolved as stale.
//
// # Two sources
//
// The evaluator reads the registry on each of its samples. [CheckMetric]
// judges a reading that the service pushes, at once. They are two sources of
// one alert: it fires while either does, and shows the worse.
//
// # Noise guard
//
// One failure of one request is an error rate of 100 %. So a share of counted
// events is raised by the evaluator only if at least 5 events are bad and the
// 99 % Wilson bound of the share breaks the level too. The plain value decides
// when the alert eases. What CheckMetric is given is taken as it is.
//
// # Delivery
//
// Messages go through an outbox, each route by itself, and are tried again
// with growing pauses until the receiver takes them or refuses them for good
// (see [Permanent]). With a Dir the outbox and the active alerts are on disk:
// a restart neither repeats nor forgets. Across a crash a message may come
// twice, with the same Key. What is lost is counted in monitoring.dropped.
package alerting
