//go:build unix

package perfmon

import "syscall"

// cpuTimes are the seconds of CPU that the process has used.
func cpuTimes() (user, system float64, ok bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0, false
	}
	return float64(u.Utime.Nano()) / 1e9, float64(u.Stime.Nano()) / 1e9, true
}
