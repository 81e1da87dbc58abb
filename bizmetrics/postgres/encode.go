package postgres

import (
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// Rows go to the server in its binary formats, written here: pgx asks for each
// value how it is encoded, which took longer than all else that a batch costs
// beside the database.

const binaryFormat = 1

// oid is the type of a column, and of arrays of it.
func oid(t sqlstore.Type) (one, array uint32) {
	switch t {
	case sqlstore.Text:
		return pgtype.TextOID, pgtype.TextArrayOID
	case sqlstore.Bytes:
		return pgtype.ByteaOID, pgtype.ByteaArrayOID
	}
	return pgtype.Int8OID, pgtype.Int8ArrayOID
}

// appendValue writes value i of a column, with its length before it.
func appendValue(to []byte, s *sqlstore.Slice, i int) []byte {
	switch s.Type {
	case sqlstore.Text:
		to = binary.BigEndian.AppendUint32(to, uint32(len(s.Texts[i])))
		return append(to, s.Texts[i]...)
	case sqlstore.Bytes:
		to = binary.BigEndian.AppendUint32(to, uint32(len(s.Bytes[i])))
		return append(to, s.Bytes[i]...)
	}
	to = binary.BigEndian.AppendUint32(to, 8)
	return binary.BigEndian.AppendUint64(to, uint64(s.Ints[i]))
}

// size is how many bytes the values of a column take.
func size(s *sqlstore.Slice) int {
	n := 4 * s.Len()
	switch s.Type {
	case sqlstore.Text:
		for _, v := range s.Texts {
			n += len(v)
		}
	case sqlstore.Bytes:
		for _, v := range s.Bytes {
			n += len(v)
		}
	default:
		n += 8 * len(s.Ints)
	}
	return n
}

// encodeArray is a column as an array of one dimension, as array_send writes it.
func encodeArray(s *sqlstore.Slice) []byte {
	n := s.Len()
	of, _ := oid(s.Type)
	to := make([]byte, 0, 20+size(s))
	if n == 0 {
		return binary.BigEndian.AppendUint32(append(to, 0, 0, 0, 0, 0, 0, 0, 0), of)
	}
	to = append(to, 0, 0, 0, 1, 0, 0, 0, 0) // dimensions, no NULLs
	to = binary.BigEndian.AppendUint32(to, of)
	to = binary.BigEndian.AppendUint32(to, uint32(n))
	to = append(to, 0, 0, 0, 1) // the first index
	for i := range n {
		to = appendValue(to, s, i)
	}
	return to
}

// encodeCopy is rows as COPY ... (FORMAT binary) reads them.
func encodeCopy(rows sqlstore.Columns) []byte {
	n, bytes := rows.Len(), 32
	for c := range rows {
		bytes += size(&rows[c])
	}
	to := make([]byte, 0, bytes+2*n)
	to = append(to, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...) // no flags, no extension
	for i := range n {
		to = binary.BigEndian.AppendUint16(to, uint16(len(rows)))
		for c := range rows {
			to = appendValue(to, &rows[c], i)
		}
	}
	return append(to, 0xff, 0xff)
}
