package logging

import (
	"log/slog"
	"time"
)

// encoder writes records in one format. Bound attributes are encoded once and
// copied into each record, so it works on pieces: begin, attributes of the
// root, attributes in groups, end. Values are plain ones, as redact gives them,
// or errors.
type encoder interface {
	// begin writes time, level, message and IDs.
	begin(b []byte, t time.Time, level slog.Level, msg string, ids *ids) []byte
	// attrs writes attributes inside groups, of which the first opened are
	// open already, and gives how many are then.
	attrs(b []byte, groups []string, opened int, attrs []slog.Attr) ([]byte, int)
	// end closes what is open, and ends the line.
	end(b []byte, t time.Time, level slog.Level, opened int) []byte
}
