package main

import (
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// pinSelf keeps all threads of the process on the first core that it may use,
// if there is another for the server; unpin undoes it.
func pinSelf() (unpin func(), ok bool) {
	var before unix.CPUSet
	if unix.SchedGetaffinity(0, &before) != nil || before.Count() < 2 {
		return func() {}, false
	}
	procs := runtime.GOMAXPROCS(1)
	unpin = func() {
		setThreads(&before)
		runtime.GOMAXPROCS(procs)
	}
	return unpin, setThreads(core(&before, 0))
}

// pinServer keeps a process of the server on the second core.
func pinServer(pid int) bool {
	var all unix.CPUSet
	if unix.SchedGetaffinity(pid, &all) != nil {
		return false
	}
	if all.Count() < 2 {
		return true // already
	}
	return unix.SchedSetaffinity(pid, core(&all, 1)) == nil
}

// core is the nth of those in the set.
func core(all *unix.CPUSet, n int) *unix.CPUSet {
	var one unix.CPUSet
	for cpu := 0; ; cpu++ {
		if all.IsSet(cpu) {
			if n == 0 {
				one.Set(cpu)
				return &one
			}
			n--
		}
	}
}

func setThreads(to *unix.CPUSet) bool {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil || unix.SchedSetaffinity(id, to) != nil {
			return false
		}
	}
	return true
}
