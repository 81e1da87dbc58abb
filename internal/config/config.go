// Package config holds what every package says about its settings: the two
// sentinel errors, the error that names a wrong field, and the collector that
// joins all wrong fields into one error.
package config

import (
	"errors"
	"fmt"
	"math"
)

var (
	// ErrInvalid is what a wrong setting or argument Is, in every package.
	ErrInvalid = errors.New("invalid")
	// ErrNotInitialized is returned by a write that has no instance to act on.
	ErrNotInitialized = errors.New("monitoring is not initialized")
)

// FieldError names one wrong field, what the field takes, and what it got.
// It Is [ErrInvalid].
type FieldError struct {
	Field string // path from the outermost Config, such as "Errors.DSN"
	Want  string // what the field takes, such as "a number from 0 to 1"
	Got   any    // nil where the value is secret or absent
}

// Error gives field, want and got in one sentence.
func (e *FieldError) Error() string {
	switch got := e.Got.(type) {
	case nil:
		return fmt.Sprintf("%s: want %s", e.Field, e.Want)
	case string:
		return fmt.Sprintf("%s: want %s, got %q", e.Field, e.Want, got)
	default:
		return fmt.Sprintf("%s: want %s, got %v", e.Field, e.Want, got)
	}
}

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// Faults collects the wrong fields of one Config. The zero value is ready.
type Faults struct{ errs []error }

// Add notes one wrong field.
func (f *Faults) Add(field, want string, got any) {
	f.errs = append(f.errs, &FieldError{Field: field, Want: want, Got: got})
}

// Share checks that p, if set, is a number from 0 to 1.
func (f *Faults) Share(field string, p *float64) {
	if p != nil && !(*p >= 0 && *p <= 1) {
		f.Add(field, "a number from 0 to 1", *p)
	}
}

// Finite checks that v is neither NaN nor infinite.
func (f *Faults) Finite(field string, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		f.Add(field, "a finite number", v)
	}
}

// Under adds the faults of err, if any, with name before their paths.
func (f *Faults) Under(name string, err error) {
	for _, e := range flatten(err) {
		var field *FieldError
		if errors.As(e, &field) {
			f.errs = append(f.errs, &FieldError{Field: name + "." + field.Field, Want: field.Want, Got: field.Got})
		} else {
			f.errs = append(f.errs, fmt.Errorf("%s: %w", name, e))
		}
	}
}

// Err is all faults joined, nil if there are none.
func (f *Faults) Err() error { return errors.Join(f.errs...) }

func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}
