package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func open(t testing.TB, c Config) *Queue {
	t.Helper()
	q, err := Open(c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = q.Close() })
	return q
}

func put(t testing.TB, q *Queue, data ...string) (seqs []uint64) {
	t.Helper()
	for _, d := range data {
		seq, err := q.Append([]byte(d), false)
		require.NoError(t, err)
		seqs = append(seqs, seq)
	}
	return seqs
}

// all reads what waits, without taking it off.
func all(t testing.TB, q *Queue) (got []string) {
	t.Helper()
	var after uint64
	for range q.Len() {
		e, err := q.Next(context.Background(), after)
		require.NoError(t, err)
		got, after = append(got, string(e.Data)), e.Seq
	}
	return got
}

func forEachMode(t *testing.T, f func(t *testing.T, dir string)) {
	t.Run("memory", func(t *testing.T) { f(t, "") })
	t.Run("disk", func(t *testing.T) { f(t, t.TempDir()) })
}

func TestRecordsComeInOrderUntilTheyAreDone(t *testing.T) {
	forEachMode(t, func(t *testing.T, dir string) {
		q := open(t, Config{Dir: dir})
		assert.Equal(t, dir != "", q.Persistent())
		seqs := put(t, q, "a", "b", "", "d")
		assert.Equal(t, []string{"a", "b", "", "d"}, all(t, q))
		require.NoError(t, q.Done(seqs[1]))
		require.NoError(t, q.Done(seqs[1]), "twice is no error")
		require.NoError(t, q.Done(99), "unknown is no error")
		assert.Equal(t, []string{"a", "", "d"}, all(t, q))
		assert.Equal(t, 3, q.Len())
		for _, seq := range seqs {
			require.NoError(t, q.Done(seq))
		}
		assert.Zero(t, q.Len())
	})
}

func TestAppendKeepsACopy(t *testing.T) {
	forEachMode(t, func(t *testing.T, dir string) {
		q := open(t, Config{Dir: dir})
		b := []byte("before")
		_, err := q.Append(b, true)
		require.NoError(t, err)
		copy(b, "after!")
		assert.Equal(t, []string{"before"}, all(t, q))
	})
}

func TestWhatIsNotDoneIsThereAfterReopening(t *testing.T) {
	dir := t.TempDir()
	q := open(t, Config{Dir: dir})
	seqs := put(t, q, "a", "b", "c")
	require.NoError(t, q.Done(seqs[1]))
	require.NoError(t, q.Close())
	require.NoError(t, q.Close(), "twice")
	_, err := q.Append([]byte("x"), false)
	require.ErrorIs(t, err, ErrClosed)
	_, err = q.Next(context.Background(), 0)
	require.ErrorIs(t, err, ErrClosed)

	q = open(t, Config{Dir: dir})
	put(t, q, "d")
	assert.Equal(t, []string{"a", "c", "d"}, all(t, q))
}

func TestAnEmptyQueueLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	q := open(t, Config{Dir: dir})
	for _, seq := range put(t, q, "a", "b") {
		require.NoError(t, q.Done(seq))
	}
	require.NoError(t, q.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	require.NoError(t, err)
	assert.Empty(t, files)
}

func TestTwoQueuesOnOneFolderDoNotMeet(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	put(t, a, "1", "2")
	time.Sleep(time.Millisecond) // the files are ordered by the wall clock
	put(t, b, "3")
	assert.Equal(t, []string{"1", "2"}, all(t, a))
	assert.Equal(t, []string{"3"}, all(t, b))
	require.NoError(t, b.Close())
	require.NoError(t, a.Close())

	next := open(t, Config{Dir: dir})
	assert.Equal(t, []string{"1", "2", "3"}, all(t, next), "both are adopted")
	other := open(t, Config{Dir: dir})
	assert.Zero(t, other.Len(), "and are not adopted from the living")
}

func TestPastTheBoundAppendSaysFull(t *testing.T) {
	forEachMode(t, func(t *testing.T, dir string) {
		q := open(t, Config{Dir: dir, MaxBytes: 20_000})
		data := []byte(strings.Repeat("x", 1000))
		var seqs []uint64
		var err error
		for err == nil {
			var seq uint64
			if seq, err = q.Append(data, false); err == nil {
				seqs = append(seqs, seq)
			}
		}
		require.ErrorIs(t, err, ErrFull)
		assert.InDelta(t, 19, len(seqs), 1)
		assert.LessOrEqual(t, q.Bytes(), int64(20_000))
		_, err = q.Append(make([]byte, 21_000), false)
		require.ErrorIs(t, err, ErrFull)

		// Every other one done, out of order: their room can be used again.
		for i := 1; i < len(seqs); i += 2 {
			require.NoError(t, q.Done(seqs[i]))
		}
		for range len(seqs)/2 - 1 {
			_, err = q.Append(data, false)
			require.NoError(t, err)
		}
		assert.LessOrEqual(t, q.Bytes(), int64(20_000))
	})
}

