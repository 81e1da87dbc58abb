package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/gofrs/flock"
)

const (
	maxSlots = 4096 // processes on one folder
	lockName = "lock"
)

// Lock locks a folder of this process's own below dir, the same one again
// after a restart if it is free. A second call, also from this process, gets
// another. The kernel unlocks it when the process dies. release may come twice.
func Lock(dir string) (own string, release func(), err error) {
	if dir == "" {
		return "", nil, errors.New("lock a folder: no folder given")
	}
	for i := range maxSlots {
		own := filepath.Join(dir, strconv.Itoa(i))
		if err := os.MkdirAll(own, 0o700); err != nil {
			return "", nil, fmt.Errorf("make a folder: %w", err)
		}
		release, ok, err := tryLock(own)
		if err != nil {
			return "", nil, err
		}
		if ok {
			return own, release, nil
		}
	}
	return "", nil, fmt.Errorf("lock a folder below %s: all %d are taken", dir, maxSlots)
}

// tryLock does not wait. The lock file is never removed: another process may
// have it open already, and would then lock a file that has no name.
func tryLock(folder string) (release func(), ok bool, err error) {
	f := flock.New(filepath.Join(folder, lockName), flock.SetPermissions(0o600))
	ok, err = f.TryLock()
	if err != nil {
		_ = f.Close()
		return nil, false, fmt.Errorf("lock %s: %w", folder, err)
	}
	if !ok {
		_ = f.Close()
		return nil, false, nil
	}
	return sync.OnceFunc(func() { _ = f.Close() }), true, nil
}

// orphans calls adopt with each folder below dir, but own, whose process is
// dead, while it is locked. One that cannot be adopted does not keep the
// others from being adopted.
func orphans(dir, own string, adopt func(folder string) error) error {
	var errs []error
	for i := range maxSlots {
		folder := filepath.Join(dir, strconv.Itoa(i))
		if folder == own {
			continue
		}
		if _, err := os.Stat(folder); err != nil {
			break // folders are made in order and never removed
		}
		release, ok, err := tryLock(folder)
		if err == nil && ok {
			err = adopt(folder)
			release()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("adopt %s: %w", folder, err))
		}
	}
	return errors.Join(errs...)
}

// syncDir makes the names in a folder durable. Not every system can.
func syncDir(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
