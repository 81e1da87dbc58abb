package alerting

import (
	"testing"
	"time"
)

// FileStore opens a file store for tests outside of the package.
func FileStore(t testing.TB, dir string, now func() time.Time) interface {
	Store
	Close() error
} {
	return openFile(t, dir, now)
}
