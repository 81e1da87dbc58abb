package perfmon

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine lays out files below a root.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		path = filepath.Join(root, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return root
}

const proc = "proc/self/"

func TestLimitsOfContainers(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for name, c := range map[string]struct {
		files                  map[string]string
		memory, cpu, throttled float64
	}{
		"no control groups": {map[string]string{}, inf, inf, nan},
		"version 2, in its own namespace": {map[string]string{
			proc + "cgroup":              "0::/\n",
			"sys/fs/cgroup/memory.max":   "536870912\n",
			"sys/fs/cgroup/cpu.max":      "150000 100000\n",
			"sys/fs/cgroup/cpu.stat":     "usage_usec 99\nnr_throttled 3\nthrottled_usec 2500000\n",
			"sys/fs/cgroup/memory.other": "1",
		}, 512 << 20, 1.5, 2.5},
		"version 2, without limits": {map[string]string{
			proc + "cgroup":            "0::/\n",
			"sys/fs/cgroup/memory.max": "max\n",
			"sys/fs/cgroup/cpu.max":    "max 100000\n",
		}, inf, inf, nan},
		"version 2, the limit is further up": {map[string]string{
			proc + "cgroup":                         "0::/pods/shop\n",
			"sys/fs/cgroup/pods/shop/memory.max":    "max\n",
			"sys/fs/cgroup/pods/shop/cpu.max":       "400000 100000\n",
			"sys/fs/cgroup/pods/memory.max":         "1048576\n",
			"sys/fs/cgroup/pods/cpu.max":            "200000 100000\n",
			"sys/fs/cgroup/pods/shop/cpu.stat":      "throttled_usec 1000000\n",
			"sys/fs/cgroup/pods/cpu.stat":           "throttled_usec 9000000\n",
			"sys/fs/cgroup/pods/shop/memory.events": "",
		}, 1 << 20, 2, 1},
		"version 2, the path is the host's": {map[string]string{
			proc + "cgroup":            "0::/system.slice/docker-4f2a.scope\n",
			"sys/fs/cgroup/memory.max": "2097152\n",
			"sys/fs/cgroup/cpu.max":    "50000 100000\n",
		}, 2 << 20, 0.5, nan},
		"version 1": {map[string]string{
			proc + "cgroup": "5:memory:/docker/4f\n4:cpu,cpuacct:/docker/4f\n1:name=systemd:/\n",
			"sys/fs/cgroup/memory/docker/4f/memory.limit_in_bytes": "268435456\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":           "9223372036854771712\n",
			"sys/fs/cgroup/cpu/docker/4f/cpu.cfs_quota_us":         "25000\n",
			"sys/fs/cgroup/cpu/docker/4f/cpu.cfs_period_us":        "100000\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":                   "-1\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us":                  "100000\n",
			"sys/fs/cgroup/cpu/docker/4f/cpu.stat":                 "nr_periods 9\nnr_throttled 2\nthrottled_time 1500000000\n",
		}, 256 << 20, 0.25, 1.5},
		"nonsense": {map[string]string{
			proc + "cgroup":            "\n::\n0::/../../etc\nx",
			"sys/fs/cgroup/memory.max": "many\n",
			"sys/fs/cgroup/cpu.max":    "0 0\n",
			"sys/fs/cgroup/cpu.stat":   "throttled_usec\n",
		}, inf, inf, nan},
	} {
		t.Run(name, func(t *testing.T) {
			h := openSystem(machine(t, c.files))
			defer h.close()
			for range 2 { // read anew from the start
				got := h.read()
				for what, pair := range map[string][2]float64{
					"memory": {c.memory, got.memoryLimit}, "cpu": {c.cpu, got.cpuLimit}, "throttled": {c.throttled, got.throttled},
				} {
					assert.True(t, pair[0] == pair[1] || math.IsNaN(pair[0]) && math.IsNaN(pair[1]), "%s: %v", what, pair)
				}
			}
		})
	}
}

func TestALimitThatIsChangedIsSeen(t *testing.T) {
	root := machine(t, map[string]string{proc + "cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1048576\n"})
	h := openSystem(root)
	assert.InDelta(t, 1<<20, h.read().memoryLimit, 0)
	require.NoError(t, os.WriteFile(filepath.Join(root, "sys/fs/cgroup/memory.max"), []byte("2097152\n"), 0o600))
	assert.InDelta(t, 2<<20, h.read().memoryLimit, 0)
	h.close()
	assert.True(t, math.IsInf(h.read().memoryLimit, 1), "closed: nothing is known")
}

func TestMemoryOfProcessAndMachine(t *testing.T) {
	h := openSystem(machine(t, map[string]string{
		proc + "statm":  "306802 578 414 175 0 10201 0\n",
		"proc/meminfo":  "MemTotal:        4030464 kB\nMemFree: 1 kB\n",
		proc + "cgroup": "",
	}))
	defer h.close()
	got := h.read()
	assert.InDelta(t, 578*os.Getpagesize(), got.memory, 0)
	assert.InDelta(t, 4030464*1024, got.machineMemory, 0)
	assert.True(t, math.IsNaN(got.files))
}
