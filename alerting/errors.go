package alerting

import (
	"errors"

	"github.com/distri-night/monitoring/internal/config"
)

var (
	// ErrInvalid is what a wrong setting, reading or alert Is. The error also
	// As *monitoring.FieldError.
	ErrInvalid = config.ErrInvalid
	// ErrNotInitialized is returned by a write that has no Manager to act on.
	ErrNotInitialized = config.ErrNotInitialized
	// ErrNoRule is returned by CheckMetric for a name that no rule has.
	ErrNoRule = errors.New("alerting: no rule of that name")
	// ErrNotFound is returned for an ID that no active alert has.
	ErrNotFound = errors.New("alerting: no active alert with that ID")
	// ErrTooMany is returned by CheckMetric and CreateAlert for a new alert
	// while 10,000 are active.
	ErrTooMany = errors.New("alerting: too many active alerts")
)

// fault is one wrong field as an error.
func fault(field, want string, got any) error {
	return &config.FieldError{Field: field, Want: want, Got: got}
}
