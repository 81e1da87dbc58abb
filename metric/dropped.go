package metric

// DroppedDesc counts what was lost for good: a queue or spool was full, a far
// side refused it, a measurement was no number. What is sampled, held back as a
// flood or filtered on purpose is not lost.
var DroppedDesc = Desc{
	Name: "monitoring.dropped",
	Unit: "{item}",
	Help: "What monitoring itself lost, by component and reason.",
	Keys: []string{"component", "reason"},
}

// DroppedIndicator is what was lost in the last five minutes of what the
// service handed over: events, alerts and records. Measurements are not in it,
// so that one that is no number pages nobody; DroppedDesc counts them too.
var DroppedIndicator = Indicator{
	Name: "monitoring_dropped",
	Unit: "{item}",
	Help: "Events, alerts and records lost in the last five minutes.",
	Of: Selector{Metric: DroppedDesc.Name, Where: map[string]string{
		"component": "alerts|business|errortracking|logging",
	}},
	By: []string{"component"},
}

// SpoolBytesDesc is how much waits in a queue on disk, by component.
var SpoolBytesDesc = Desc{
	Name: "monitoring.spool.bytes",
	Unit: "By",
	Help: "What waits on disk to be delivered, by component.",
	Keys: []string{"component"},
}

// Reasons under component "metric".
const (
	component       = "metric"
	reasonNotFinite = "not_finite" // an observation was NaN or infinite
	reasonMaxSeries = "max_series" // a series was folded into "other"
	reasonConflict  = "conflict"   // a family has another kind or other keys
	reasonHistory   = "history"    // an indicator's series has no history, or it could not be written
)
