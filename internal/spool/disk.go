package spool

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// disk is the files of a queue. All of it but sync, start and close is called
// with the queue's mutex held.
type disk struct {
	dir      string // with the folders of all processes
	folder   string // our own
	release  func()
	interval time.Duration
	rotate   int64 // a segment of this size is full

	segments []*segment // oldest first
	active   *segment   // the last one, while it takes records
	touched  *segment   // the one that was read last, kept open
	lastName string
	buf      []byte

	unsynced []*segment // full, not yet fsynced; open
	newNames bool       // the folder has names not yet fsynced
	written  uint64     // records, since the start
	synced   uint64
	syncErr  error // of the background; told by Close

	syncing sync.Mutex // held around fsync; taken before the queue's mutex
	dirty   chan struct{}
	stop    chan struct{}
	stopped sync.WaitGroup
}

// openDisk gives no disk if the folder cannot be used.
func openDisk(c Config) (d *disk, waiting []entry, damaged int, err error) {
	own, release, err := Lock(c.Dir)
	if err != nil {
		return nil, nil, 0, err
	}
	d = &disk{
		dir: c.Dir, folder: own, release: release, interval: c.Sync,
		rotate: min(max(c.MaxBytes/16, 4<<10), 4<<20),
		dirty:  make(chan struct{}, 1), stop: make(chan struct{}),
	}
	adopting := orphans(c.Dir, own, adoptSegments(own, func(string) {}))
	waiting, damaged, err = d.load()
	if err != nil {
		d.release()
		return nil, nil, 0, err
	}
	return d, waiting, damaged, adopting
}

func (d *disk) load() (waiting []entry, damaged int, err error) {
	probe := filepath.Join(d.folder, "probe.tmp") // readable is not yet writable
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		return nil, 0, err
	}
	names, err := segmentNames(d.folder) // removes the probe
	if err != nil {
		return nil, 0, err
	}
	for _, name := range names {
		d.lastName = name
		seg, found, n, err := loadSegment(filepath.Join(d.folder, name))
		if err != nil {
			return nil, 0, err
		}
		damaged += n
		if len(found) == 0 {
			if err := seg.remove(); err != nil {
				return nil, 0, err
			}
			continue
		}
		d.segments = append(d.segments, seg)
		waiting = append(waiting, found...)
	}
	return waiting, damaged, nil
}

// write puts data into the active segment, a new one if that is full, and
// fills in where it is.
func (d *disk) write(e *entry, data []byte) (written uint64, err error) {
	if d.active != nil && d.active.size+e.bytes() > d.rotate {
		d.seal()
	}
	if d.active == nil {
		name := segmentName(d.lastName, time.Now())
		seg, err := createSegment(filepath.Join(d.folder, name))
		if err != nil {
			return 0, err
		}
		d.lastName, d.active, d.newNames = name, seg, true
		d.segments = append(d.segments, seg)
	}
	d.buf = appendRecord(d.buf[:0], data)
	off := d.active.size
	if err := d.active.write(d.buf); err != nil {
		return 0, err
	}
	if cap(d.buf) > maxBuffer {
		d.buf = nil
	}
	e.seg, e.off = d.active, off
	e.seg.live++
	e.seg.left += e.bytes()
	d.written++
	select {
	case d.dirty <- struct{}{}:
	default:
	}
	return d.written, nil
}

// seal ends the active segment. It stays open until it was fsynced.
func (d *disk) seal() {
	seg := d.active
	d.active = nil
	if seg == nil {
		return
	}
	if seg.live == 0 {
		_ = d.drop(seg)
		return
	}
	d.unsynced = append(d.unsynced, seg)
}

func (d *disk) drop(seg *segment) error {
	d.segments = slices.DeleteFunc(d.segments, func(s *segment) bool { return s == seg })
	d.unsynced = slices.DeleteFunc(d.unsynced, func(s *segment) bool { return s == seg })
	if d.touched == seg {
		d.touched = nil
	}
	return seg.remove()
}

