package perfmon

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// host reads /proc and the control groups, of versions 1 and 2. The files are
// opened once and read anew at each sample: the kernel makes their content when
// they are read, so nothing waits for a disk and nothing is allocated.
type host struct {
	buf         [4096]byte
	statm       *os.File
	fds         *os.File
	fdsConn     syscall.RawConn
	fdsStat     func(fd uintptr) // bound once
	fdsCount    float64
	pageSize    float64
	machine     float64
	memoryMax   []*os.File // of this control group and those around it: the least holds
	cpuMax      []quota
	cpuStat     *os.File
	perThrottle float64 // seconds in the unit of cpuStat
	throttleKey []byte
	open        []*os.File
}

// quota is a CPU limit: both figures in one file (version 2) or in two.
type quota struct{ quota, period *os.File }

// openHost finds the files below root, which is "/" but in tests.
func openHost(root string) *host {
	h := &host{pageSize: float64(os.Getpagesize()), machine: math.NaN()}
	h.statm = h.file(filepath.Join(root, "proc/self/statm"))
	if h.fds = h.file(filepath.Join(root, "proc/self/fd")); h.fds != nil {
		h.fdsConn, _ = h.fds.SyscallConn() // it errs for a nil file only
		h.fdsStat = h.statFiles
	}
	if info := h.file(filepath.Join(root, "proc/meminfo")); info != nil {
		if kib, ok := valueOf(h.content(info), []byte("MemTotal:")); ok {
			h.machine = kib * 1024
		}
	}
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup")) //nolint:gosec // a fixed path
	if err != nil {
		return h
	}
	h.findGroups(filepath.Join(root, "sys/fs/cgroup"), string(groups))
	return h
}

// findGroups opens the limits of the control groups that /proc/self/cgroup
// names, a line each: "0::/path" in version 2, "4:cpu,cpuacct:/path" in 1.
func (h *host) findGroups(mount, lines string) {
	for line := range strings.Lines(lines) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[1] == "" {
			for _, dir := range upwards(mount, parts[2]) {
				h.limit(&h.memoryMax, filepath.Join(dir, "memory.max"))
				if f := h.file(filepath.Join(dir, "cpu.max")); f != nil {
					h.cpuMax = append(h.cpuMax, quota{quota: f})
				}
				h.stat(filepath.Join(dir, "cpu.stat"), "throttled_usec", 1e-6)
			}
			continue
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			for _, dir := range upwards(filepath.Join(mount, controller), parts[2]) {
				switch controller {
				case "memory":
					h.limit(&h.memoryMax, filepath.Join(dir, "memory.limit_in_bytes"))
				case "cpu":
					q := quota{h.file(filepath.Join(dir, "cpu.cfs_quota_us")), h.file(filepath.Join(dir, "cpu.cfs_period_us"))}
					if q.quota != nil && q.period != nil {
						h.cpuMax = append(h.cpuMax, q)
					}
					h.stat(filepath.Join(dir, "cpu.stat"), "throttled_time", 1e-9)
				}
			}
		}
	}
}

// upwards are the folders from a control group to the root of its mount. In a
// container the path may be that of the host, which is not there.
func upwards(mount, path string) (dirs []string) {
	path = filepath.Clean("/" + path)
	for ; path != "/"; path = filepath.Dir(path) {
		dirs = append(dirs, filepath.Join(mount, path))
	}
	return append(dirs, mount)
}

func (h *host) limit(all *[]*os.File, path string) {
	if f := h.file(path); f != nil {
		*all = append(*all, f)
	}
}

// stat takes the first one, which is that of the process's own control group.
func (h *host) stat(path, key string, seconds float64) {
	if h.cpuStat == nil {
		if h.cpuStat = h.file(path); h.cpuStat != nil {
			h.throttleKey, h.perThrottle = []byte(key), seconds
		}
	}
}

func (h *host) file(path string) *os.File {
	f, err := os.Open(path) //nolint:gosec // below /proc and /sys
	if err != nil {
		return nil
	}
	h.open = append(h.open, f)
	return f
}

func (h *host) close() {
	for _, f := range h.open {
		_ = f.Close()
	}
}

// content is valid until the next call.
func (h *host) content(f *os.File) []byte {
	n, _ := f.ReadAt(h.buf[:], 0) // io.EOF, or closed: then it is empty
	return h.buf[:n]
}

// read reads all of it.
func (h *host) read() hostFigures {
	got := unknownHost()
	got.machineMemory = h.machine
	if h.statm != nil { // pages: all, and those in memory
		_, rest, _ := bytes.Cut(h.content(h.statm), []byte(" "))
		if pages, ok := number(rest); ok {
			got.memory = pages * h.pageSize
		}
	}
	for _, f := range h.memoryMax {
		if limit, ok := number(h.content(f)); ok && limit < 1<<60 { // version 1 says so of no limit
			got.memoryLimit = min(got.memoryLimit, limit)
		}
	}
	for _, q := range h.cpuMax {
		got.cpuLimit = min(got.cpuLimit, h.cpus(q))
	}
	if h.cpuStat != nil {
		if v, ok := valueOf(h.content(h.cpuStat), h.throttleKey); ok {
			got.throttled = v * h.perThrottle
		}
	}
	got.files = h.countFiles()
	return got
}

// cpus is infinite for "max 100000" and for a quota of -1.
func (h *host) cpus(q quota) float64 {
	text := h.content(q.quota)
	us, ok := number(text)
	var period float64
	if q.period == nil {
		_, rest, _ := bytes.Cut(text, []byte(" "))
		period, _ = number(rest)
	} else {
		period, _ = number(h.content(q.period))
	}
	if !ok || us <= 0 || period <= 0 {
		return math.Inf(1)
	}
	return us / period
}

// countFiles is the size of the folder, since Linux 6.2; before, its entries
// are counted.
func (h *host) countFiles() float64 {
	if h.fds == nil {
		return math.NaN()
	}
	h.fdsCount = math.NaN()
	if err := h.fdsConn.Control(h.fdsStat); err != nil || !math.IsNaN(h.fdsCount) {
		return h.fdsCount
	}
	entries, err := os.ReadDir(h.fds.Name())
	if err != nil || len(entries) == 0 {
		return math.NaN()
	}
	return float64(len(entries))
}

func (h *host) statFiles(fd uintptr) {
	var st syscall.Stat_t
	if syscall.Fstat(int(fd), &st) == nil && st.Size > 0 {
		h.fdsCount = float64(st.Size)
	}
}

// number reads the digits that b starts with.
func number(b []byte) (v float64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		v, ok = v*10+float64(c-'0'), true
	}
	return v, ok
}

// valueOf finds a line that starts with key and reads the number after it.
func valueOf(text, key []byte) (float64, bool) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		if after, found := bytes.CutPrefix(line, key); found && len(after) > 0 && after[0] == ' ' {
			return number(bytes.TrimLeft(after, " "))
		}
		text = rest
	}
	return 0, false
}
