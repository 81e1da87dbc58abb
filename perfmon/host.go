package perfmon

import "math"

// hostFigures are NaN where they are not known; a limit is infinite where
// there is none.
type hostFigures struct {
	memory, machineMemory, memoryLimit float64 // bytes
	cpuLimit                           float64 // CPUs
	throttled                          float64 // seconds
	files                              float64
}

func unknownHost() hostFigures {
	nan, inf := math.NaN(), math.Inf(1)
	return hostFigures{memory: nan, machineMemory: nan, memoryLimit: inf, cpuLimit: inf, throttled: nan, files: nan}
}
