package errortracking

import (
	"log/slog"
	"time"
)

// Category says what kind of thing went wrong.
type Category string

// The categories. A service's own Classify may use others.
const (
	Validation Category = "validation" // the caller's input
	Auth       Category = "auth"       // not signed in, or not allowed
	NotFound   Category = "not_found"
	Conflict   Category = "conflict" // with another's write
	Timeout    Category = "timeout"
	Canceled   Category = "canceled" // the caller went away
	Network    Category = "network"
	Database   Category = "database"
	Payment    Category = "payment"
	Dependency Category = "dependency" // another service failed
	Resource   Category = "resource"   // disk, memory, connections, quota
	Bug        Category = "bug"        // whatever nobody expected
)

// LevelCritical is above slog.LevelError: fsynced before the capture returns,
// and "fatal" in Sentry.
const LevelCritical = slog.Level(12)

// Class is what an error is worth.
type Class struct {
	Category Category
	Level    slog.Level
	Expected bool // part of normal work: not sent
}

// User is who an event befell. The e-mail address goes to Sentry only if
// [Config].Allow has "User.Email", and to no other place; an ID that is one is
// masked, unless "User.ID" is allowed.
type User struct{ ID, Email, Role string }

// Breadcrumb is one thing that happened on the way to an error.
type Breadcrumb struct {
	Category, Message string
	Level             slog.Level
	Data              map[string]any
	At                time.Time // zero: now
}

// Event is one captured error or message, as [Config].BeforeSend may see and
// change it. Message and Attrs are redacted already; Err is what was given.
type Event struct {
	ID, Message string // ID: 32 hexadecimal digits, the same in Sentry
	Err         error  // nil: a message
	Class       Class
	User        User
	Fingerprint []string // events of one are one issue; neither line numbers nor IDs in texts split it
	Attrs       map[string]any

	CorrelationID string
	Route         string    // the pattern, never the raw path
	At            time.Time // of the capture
	Panic         bool
	Suppressed    int // events of this fingerprint that flood control held back before this one
}
