package errortracking

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	stormCaptures     = 100_000
	stormFingerprints = 1000
	stormMiB          = 64
)

// storm captures without a pause, as far as memory shows.
func storm(t *Tracker) {
	first := make(map[int]string, stormFingerprints)
	for i := range stormCaptures {
		n := i % stormFingerprints
		id := t.CaptureException(context.Background(), fmt.Errorf("storm: %w", errors.New(word(n))), "i", i)
		if _, ok := first[n]; !ok {
			first[n] = id
			promise(id)
		}
	}
	fmt.Println("peak", peakMiB())
	time.Sleep(50 * time.Millisecond)
	killSelf()
}

// peakMiB is the most memory that this process had; 0 where it is not known.
func peakMiB() int {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib >> 10
		}
	}
	return 0
}

func TestAStormAgainstADeadPortHoldsItsMemoryAndKeepsTheFirstOfEachFingerprint(t *testing.T) {
	for _, onDisk := range []bool{true, false} {
		t.Run(fmt.Sprintf("disk=%v", onDisk), func(t *testing.T) {
			dir := ""
			if onDisk {
				dir = t.TempDir()
			}
			promised, output := dies(t, "http://key@127.0.0.1:1/42", dir, "storm")
			require.Len(t, promised, stormFingerprints, output)
			_, after, ok := strings.Cut(output, "peak ")
			require.True(t, ok, output)
			peak, err := strconv.Atoi(strings.Fields(after)[0])
			require.NoError(t, err)
			t.Logf("peak %d MiB", peak)
			if runtime.GOOS == "linux" && !raceEnabled {
				assert.Positive(t, peak)
				assert.Less(t, peak, stormMiB)
			}
			if !onDisk {
				return
			}
			disk := segments(t, dir) // the next start's
			for i, id := range promised {
				assert.True(t, strings.Contains(disk, id), "the first of fingerprint %d", i)
			}
			t.Logf("%d events survive", strings.Count(disk, `{"type":"event"`))
		})
	}
}
