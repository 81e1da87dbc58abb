package logging

import (
	"log/slog"
	"os"
)

// fields are the names under which a system of logs looks for things.
type fields struct {
	time, level, msg string
	ids              [idCount]string
	levels           func(slog.Level) string
	tracePrefix      string
	decimal          bool   // IDs that fit into 64 bits are decimal numbers
	sampled          string // whether the trace is recorded; "": not said

	// Of the root attribute "error" that is an error. "": it keeps its name, and
	// nothing else is said of it.
	errMessage, errType, errStack string
	stackHead                     bool // the stack is as the runtime prints a panic's: message, head, frames

	source   string                // where a record at error and above was logged; "": not said
	constant func(c Config) string // encoded, after the message of each record
	failed   func(c Config) string // the same for records at error and above; nil: none
}

// formats are the JSON ones, by what each system reads without a setting:
//
//	json     the names of log/slog
//	gcp      Google Cloud: the special fields of "Structured logging", and what
//	         "Format errors in logs" asks for so that Error Reporting takes an error
//	ecs      Elastic: the ECS logging specification (dotted names, as it wants log.level
//	         and ecs.version), field sets error, service, tracing and user
//	datadog  the attributes that its intake remaps, and those of Error Tracking for logs
var formats = map[string]fields{
	"json": {time: "time", level: "level", msg: "msg", ids: idNames, levels: FormatLevel},
	"gcp": {
		time: "time", level: "severity", msg: "message", levels: gcpSeverity, tracePrefix: gcpTracePrefix(),
		ids:      [idCount]string{"correlation_id", "user_id", "route", "logger", "logging.googleapis.com/trace", "logging.googleapis.com/spanId"},
		sampled:  "logging.googleapis.com/trace_sampled",
		errStack: "stack_trace", stackHead: true,
		source: "logging.googleapis.com/sourceLocation", constant: gcpLabels, failed: gcpErrorEvent,
	},
	"ecs": {
		time: "@timestamp", level: "log.level", msg: "message", levels: FormatLevel,
		ids:        [idCount]string{"correlation_id", "user.id", "route", "log.logger", "trace.id", "span.id"},
		errMessage: "error.message", errType: "error.type", errStack: "error.stack_trace",
		constant: func(c Config) string {
			return `,"ecs.version":"8.11.0"` + members("", "service.name", c.Service, "service.version", c.Release, "service.environment", c.Environment)
		},
	},
	"datadog": {
		time: "timestamp", level: "status", msg: "message", levels: FormatLevel,
		decimal:    true,
		ids:        [idCount]string{"correlation_id", "usr.id", "http.route", "logger.name", "dd.trace_id", "dd.span_id"},
		errMessage: "error.message", errType: "error.kind", errStack: "error.stack",
		constant: func(c Config) string {
			return members("", "dd.service", c.Service, "dd.env", c.Environment, "dd.version", c.Release)
		},
	},
}

// members are names and values in turn as a piece of JSON, without those whose
// value is empty. In is the object around them, "" for none; it is left out
// with nothing in it.
func members(in string, namesAndValues ...string) string {
	var b []byte
	if in != "" {
		b = append(appendKey(b, in), '{')
	}
	start := len(b)
	for i := 0; i < len(namesAndValues); i += 2 {
		if v := namesAndValues[i+1]; v != "" {
			b = appendQuoted(appendKey(b, namesAndValues[i]), v)
		}
	}
	if len(b) == start {
		return ""
	}
	if in != "" {
		b = append(b, '}')
	}
	return string(b)
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

func gcpLabels(c Config) string {
	return members("logging.googleapis.com/labels", "service", c.Service, "environment", c.Environment, "version", c.Release)
}

// gcpErrorEvent makes Error Reporting take a record also without a stack.
func gcpErrorEvent(c Config) string {
	return members("", "@type", "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent") +
		members("serviceContext", "service", c.Service, "version", c.Release)
}
