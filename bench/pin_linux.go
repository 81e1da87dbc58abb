package main

import (
	"os"
	"runtime"
	"strconv"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// pin puts this process on the first core and the connections' server processes
// on the second. It reports whether that could be done; undo takes it back.
func pin(conns []*pgx.Conn) (pinned bool, undo func()) {
	undo = func() {}
	if runtime.NumCPU() < 2 {
		return false, undo
	}
	var all, first, second unix.CPUSet
	if unix.SchedGetaffinity(0, &all) != nil {
		return false, undo
	}
	first.Set(0)
	second.Set(1)
	for _, c := range conns {
		if unix.SchedSetaffinity(int(c.PgConn().PID()), &second) != nil {
			return false, undo
		}
	}
	before := runtime.GOMAXPROCS(1)
	undo = func() {
		eachThread(&all)
		runtime.GOMAXPROCS(before)
	}
	return eachThread(&first), undo
}

// eachThread puts all threads of this process on some cores.
func eachThread(on *unix.CPUSet) bool {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err == nil {
			err = unix.SchedSetaffinity(id, on)
		}
		if err != nil {
			return false
		}
	}
	return true
}
