package sqlite

import (
	"errors"
	"fmt"

	"github.com/gofrs/flock"
)

var (
	// ErrLocked is returned by Open for a file that another Store has open, in
	// this process or another.
	ErrLocked = errors.New("sqlite: another process has the file open")
	errClosed = errors.New("sqlite: the store is closed")
)

// fileLock keeps others away. It is a file beside the database's: a lock on the
// database itself would be lost when anybody in the process closes it.
type fileLock struct{ *flock.Flock }

func lockFile(path string) (*fileLock, error) {
	l := flock.New(path+".lock", flock.SetPermissions(0o600))
	got, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !got {
		return nil, fmt.Errorf("open %s: %w: each process needs a file of its own; processes that share events use PostgreSQL", path, ErrLocked)
	}
	return &fileLock{l}, nil
}

func (l *fileLock) release() error { return l.Close() }
