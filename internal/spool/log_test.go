package spool

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func openLog(t *testing.T, dir string) (l *Log, replayed []string) {
	t.Helper()
	l, err := OpenLog(dir, func(b []byte) error {
		replayed = append(replayed, string(b))
		return nil
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l, replayed
}

func TestALogReplaysWhatWasAppended(t *testing.T) {
	dir := t.TempDir()
	l, got := openLog(t, dir)
	assert.Empty(t, got)
	require.NoError(t, l.Append([]byte("a"), []byte("b")))
	require.NoError(t, l.Append([]byte("c")))
	require.NoError(t, l.Sync())
	size := l.Bytes()
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	require.ErrorIs(t, l.Append([]byte("x")), ErrClosed)

	path := filepath.Join(dir, "0", ownLog)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.Write([]byte("torn"))
	require.NoError(t, errors.Join(err, f.Close()))

	l, got = openLog(t, dir)
	assert.Equal(t, []string{"a", "b", "c"}, got)
	assert.Equal(t, size, l.Bytes())
}

func TestRewriteReplacesALog(t *testing.T) {
	dir := t.TempDir()
	l, _ := openLog(t, dir)
	require.NoError(t, l.Append([]byte("a"), []byte("b")))
	require.NoError(t, l.Rewrite(func(yield func([]byte) bool) { _ = yield([]byte("A")) && yield([]byte("B")) }))
	require.NoError(t, l.Append([]byte("c")))
	require.NoError(t, l.Close())
	_, got := openLog(t, dir)
	assert.Equal(t, []string{"A", "B", "c"}, got)
}

func TestALogAdoptsThoseOfDeadProcessesFirst(t *testing.T) {
	dir := t.TempDir()
	a, _ := openLog(t, dir)
	b, _ := openLog(t, dir)
	require.NoError(t, a.Append([]byte("a")))
	require.NoError(t, b.Append([]byte("b")))
	require.NoError(t, b.Close())
	require.NoError(t, a.Close())

	c, got := openLog(t, dir)
	assert.Equal(t, []string{"b", "a"}, got)
	require.NoError(t, c.Append([]byte("c")))
	require.NoError(t, c.Close())
	c, got = openLog(t, dir)
	assert.Equal(t, []string{"b", "a", "c"}, got, "each once")
	require.NoError(t, c.Rewrite(func(yield func([]byte) bool) { yield([]byte("all")) }))
	require.NoError(t, c.Close())
	_, got = openLog(t, dir)
	assert.Equal(t, []string{"all"}, got)
}

func TestAnErrorOfReplayIsReturnedAndTheFolderIsFreeAgain(t *testing.T) {
	dir := t.TempDir()
	l, _ := openLog(t, dir)
	require.NoError(t, l.Append([]byte("a")))
	require.NoError(t, l.Close())
	boom := errors.New("boom")
	_, err := OpenLog(dir, func([]byte) error { return boom })
	require.ErrorIs(t, err, boom)
	_, got := openLog(t, dir)
	assert.Equal(t, []string{"a"}, got)
}

func TestALockGivesTheSameFolderAgain(t *testing.T) {
	dir := t.TempDir()
	first, release, err := Lock(dir)
	require.NoError(t, err)
	second, release2, err := Lock(dir)
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
	release2()
	release()
	release()
	again, release, err := Lock(dir)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	release()
	_, _, err = Lock("")
	require.Error(t, err)
}