func TestOneStuckRecordDoesNotKeepTheOthersOnDisk(t *testing.T) {
	q := open(t, Config{Dir: t.TempDir(), MaxBytes: 1 << 20})
	put(t, q, "stuck")
	for range 3000 {
		for _, seq := range put(t, q, strings.Repeat("x", 1000)) {
			require.NoError(t, q.Done(seq))
		}
	}
	assert.Equal(t, []string{"stuck"}, all(t, q))
	assert.Less(t, q.Bytes(), int64(200<<10))
}

func TestNextWaitsForAppendAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, Config{})
		ctx, cancel := context.WithCancel(context.Background())
		got := make(chan string, 1)
		go func() {
			e, _ := q.Next(ctx, 0)
			got <- string(e.Data)
			_, err := q.Next(ctx, e.Seq)
			got <- fmt.Sprint(err)
		}()
		synctest.Wait()
		put(t, q, "a")
		assert.Equal(t, "a", <-got)
		synctest.Wait()
		cancel()
		assert.Equal(t, "context canceled", <-got)
	})
}

func TestAFolderThatCannotBeUsedFallsBackToMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	q, err := Open(Config{Dir: filepath.Join(file, "below")})
	require.Error(t, err)
	require.NotNil(t, q)
	assert.False(t, q.Persistent())
	put(t, q, "kept")
	assert.Equal(t, []string{"kept"}, all(t, q))
	require.NoError(t, q.Close())
}

func TestATornEndIsCutAndAnythingElseIsKept(t *testing.T) {
	records := []string{"first", strings.Repeat("second", 100), "third"}
	whole := []byte(fileHeader)
	var ends []int
	for _, r := range records {
		whole = appendRecord(whole, []byte(r))
		ends = append(ends, len(whole))
	}
	for cut := 0; cut <= len(whole); cut++ {
		want := 0
		for want < len(ends) && ends[want] <= cut {
			want++
		}
		dir := t.TempDir()
		own := filepath.Join(dir, "0")
		require.NoError(t, os.MkdirAll(own, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(own, "00000000000000000001.seg"), whole[:cut], 0o600))
		q, err := Open(Config{Dir: dir})
		require.NoError(t, err)
		require.Equal(t, append([]string(nil), records[:want]...), all(t, q), "cut at %d", cut)
		require.Zero(t, q.Damaged())
		put(t, q, "after")
		require.NoError(t, q.Close())
	}
}

func TestADamagedRecordIsSkippedAndCounted(t *testing.T) {
	dir := t.TempDir()
	q := open(t, Config{Dir: dir})
	put(t, q, "first", "second", "third")
	require.NoError(t, q.Close())
	flip(t, dir, "second")
	q = open(t, Config{Dir: dir})
	assert.Equal(t, []string{"first", "third"}, all(t, q))
	assert.EqualValues(t, 1, q.Damaged())

	flip(t, dir, "first") // behind the back of a running process
	e, err := q.Next(context.Background(), 0)
	require.NoError(t, err)
	assert.Equal(t, "third", string(e.Data))
	assert.EqualValues(t, 2, q.Damaged())
	assert.Equal(t, 1, q.Len())
}

func flip(t *testing.T, dir, text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	b, err := os.ReadFile(files[0])
	require.NoError(t, err)
	i := strings.Index(string(b), text)
	require.Positive(t, i)
	b[i] ^= 1
	require.NoError(t, os.WriteFile(files[0], b, 0o600))
}

func TestAFailedWriteIsReturnedAndLeavesTheQueueWhole(t *testing.T) {
	dir := t.TempDir()
	q := open(t, Config{Dir: dir})
	put(t, q, "a")
	q.mu.Lock()
	require.NoError(t, q.disk.active.file.Close()) // as a disk that fails does
	q.mu.Unlock()
	_, err := q.Append([]byte("b"), true)
	require.Error(t, err)
	assert.NotErrorIs(t, err, ErrFull)
	assert.Equal(t, 1, q.Len())
	q.mu.Lock()
	q.disk.active.file = nil
	require.NoError(t, q.disk.active.open())
	q.mu.Unlock()
	put(t, q, "c")
	assert.Equal(t, []string{"a", "c"}, all(t, q))
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	dir := t.TempDir()
	q := open(t, Config{Dir: dir})
	put(t, q, "a")
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "0"), func(path string, e os.DirEntry, err error) error {
		info, _ := e.Info()
		assert.Zero(t, info.Mode().Perm()&0o077, path)
		return err
	}))
}

