package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// adoptSegments gives what moves the files of a dead process into folder, each
// under its own name unless that is taken, and calls moved with each.
func adoptSegments(folder string, moved func(path string)) func(from string) error {
	return func(from string) error {
		names, err := segmentNames(from)
		for _, name := range names {
			to := name
			for _, taken := os.Lstat(filepath.Join(folder, to)); taken == nil; _, taken = os.Lstat(filepath.Join(folder, to)) {
				to = segmentName(to, time.Unix(0, 0))
			}
			if e := os.Rename(filepath.Join(from, name), filepath.Join(folder, to)); e != nil {
				err = errors.Join(err, e)
				continue
			}
			moved(filepath.Join(folder, to))
		}
		return err
	}
}

// Adopt takes over what processes left that died since Open, after what the
// queue holds, and counts it. What there is no room for stays where it is. It
// is for one goroutine at a time.
func (q *Queue) Adopt() (records int, err error) {
	d := q.disk
	if d == nil {
		return 0, nil
	}
	var paths []string
	adopt := adoptSegments(d.folder, func(path string) { paths = append(paths, path) })
	err = orphans(d.dir, d.folder, func(from string) error {
		size, err := sizeOf(from)
		if err != nil || size == 0 {
			return err
		}
		q.mu.Lock() // so that nobody takes the same name
		defer q.mu.Unlock()
		if q.closed || q.held()+size > q.max {
			return nil
		}
		d.newNames = true
		return adopt(from)
	})
	for _, path := range paths {
		n, e := q.load(path)
		records += n
		err = errors.Join(err, e)
	}
	if err != nil {
		err = fmt.Errorf("adopt a spool: %w", err)
	}
	return records, err
}

// load adds the records of a file that has just been moved in. One that it
// cannot read is there at the next Open.
func (q *Queue) load(path string) (records int, err error) {
	seg, waiting, damaged, err := loadSegment(path)
	if err != nil {
		return 0, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.damaged += uint64(damaged)
	if len(waiting) == 0 {
		return 0, seg.remove()
	}
	if q.closed {
		return 0, nil
	}
	at := len(q.disk.segments) // the active one stays the last
	if q.disk.active != nil {
		at = slices.Index(q.disk.segments, q.disk.active)
	}
	q.disk.segments = slices.Insert(q.disk.segments, at, seg)
	for _, e := range waiting {
		q.index.add(e)
	}
	q.wake()
	return len(waiting), nil
}

// sizeOf is that of the segments in a folder; 0: it has none.
func sizeOf(folder string) (size int64, err error) {
	all, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	for _, f := range all {
		if segmentNumber(f.Name()) < 0 {
			continue
		}
		info, err := f.Info()
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}
