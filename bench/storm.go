package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/distri-night/monitoring/errortracking"
)

const (
	stormEnv  = "BENCH_STORM" // makes the program the process that is measured
	storms    = 100_000
	stormMost = 64 // MiB
)

// captureStorm is the most memory that a process takes which captures 100,000
// errors in a loop, while nobody listens where Sentry should.
func captureStorm() (row, error) {
	self, err := os.Executable()
	if err != nil {
		return row{}, err
	}
	var out bytes.Buffer
	cmd := exec.Command(self)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), stormEnv+"=1"), &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return row{}, fmt.Errorf("storm: %w", err)
	}
	peak, err := strconv.ParseFloat(strings.TrimSpace(out.String()), 64)
	if err != nil {
		return row{}, fmt.Errorf("storm: %w", err)
	}
	r := alone("memory that 100,000 captures in a loop take at most, dead port", figures{ns: []float64{peak}, allocs: nothing}, stormMost, nothing)
	r.unit = "MiB"
	return r, nil
}

// storm is that process. It prints in MiB what its peak is above its start,
// which has the peers' packages too; NaN where that is unknown.
func storm() error {
	dir, err := os.MkdirTemp("", "bench-spool-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	t, err := errortracking.New(errortracking.Config{DSN: "http://key@127.0.0.1:1/1", SpoolDir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	before := memory("VmRSS:")
	firsts := 0
	for i := range storms {
		id := t.CaptureException(context.Background(), fmt.Errorf("storm: %w", errors.New(letters(i%fingerprints))), "i", i)
		if i < fingerprints && id != "" {
			firsts++
		}
	}
	if firsts != fingerprints {
		return fmt.Errorf("the first of %d of %d fingerprints were taken", firsts, fingerprints)
	}
	fmt.Printf("%.1f\n", memory("VmHWM:")-before)
	return nil
}

// memory reads one figure of the process's status, in MiB.
func memory(name string) float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return nothing
}
