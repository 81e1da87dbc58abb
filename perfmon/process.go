package perfmon

import (
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/distri-night/monitoring/metric"
)

const (
	cpuTimeName     = "process.cpu.time"
	cpuUtilization  = "process.cpu.utilization"
	memoryUsage     = "process.memory.usage"
	memoryLimit     = "process.memory.limit"
	fileDescriptors = "process.unix.file_descriptor.count"
	throttledTime   = "container.cpu.throttled.time"
)

// process is what the operating system says of this process and of the
// container around it. Figures that a system does not have are left out.
type process struct {
	mu     sync.Mutex
	epoch  time.Time // monotonic
	system *system

	at, used, share float64 // of the last utilisation

	cpu, utilization, memory, files, uptime, limits, container, memoryMax, throttled, build metric.Family
}

func newProcess(start time.Time, root string) *process {
	family := func(kind metric.Kind, name, unit, help string) metric.Family {
		return metric.Family{Kind: kind, Start: start, Desc: metric.Desc{Name: name, Unit: unit, Help: help}, Points: make([]metric.Point, 1)}
	}
	p := &process{
		epoch: time.Now(), system: openSystem(root), share: math.NaN(),
		cpu:         family(metric.KindCounter, cpuTimeName, "s", "CPU time of the process."),
		utilization: family(metric.KindGauge, cpuUtilization, "1", "CPU time since the last sample, of what the container or else the machine allows."),
		memory:      family(metric.KindGauge, memoryUsage, "By", "Physical memory of the process."),
		memoryMax:   family(metric.KindGauge, memoryLimit, "By", "Memory that the container or else the machine allows."),
		files:       family(metric.KindGauge, fileDescriptors, "{file_descriptor}", "Files and connections that are open."),
		uptime:      family(metric.KindGauge, "process.uptime", "s", "Time since the monitoring of the process began."),
		limits:      family(metric.KindGauge, "container.cpu.limit", "{cpu}", "CPUs that the container may use, where it has a limit."),
		container:   family(metric.KindGauge, "container.memory.limit", "By", "Memory that the container may use, where it has a limit."),
		throttled:   family(metric.KindCounter, throttledTime, "s", "Time that the container was held back for its CPU limit."),
		build:       family(metric.KindGauge, "process.build.info", "1", "What the process was built from."),
	}
	p.cpu.Keys = []string{"cpu.mode"}
	p.cpu.Points = []metric.Point{{Values: []string{"user"}}, {Values: []string{"system"}}}
	b := ReadBuild()
	modified := "false"
	if b.Modified {
		modified = "true"
	}
	p.build.Keys = []string{"process.runtime.version", "module.version", "vcs.ref.head.revision", "vcs.modified"}
	p.build.Points = []metric.Point{{Values: []string{b.GoVersion, b.Version, b.Revision, modified}, Value: 1}}
	return p
}

// produce emits what there is.
func (p *process) produce(emit func(metric.Family)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := time.Since(p.epoch).Seconds()
	p.gauge(emit, &p.uptime, elapsed)
	emit(p.build)
	h := p.system.read()
	cpus := min(h.cpuLimit, float64(runtime.NumCPU())) // an infinite limit is none
	if user, system, ok := cpuTimes(); ok {
		p.cpu.Points[0].Value, p.cpu.Points[1].Value = user, system
		emit(p.cpu)
		p.gauge(emit, &p.utilization, p.utilized(user+system, elapsed, cpus))
	}
	p.gauge(emit, &p.memory, h.memory)
	p.gauge(emit, &p.memoryMax, min(h.memoryLimit, h.machineMemory))
	p.gauge(emit, &p.files, h.files)
	p.gauge(emit, &p.limits, h.cpuLimit)
	p.gauge(emit, &p.container, h.memoryLimit)
	if !math.IsNaN(h.throttled) {
		p.throttled.Points[0].Value = h.throttled
		emit(p.throttled)
	}
}

// gauge leaves out what is unknown or has no limit.
func (p *process) gauge(emit func(metric.Family), f *metric.Family, v float64) {
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	f.Points[0].Value = v
	emit(*f)
}

// utilized is the share of the CPUs used since it was asked last. Within a
// second it says the same again: so short a time says nothing.
func (p *process) utilized(used, at, cpus float64) float64 {
	if took := at - p.at; took >= 1 && cpus > 0 {
		p.share = (used - p.used) / took / cpus
		p.at, p.used = at, used
	}
	return p.share
}

func (p *process) close() { p.system.close() }
