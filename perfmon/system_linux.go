package perfmon

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// system reads /proc and the control groups, of versions 1 and 2. The files are
// opened once and read anew at each sample: the kernel makes their content when
// they are read, so nothing waits for a disk and nothing is allocated.
type system struct {
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

// openSystem finds the files below root, which is "/" but in tests.
func openSystem(root string) *system {
	s := &system{pageSize: float64(os.Getpagesize()), machine: math.NaN()}
	s.statm = s.file(filepath.Join(root, "proc/self/statm"))
	if s.fds = s.file(filepath.Join(root, "proc/self/fd")); s.fds != nil {
		s.fdsConn, _ = s.fds.SyscallConn() // it errs for a nil file only
		s.fdsStat = s.statFiles
	}
	if info := s.file(filepath.Join(root, "proc/meminfo")); info != nil {
		if kib, ok := valueOf(s.content(info), []byte("MemTotal:")); ok {
			s.machine = kib * 1024
		}
	}
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup")) //nolint:gosec // a fixed path
	if err != nil {
		return s
	}
	s.findGroups(filepath.Join(root, "sys/fs/cgroup"), string(groups))
	return s
}

// findGroups opens the limits of the control groups that /proc/self/cgroup
// names, a line each: "0::/path" in version 2, "4:cpu,cpuacct:/path" in 1.
func (s *system) findGroups(mount, lines string) {
	for line := range strings.Lines(lines) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[1] == "" {
			for _, dir := range upwards(mount, parts[2]) {
				s.limit(&s.memoryMax, filepath.Join(dir, "memory.max"))
				if f := s.file(filepath.Join(dir, "cpu.max")); f != nil {
					s.cpuMax = append(s.cpuMax, quota{quota: f})
				}
				s.stat(filepath.Join(dir, "cpu.stat"), "throttled_usec", 1e-6)
			}
			continue
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			for _, dir := range upwards(filepath.Join(mount, controller), parts[2]) {
				switch controller {
				case "memory":
					s.limit(&s.memoryMax, filepath.Join(dir, "memory.limit_in_bytes"))
				case "cpu":
					q := quota{s.file(filepath.Join(dir, "cpu.cfs_quota_us")), s.file(filepath.Join(dir, "cpu.cfs_period_us"))}
					if q.quota != nil && q.period != nil {
						s.cpuMax = append(s.cpuMax, q)
					}
					s.stat(filepath.Join(dir, "cpu.stat"), "throttled_time", 1e-9)
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

func (s *system) limit(all *[]*os.File, path string) {
	if f := s.file(path); f != nil {
		*all = append(*all, f)
	}
}

// stat takes the first one, which is that of the process's own control group.
func (s *system) stat(path, key string, seconds float64) {
	if s.cpuStat == nil {
		if s.cpuStat = s.file(path); s.cpuStat != nil {
			s.throttleKey, s.perThrottle = []byte(key), seconds
		}
	}
}

func (s *system) file(path string) *os.File {
	f, err := os.Open(path) //nolint:gosec // below /proc and /sys
	if err != nil {
		return nil
	}
	s.open = append(s.open, f)
	return f
}

func (s *system) close() {
	for _, f := range s.open {
		_ = f.Close()
	}
}

// content is valid until the next call.
func (s *system) content(f *os.File) []byte {
	n, _ := f.ReadAt(s.buf[:], 0) // io.EOF, or closed: then it is empty
	return s.buf[:n]
}

// read reads all of it.
func (s *system) read() systemFigures {
	got := unknownSystem()
	got.machineMemory = s.machine
	if s.statm != nil { // pages: all, and those in memory
		_, rest, _ := bytes.Cut(s.content(s.statm), []byte(" "))
		if pages, ok := number(rest); ok {
			got.memory = pages * s.pageSize
		}
	}
	for _, f := range s.memoryMax {
		if limit, ok := number(s.content(f)); ok && limit < 1<<60 { // version 1 says so of no limit
			got.memoryLimit = min(got.memoryLimit, limit)
		}
	}
	for _, q := range s.cpuMax {
		got.cpuLimit = min(got.cpuLimit, s.cpus(q))
	}
	if s.cpuStat != nil {
		if v, ok := valueOf(s.content(s.cpuStat), s.throttleKey); ok {
			got.throttled = v * s.perThrottle
		}
	}
	got.files = s.countFiles()
	return got
}

// cpus is infinite for "max 100000" and for a quota of -1.
func (s *system) cpus(q quota) float64 {
	text := s.content(q.quota)
	us, ok := number(text)
	var period float64
	if q.period == nil {
		_, rest, _ := bytes.Cut(text, []byte(" "))
		period, _ = number(rest)
	} else {
		period, _ = number(s.content(q.period))
	}
	if !ok || us <= 0 || period <= 0 {
		return math.Inf(1)
	}
	return us / period
}

// countFiles is the size of the folder, since Linux 6.2; before, its entries
// are counted.
func (s *system) countFiles() float64 {
	if s.fds == nil {
		return math.NaN()
	}
	s.fdsCount = math.NaN()
	if err := s.fdsConn.Control(s.fdsStat); err != nil || !math.IsNaN(s.fdsCount) {
		return s.fdsCount
	}
	entries, err := os.ReadDir(s.fds.Name())
	if err != nil || len(entries) == 0 {
		return math.NaN()
	}
	return float64(len(entries))
}

func (s *system) statFiles(fd uintptr) {
	var st syscall.Stat_t
	if syscall.Fstat(int(fd), &st) == nil && st.Size > 0 {
		s.fdsCount = float64(st.Size)
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
