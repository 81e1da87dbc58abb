package spool

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func scanned(t testing.TB, b []byte) (got []string, end int64, damaged int) {
	t.Helper()
	end, damaged, err := scan(bytes.NewReader(b), int64(len(b)), func(r found) error {
		got = append(got, string(r.data))
		return nil
	})
	require.NoError(t, err)
	return got, end, damaged
}

func TestARecordLongerThanTheWindowIsRead(t *testing.T) {
	long := strings.Repeat("0123456789", window/5)
	b := appendRecord([]byte(fileHeader), []byte("a"))
	b = appendRecord(b, []byte(long))
	b = appendRecord(b, []byte("b"))
	got, end, damaged := scanned(t, b)
	assert.Equal(t, []string{"a", long, "b"}, got)
	assert.EqualValues(t, len(b), end)
	assert.Zero(t, damaged)
}

func TestDamageIsSkippedUpToTheNextWholeRecord(t *testing.T) {
	b := appendRecord([]byte(fileHeader), []byte("a"))
	b = append(b, bytes.Repeat(marker, window)...) // looks like the start of many
	b = appendRecord(b, []byte("b"))
	b = append(b, 0, 0, 0)
	got, end, damaged := scanned(t, b)
	assert.Equal(t, []string{"a", "b"}, got)
	assert.EqualValues(t, len(b)-3, end)
	assert.Equal(t, 1, damaged)
}

// Whatever is on disk: no panic, what was whole before it is read, and what
// was kept reads the same again.
func FuzzScan(f *testing.F) {
	f.Add([]byte("a"), []byte(fileHeader))
	f.Add([]byte{}, appendRecord([]byte(fileHeader), []byte("hello")))
	f.Add([]byte("x"), appendRecord(appendRecord(nil, []byte("one")), []byte("two"))[3:])
	f.Add([]byte("x"), append(bytes.Clone(marker), 0xff, 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, data, junk []byte) {
		b := appendRecord([]byte(fileHeader), data)
		b = append(b, junk...)
		got, end, _ := scanned(t, b)
		require.NotEmpty(t, got)
		require.Equal(t, string(data), got[0])
		require.LessOrEqual(t, end, int64(len(b)))
		again, sameEnd, _ := scanned(t, b[:end])
		require.Equal(t, got, again)
		require.Equal(t, end, sameEnd)
		b = appendRecord(b[:end:end], []byte("after"))
		more, _, _ := scanned(t, b)
		require.Equal(t, append(again, "after"), more)

		_, _, _ = scanned(t, junk)
	})
}
