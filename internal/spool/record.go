package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

const (
	fileHeader = "spool 1\n"
	headerSize = 12        // of a record
	maxRecord  = 256 << 20 // a longer length is damage
	window     = 256 << 10 // what a scan reads at once

	stateOffset  = 3 // of the state in a record
	stateWaiting = 0xff
	stateDone    = 0x00 // clears bits only, so that a torn byte cannot undo it
)

var (
	marker     = []byte{0xd7, 'M', 'n'}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// appendRecord adds data as a waiting record to b.
func appendRecord(b, data []byte) []byte {
	b = append(b, marker...)
	b = append(b, stateWaiting)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = binary.LittleEndian.AppendUint32(b, checksum(b[len(b)-4:], data))
	return append(b, data...)
}

func checksum(length, data []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, data)
}

// found is one whole record of a file.
type found struct {
	off  int64 // of its header
	done bool
	data []byte // valid during the call only
}

// scanner reads the records of a file through a window that grows with them.
type scanner struct {
	r    io.ReaderAt
	size int64
	base int64
	buf  []byte
}

// scan calls fn with each whole record. end is where the last one ends: what
// follows is torn. damaged counts the places where something between records
// had to be skipped.
func scan(r io.ReaderAt, size int64, fn func(found) error) (end int64, damaged int, err error) {
	s := &scanner{r: r, size: size}
	head, err := s.at(0, int64(len(fileHeader)))
	if err != nil {
		return 0, 0, err
	}
	if string(head) == fileHeader {
		end = int64(len(fileHeader))
	}
	for off := end; off < size; {
		rec, ok, err := s.record(off)
		if err != nil {
			return end, damaged, err
		}
		if !ok {
			next, err := s.resync(off + 1)
			if err != nil || next < 0 {
				return end, damaged, err
			}
			damaged++
			off = next
			continue
		}
		off += headerSize + int64(len(rec.data))
		if err := fn(rec); err != nil {
			return end, damaged, err
		}
		end = off
	}
	return end, damaged, nil
}

// record parses the record at off; not ok if there is no whole one.
func (s *scanner) record(off int64) (rec found, ok bool, err error) {
	head, err := s.at(off, headerSize)
	if err != nil || len(head) < headerSize || !bytes.Equal(head[:3], marker) {
		return found{}, false, err
	}
	n := int64(binary.LittleEndian.Uint32(head[4:]))
	if n > maxRecord || off+headerSize+n > s.size {
		return found{}, false, nil
	}
	all, err := s.at(off, headerSize+n)
	if err != nil || int64(len(all)) < headerSize+n {
		return found{}, false, err
	}
	data := all[headerSize:]
	if binary.LittleEndian.Uint32(all[8:]) != checksum(all[4:8], data) {
		return found{}, false, nil
	}
	return found{off: off, done: all[stateOffset] != stateWaiting, data: data}, true, nil
}

// resync finds the next whole record at or after off; -1 if there is none.
func (s *scanner) resync(off int64) (int64, error) {
	for off < s.size {
		b, err := s.rest(off)
		if err != nil {
			return -1, err
		}
		i := bytes.Index(b, marker)
		if i < 0 {
			off += int64(max(1, len(b)-len(marker)+1))
			continue
		}
		off += int64(i)
		_, ok, err := s.record(off)
		if err != nil {
			return -1, err
		}
		if ok {
			return off, nil
		}
		off++
	}
	return -1, nil
}

// rest gives what the window holds from off on, a new window if that is little.
func (s *scanner) rest(off int64) ([]byte, error) {
	if n := s.base + int64(len(s.buf)) - off; off >= s.base && n >= headerSize {
		return s.at(off, n)
	}
	return s.at(off, window)
}

// at gives n bytes from off on, fewer at the end of the file.
func (s *scanner) at(off, n int64) ([]byte, error) {
	n = min(n, s.size-off)
	if off < s.base || off+n > s.base+int64(len(s.buf)) {
		want := min(max(n, window), s.size-off)
		if int64(cap(s.buf)) < want {
			s.buf = make([]byte, want)
		}
		s.base, s.buf = off, s.buf[:want]
		got, err := s.r.ReadAt(s.buf, off)
		s.buf = s.buf[:got]
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		n = min(n, int64(got))
	}
	i := off - s.base
	return s.buf[i : i+n], nil
}