// touch keeps at most one full segment open.
func (d *disk) touch(seg *segment) {
	if old := d.touched; old != nil && old != seg && old != d.active && !slices.Contains(d.unsynced, old) {
		old.close()
	}
	d.touched = seg
}

func (d *disk) read(e *entry) (data []byte, ok bool, err error) {
	d.touch(e.seg)
	return e.seg.read(e)
}

// done marks e, and removes its file with the last of it.
func (d *disk) done(e *entry) error {
	seg := e.seg
	seg.live--
	seg.left -= e.bytes()
	if seg.live == 0 && (seg != d.active || seg.size > d.rotate/2) {
		if seg == d.active {
			d.active = nil
		}
		return d.drop(seg)
	}
	d.touch(seg)
	return seg.done(e)
}

func (d *disk) compact(seg *segment, waiting []*entry) (lost []uint64, err error) {
	lost, err = seg.compact(waiting)
	if err != nil {
		return nil, err
	}
	d.unsynced = slices.DeleteFunc(d.unsynced, func(s *segment) bool { return s == seg })
	d.newNames = true
	seg.live, seg.left = seg.live-len(lost), seg.size-int64(len(fileHeader))
	if seg.live == 0 {
		return lost, d.drop(seg)
	}
	return lost, nil
}

// fragmented gives all segments that hold records that are done.
func (d *disk) fragmented() []*segment {
	d.seal()
	var all []*segment
	for _, s := range d.segments {
		if s.left+int64(len(fileHeader)) < s.size {
			all = append(all, s)
		}
	}
	return all
}

func (d *disk) bytes() (n int64) {
	for _, s := range d.segments {
		n += s.size
	}
	return n
}

// dead is how much of that is done.
func (d *disk) dead() (n int64) {
	for _, s := range d.segments {
		n += s.size - s.left - int64(len(fileHeader))
	}
	return n
}

// sync makes all records up to the one given durable. Those who call it at
// once share an fsync.
func (d *disk) sync(q *Queue, upTo uint64) error {
	d.syncing.Lock()
	defer d.syncing.Unlock()

	q.mu.Lock()
	if d.synced >= upTo {
		q.mu.Unlock()
		return nil
	}
	upTo = d.written
	full := slices.Clone(d.unsynced)
	var files []*os.File
	for _, s := range append(full, d.active) {
		if s != nil && s.file != nil {
			files = append(files, s.file)
		}
	}
	names := d.newNames
	d.newNames = false
	q.mu.Unlock()

	var err error
	for _, f := range files {
		// Closed in the meantime: all of it is done, or was rewritten durably.
		if e := f.Sync(); e != nil && !errors.Is(e, os.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	if names {
		syncDir(d.folder)
	}

	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		return err
	}
	d.synced = upTo
	for _, s := range full {
		if s != d.touched {
			s.close()
		}
	}
	d.unsynced = slices.DeleteFunc(d.unsynced, func(s *segment) bool { return slices.Contains(full, s) })
	return nil
}

// start begins the goroutine that fsyncs what is new, an interval after the
// first of it. close ends it.
func (d *disk) start(q *Queue) {
	d.stopped.Go(func() {
		timer := time.NewTimer(d.interval)
		timer.Stop()
		defer timer.Stop()
		for {
			select {
			case <-d.dirty:
			case <-d.stop:
				return
			}
			timer.Reset(d.interval)
			select {
			case <-timer.C:
			case <-d.stop:
				return
			}
			q.mu.Lock()
			upTo := d.written
			q.mu.Unlock()
			if err := d.sync(q, upTo); err != nil {
				q.mu.Lock()
				d.syncErr = err
				q.mu.Unlock()
			}
		}
	})
}

// close is called once, when the queue takes no more records.
func (d *disk) close(q *Queue) error {
	close(d.stop)
	d.stopped.Wait()
	err := d.sync(q, d.written)
	d.syncing.Lock() // an Append that waits for its fsync
	defer d.syncing.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	if err == nil {
		err = d.syncErr
	}
	if d.active != nil && d.active.live == 0 {
		err = errors.Join(err, d.drop(d.active))
	}
	for _, s := range d.segments {
		s.close()
	}
	d.release()
	return err
}
