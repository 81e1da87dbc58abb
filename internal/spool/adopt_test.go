package spool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALivingProcessAdoptsWhatADeadOneLeft(t *testing.T) {
	dir := t.TempDir()
	living, dying := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	put(t, living, "a", "b")
	put(t, dying, "c", "d", "e")
	n, err := living.Adopt()
	require.NoError(t, err)
	assert.Zero(t, n, "it is not dead")
	require.NoError(t, dying.Done(2))
	require.NoError(t, dying.Close())

	n, err = living.Adopt()
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	put(t, living, "f")
	assert.Equal(t, []string{"a", "b", "c", "e", "f"}, all(t, living))
	n, err = living.Adopt()
	require.NoError(t, err)
	assert.Zero(t, n, "once")

	for e, err := living.Next(context.Background(), 0); e.Seq != 0 && living.Len() > 1; e, err = living.Next(context.Background(), 0) {
		require.NoError(t, err)
		require.NoError(t, living.Done(e.Seq))
	}
	require.NoError(t, living.Close())
	assert.Equal(t, []string{"f"}, all(t, open(t, Config{Dir: dir})))
}

func TestAdoptingWakesWhoWaits(t *testing.T) {
	dir := t.TempDir()
	living, dying := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	put(t, dying, "x")
	require.NoError(t, dying.Close())
	_, news, err := living.Poll(0)
	require.NoError(t, err)
	_, err = living.Adopt()
	require.NoError(t, err)
	<-news
	assert.Equal(t, []string{"x"}, all(t, living))
}

func TestWhatThereIsNoRoomForIsNotAdoptedYet(t *testing.T) {
	dir := t.TempDir()
	living, dying := open(t, Config{Dir: dir, MaxBytes: 20_000}), open(t, Config{Dir: dir})
	seqs := put(t, living, strings.Repeat("a", 9000), strings.Repeat("b", 9000))
	put(t, dying, strings.Repeat("c", 5000))
	require.NoError(t, dying.Close())
	n, err := living.Adopt()
	require.NoError(t, err)
	assert.Zero(t, n)
	require.NoError(t, living.Done(seqs[0]))
	require.NoError(t, living.Done(seqs[1]))
	n, err = living.Adopt()
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestAdoptingSkipsDamageAndTornEnds(t *testing.T) {
	dir := t.TempDir()
	living, dying := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	put(t, dying, "first", "second", "third")
	require.NoError(t, dying.Close())
	files, err := filepath.Glob(filepath.Join(dir, "1", "*.seg"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	b, err := os.ReadFile(files[0])
	require.NoError(t, err)
	b[strings.Index(string(b), "second")]++
	require.NoError(t, os.WriteFile(files[0], append(b, "torn"...), 0o600))
	n, err := living.Adopt()
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	assert.Equal(t, []string{"first", "third"}, all(t, living))
	assert.EqualValues(t, 1, living.Damaged())
}

func TestAdoptingBesideAppendsLosesNothing(t *testing.T) {
	dir := t.TempDir()
	living := open(t, Config{Dir: dir})
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range 300 {
			put(t, living, fmt.Sprintf("living %d", i))
		}
	})
	for round := range 10 {
		dying := open(t, Config{Dir: dir})
		for i := range 10 {
			put(t, dying, fmt.Sprintf("dead %d %d", round, i))
		}
		require.NoError(t, dying.Close())
		n, err := living.Adopt()
		require.NoError(t, err)
		assert.Equal(t, 10, n)
	}
	wait.Wait()
	assert.Len(t, all(t, living), 400)
	require.NoError(t, living.Close())
	assert.Len(t, all(t, open(t, Config{Dir: dir})), 400)
}

func TestAMemoryQueueAdoptsNothing(t *testing.T) {
	n, err := open(t, Config{}).Adopt()
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestRoomIsWhatIsLeftWithoutWhatIsDone(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		q := open(t, Config{Dir: dir, MaxBytes: 10_000})
		before := q.Room()
		seqs := put(t, q, strings.Repeat("x", 1000), strings.Repeat("y", 1000))
		assert.InDelta(t, before-2*(1000+headerSize), q.Room(), 16)
		require.NoError(t, q.Done(seqs[0]))
		assert.InDelta(t, before-(1000+headerSize), q.Room(), 16)
	}
}
