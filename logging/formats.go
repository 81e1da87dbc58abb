package logging

import (
	"encoding/binary"
	"log/slog"
	"os"
)

// fields are the names under which a system of logs looks for things.
type fields struct {
	time, level, msg string
	ids              [idCount]string
	levels           func(slog.Level) string
	err              string // of a root attribute "error" that is an error; "": as it is
	decimal          bool   // trace and span IDs as decimal numbers, of the lower 64 bits
	tracePrefix      string
	constant         string // encoded, after the message
}

// formats are the JSON ones.
//
//	gcp      Google Cloud, "Structured logging": severity, logging.googleapis.com/trace
//	ecs      Elastic Common Schema 8: @timestamp, log.level, trace.id
//	datadog  reserved attributes and "Correlating logs and traces": status, dd.trace_id
var formats = map[string]fields{
	"json": {time: "time", level: "level", msg: "msg", ids: idNames, levels: FormatLevel},
	"gcp": {time: "timestamp", level: "severity", msg: "message", levels: gcpSeverity, tracePrefix: gcpTracePrefix(),
		ids: [idCount]string{"correlation_id", "user_id", "route", "logger", "logging.googleapis.com/trace", "logging.googleapis.com/spanId"}},
	"ecs": {time: "@timestamp", level: "log.level", msg: "message", levels: FormatLevel, err: "error.message", constant: `,"ecs.version":"8.11.0"`,
		ids: [idCount]string{"correlation_id", "user.id", "route", "log.logger", "trace.id", "span.id"}},
	"datadog": {time: "timestamp", level: "status", msg: "message", levels: FormatLevel, err: "error.message", decimal: true,
		ids: [idCount]string{"correlation_id", "usr.id", "route", "logger.name", "dd.trace_id", "dd.span_id"}},
}

func gcpSeverity(l slog.Level) string {
	return [...]string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}[levelIndex(l)]
}

// gcpTracePrefix: Cloud Logging wants the project in the trace's name. The
// variable is the one that Google's own runtimes and libraries use.
func gcpTracePrefix() string {
	if project := os.Getenv("GOOGLE_CLOUD_PROJECT"); project != "" {
		return "projects/" + string(appendEscaped(nil, project)) + "/traces/"
	}
	return ""
}

// decimal is the lower half of the trace ID, or the span ID, as a number.
func (d *ids) decimal(i int) uint64 {
	if i == idTrace {
		return binary.BigEndian.Uint64(d.Trace.TraceID[8:])
	}
	return binary.BigEndian.Uint64(d.Trace.SpanID[:])
}
