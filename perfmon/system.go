package perfmon

import "math"

// systemFigures are NaN where they are not known; a limit is infinite where
// there is none.
type systemFigures struct {
	memory, machineMemory, memoryLimit float64 // bytes
	cpuLimit                           float64 // CPUs
	throttled                          float64 // seconds
	files                              float64
}

func unknownSystem() systemFigures {
	nan, inf := math.NaN(), math.Inf(1)
	return systemFigures{memory: nan, machineMemory: nan, memoryLimit: inf, cpuLimit: inf, throttled: nan, files: nan}
}
