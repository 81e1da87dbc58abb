package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	segmentSuffix = ".seg"
	segmentDigits = 20
)

// segment is one file of a queue.
type segment struct {
	path string
	file *os.File // nil: closed
	size int64
	live int   // records that wait
	left int64 // bytes of these
}

// entry is one record that waits.
type entry struct {
	seq  uint64
	seg  *segment // nil: memory
	off  int64    // of its header
	n    int      // bytes of its data
	data []byte   // in memory only
}

func (e *entry) bytes() int64 { return headerSize + int64(e.n) }

// segmentNames gives the files in order, and removes what a crash left half
// written.
func segmentNames(folder string) ([]string, error) {
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range all {
		switch {
		case segmentNumber(f.Name()) >= 0:
			names = append(names, f.Name())
		case strings.HasSuffix(f.Name(), ".tmp"):
			_ = os.Remove(filepath.Join(folder, f.Name()))
		}
	}
	slices.Sort(names)
	return names, nil
}

// segmentName is a time, so that the files of several processes sort in the
// order in which they were begun, and is after last, whatever the clock does.
func segmentName(last string, now time.Time) string {
	return fmt.Sprintf("%0*d%s", segmentDigits, max(now.UnixNano(), segmentNumber(last)+1), segmentSuffix)
}

// segmentNumber is -1 for what is no name of a segment.
func segmentNumber(name string) int64 {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || len(digits) != segmentDigits || n < 0 {
		return -1
	}
	return n
}

// loadSegment reads a file, cuts off its torn end and gives what waits in it.
func loadSegment(path string) (s *segment, waiting []entry, damaged int, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, 0, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, 0, err
	}
	s = &segment{path: path}
	end, damaged, err := scan(f, info.Size(), func(r found) error {
		if !r.done {
			waiting = append(waiting, entry{seg: s, off: r.off, n: len(r.data)})
			s.live++
			s.left += headerSize + int64(len(r.data))
		}
		return nil
	})
	if err == nil && end < info.Size() {
		err = f.Truncate(end)
	}
	s.size = end
	return s, waiting, damaged, err
}

func createSegment(path string) (*segment, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := f.WriteString(fileHeader); err != nil {
		_ = f.Close()
		_ = os.Remove(path)
		return nil, err
	}
	return &segment{path: path, file: f, size: int64(len(fileHeader))}, nil
}

// write appends b, or leaves the segment as it was.
func (s *segment) write(b []byte) error {
	_, err := s.file.WriteAt(b, s.size)
	if err != nil {
		return errors.Join(err, s.file.Truncate(s.size))
	}
	s.size += int64(len(b))
	return nil
}

// read gives the data of e, or not ok if it is damaged.
func (s *segment) read(e *entry) (data []byte, ok bool, err error) {
	err = s.open()
	if err != nil {
		return nil, false, err
	}
	sc := &scanner{r: s.file, size: s.size}
	if e.bytes() < window { // no more than the record
		sc.size = e.off + e.bytes()
	}
	rec, ok, err := sc.record(e.off)
	return rec.data, ok && len(rec.data) == e.n, err
}

// done marks e. Lost by a power failure, it is delivered once more.
func (s *segment) done(e *entry) error {
	if err := s.open(); err != nil {
		return err
	}
	_, err := s.file.WriteAt([]byte{stateDone}, e.off+stateOffset)
	return err
}

func (s *segment) open() (err error) {
	if s.file == nil {
		s.file, err = os.OpenFile(s.path, os.O_RDWR, 0o600)
	}
	return err
}

func (s *segment) close() {
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}

// remove deletes the file; its name goes first, so that a crash between the
// two leaves nothing.
func (s *segment) remove() error {
	err := os.Remove(s.path)
	s.close()
	return err
}

// compact rewrites the segment with only the entries given, all of it, or
// leaves it as it was. A damaged one is left out and named in lost.
func (s *segment) compact(waiting []*entry) (lost []uint64, err error) {
	b := append(make([]byte, 0, int64(len(fileHeader))+s.left), fileHeader...)
	offs := make([]int64, len(waiting))
	for i, e := range waiting {
		data, ok, err := s.read(e)
		if err != nil {
			return nil, err
		}
		if !ok {
			lost = append(lost, e.seq)
			continue
		}
		offs[i] = int64(len(b))
		b = appendRecord(b, data)
	}
	tmp := s.path + ".tmp"
	if err := writeFile(tmp, b); err != nil {
		_ = os.Remove(tmp)
		return nil, err
	}
	s.close() // before the rename, which some systems refuse for an open file
	if err := os.Rename(tmp, s.path); err != nil {
		_ = os.Remove(tmp)
		return nil, err
	}
	for i, e := range waiting {
		e.off = offs[i]
	}
	s.size = int64(len(b))
	return lost, nil
}

// writeFile is durable when it returns.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}