func TestManyAtOnceLoseNothing(t *testing.T) {
	forEachMode(t, func(t *testing.T, dir string) {
		q := open(t, Config{Dir: dir, MaxBytes: 4 << 20, Sync: time.Millisecond})
		const writers, each = 8, 200
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					_, err := q.Append(fmt.Appendf(nil, "%d/%d", w, i), i%20 == 0)
					assert.NoError(t, err)
				}
			})
		}
		last := map[int]int{}
		for range writers * each {
			e, err := q.Next(context.Background(), 0)
			require.NoError(t, err)
			var w, i int
			_, err = fmt.Sscanf(string(e.Data), "%d/%d", &w, &i)
			require.NoError(t, err)
			require.Equal(t, last[w], i)
			last[w]++
			require.NoError(t, q.Done(e.Seq))
		}
		wg.Wait()
		assert.Zero(t, q.Len())
	})
}

func TestOpenAndCloseKeepNoFileDescriptor(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc/self/fd")
	}
	count := func() int {
		fds, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		return len(fds)
	}
	dir := t.TempDir()
	before := count()
	for range 10 {
		q := open(t, Config{Dir: dir, MaxBytes: 1 << 20})
		for range 200 { // several files
			put(t, q, strings.Repeat("x", 1000))
		}
		assert.LessOrEqual(t, count(), before+12)
		for _, e := range []uint64{3, 100, 199, 50} {
			require.NoError(t, q.Done(e))
		}
		all(t, q)
		require.NoError(t, q.Close())
		l, err := OpenLog(filepath.Join(dir, "log"), func([]byte) error { return nil })
		require.NoError(t, err)
		require.NoError(t, l.Close())
		for _, f := range []string{"0"} {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, f)))
		}
	}
	assert.Equal(t, before, count())
}

// The queue, closed and opened again at any time, is the slice that a model keeps.
func TestTheQueueBehavesAsItsModel(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		if err != nil {
			t.Fatal(err)
		}
		q, err := Open(Config{Dir: dir, MaxBytes: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		type rec struct {
			seq  uint64
			data string
		}
		var model []rec
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				data := strings.Repeat("d", rapid.IntRange(0, 3000).Draw(t, "n"))
				seq, err := q.Append([]byte(data), rapid.IntRange(0, 20).Draw(t, "durable") == 0)
				if errors.Is(err, ErrFull) {
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				model = append(model, rec{seq, data})
			},
			"done": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip("empty")
				}
				i := rapid.IntRange(0, len(model)-1).Draw(t, "i")
				if err := q.Done(model[i].seq); err != nil {
					t.Fatal(err)
				}
				model = append(model[:i], model[i+1:]...)
			},
			"reopen": func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "often") != 0 {
					t.Skip("not now")
				}
				if err := q.Close(); err != nil {
					t.Fatal(err)
				}
				if q, err = Open(Config{Dir: dir, MaxBytes: 64 << 10}); err != nil {
					t.Fatal(err)
				}
				for i := range model {
					model[i].seq = uint64(i + 1)
				}
			},
			"": func(t *rapid.T) {
				if q.Len() != len(model) {
					t.Fatalf("%d records, want %d", q.Len(), len(model))
				}
				var after uint64
				for _, want := range model {
					e, err := q.Next(context.Background(), after)
					if err != nil || e.Seq != want.seq || string(e.Data) != want.data {
						t.Fatalf("got %d %q %v, want %d %q", e.Seq, e.Data, err, want.seq, want.data)
					}
					after = e.Seq
				}
				if q.Bytes() > 64<<10 {
					t.Fatalf("holds %d bytes", q.Bytes())
				}
			},
		})
		_ = q.Close()
	})
}

func TestSyncMakesAllDurable(t *testing.T) {
	forEachMode(t, func(t *testing.T, dir string) {
		q := open(t, Config{Dir: dir, Sync: time.Hour})
		put(t, q, "a", "b")
		require.NoError(t, q.Sync())
		if q.disk != nil {
			assert.Equal(t, q.disk.written, q.disk.synced)
		}
		require.NoError(t, q.Close())
		require.NoError(t, q.Sync())
	})
}
