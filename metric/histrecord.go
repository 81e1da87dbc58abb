package metric

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
)

// A segment is the magic and then records: the length of the payload and its
// CRC-32C, four bytes each, little-endian, and the payload. A payload is a
// definition, which gives a number to a series until the next one that gives
// it, or a cell with the values of series by their numbers.
const (
	magic         = "DNH1"
	kindDefine    = 'd'
	kindCell      = 'c'
	maxPayload    = 1 << 20
	recordHeader  = 8
	maxNameLength = 4096
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendRecord(out, payload []byte) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(len(payload)))
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(payload, castagnoli))
	return append(out, payload...)
}

func appendDefinition(out []byte, id uint64, key historyKey) []byte {
	p := binary.AppendUvarint([]byte{kindDefine}, id)
	for _, s := range []string{key.indicator, key.by, key.value} {
		p = append(binary.AppendUvarint(p, uint64(len(s))), s...)
	}
	return appendRecord(out, p)
}

func appendCell(out []byte, c cellRecord) []byte {
	p := binary.AppendVarint([]byte{kindCell}, c.cell)
	for _, point := range c.points {
		p = binary.AppendUvarint(p, point.series.id)
		p = binary.LittleEndian.AppendUint64(p, math.Float64bits(point.value))
	}
	return appendRecord(out, p)
}

// readRecords reads a segment, tells each point, and says how many bytes are
// whole records. What follows is torn or damaged and is left alone; only a
// failing reader is an error.
func readRecords(from io.Reader, each func(historyKey, int64, float64)) (whole int64, err error) {
	r := bufio.NewReaderSize(from, 64<<10)
	head := make([]byte, recordHeader)
	if _, err := io.ReadFull(r, head[:len(magic)]); err != nil || string(head[:len(magic)]) != magic {
		return 0, unlessEnd(err)
	}
	whole = int64(len(magic))
	series := make(map[uint64]historyKey)
	var payload []byte
	for {
		if _, err := io.ReadFull(r, head); err != nil {
			return whole, unlessEnd(err)
		}
		n := binary.LittleEndian.Uint32(head)
		if n == 0 || n > maxPayload {
			return whole, nil
		}
		if cap(payload) < int(n) {
			payload = make([]byte, n)
		}
		payload = payload[:n]
		if _, err := io.ReadFull(r, payload); err != nil {
			return whole, unlessEnd(err)
		}
		if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(head[4:]) || !readPayload(payload, series, each) {
			return whole, nil
		}
		whole += recordHeader + int64(n)
	}
}

func unlessEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

func readPayload(p []byte, series map[uint64]historyKey, each func(historyKey, int64, float64)) bool {
	switch kind, p := p[0], bytes.NewBuffer(p[1:]); kind {
	case kindDefine:
		id, err := binary.ReadUvarint(p)
		var parts [3]string
		for i := range parts {
			var n uint64
			if n, err = readLength(p, err); err == nil {
				parts[i] = string(p.Next(int(n)))
			}
		}
		if err != nil || p.Len() != 0 || parts[0] == "" {
			return false
		}
		series[id] = historyKey{parts[0], parts[1], parts[2]}
	case kindCell:
		cell, err := binary.ReadVarint(p)
		if err != nil || cell < -maxCell || cell > maxCell {
			return false
		}
		for p.Len() > 0 {
			id, err := binary.ReadUvarint(p)
			if err != nil || p.Len() < 8 {
				return false
			}
			v := math.Float64frombits(binary.LittleEndian.Uint64(p.Next(8)))
			if key, ok := series[id]; ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
				each(key, cell, v)
			}
		}
	default:
		return false
	}
	return true
}

// maxCell is a cell of ten seconds that no time.Time in nanoseconds has.
const maxCell = math.MaxInt64 / int64(10e9)

var errLength = errors.New("a length past the end")

func readLength(p *bytes.Buffer, before error) (uint64, error) {
	if before != nil {
		return 0, before
	}
	n, err := binary.ReadUvarint(p)
	if err == nil && (n > maxNameLength || n > uint64(p.Len())) {
		return 0, errLength
	}
	return n, err
}
