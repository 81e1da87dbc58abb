package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
)

// row is one line of the table. A NaN is nothing to say.
type row struct {
	what, peer           string
	ns, peerNS           float64
	allocs, peerAllocs   float64
	ratio, atMost        float64 // of the peer's time
	nsAtMost, allocsMost float64
	unit                 string // of ns and nsAtMost, if they are no time
}

var nothing = math.NaN()

// alone is a row without a peer.
func alone(what string, f figures, nsAtMost, allocsMost float64) row {
	return row{what: what, ns: f.time(), allocs: f.allocs, peerNS: nothing, peerAllocs: nothing,
		ratio: nothing, atMost: nothing, nsAtMost: nsAtMost, allocsMost: allocsMost}
}

// beside is a row with a peer.
func beside(what string, f, peer figures, atMost, allocsMost float64) row {
	return row{what: what, peer: peer.name, ns: f.time(), allocs: f.allocs, peerNS: peer.time(), peerAllocs: peer.allocs,
		ratio: f.ratio(peer), atMost: atMost, nsAtMost: nothing, allocsMost: allocsMost}
}

// verdict is "met", "missed", or "" where there is no target.
func (r row) verdict() string {
	targets := 0
	for _, t := range [][2]float64{{r.ratio, r.atMost}, {r.ns, r.nsAtMost}, {r.allocs, r.allocsMost}} {
		if math.IsNaN(t[1]) {
			continue
		}
		targets++
		if !(t[0] <= t[1]) {
			return "missed"
		}
	}
	if targets == 0 {
		return ""
	}
	return "met"
}

func (r row) target() string {
	var all []string
	if !math.IsNaN(r.atMost) {
		all = append(all, "ratio ≤ "+number(r.atMost))
	}
	if !math.IsNaN(r.nsAtMost) {
		all = append(all, "≤ "+r.quantity(r.nsAtMost))
	}
	if !math.IsNaN(r.allocsMost) {
		all = append(all, "≤ "+number(r.allocsMost)+" allocs")
	}
	return strings.Join(all, ", ")
}

func (r row) quantity(v float64) string {
	if r.unit != "" && !math.IsNaN(v) {
		return number(v) + " " + r.unit
	}
	return duration(v)
}

func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf("%.3g", v)
}

func duration(ns float64) string {
	switch {
	case math.IsNaN(ns):
		return ""
	case ns >= 1e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	case ns >= 1e4:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	default:
		return fmt.Sprintf("%.3g ns", ns)
	}
}

// write prints the rows as a Markdown table; missed counts the targets missed.
func write(w io.Writer, rows []row) (missed int) {
	fmt.Fprintln(w, "| what | ours | allocs | peer | its time | its allocs | ratio | target | |")
	fmt.Fprintln(w, "|---|---:|---:|---|---:|---:|---:|---|---|")
	for _, r := range rows {
		v := r.verdict()
		if v == "missed" {
			missed++
			v = "**missed**"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.what, r.quantity(r.ns), number(r.allocs),
			r.peer, duration(r.peerNS), number(r.peerAllocs), number(r.ratio), r.target(), v)
	}
	return missed
}

// writeConditions says what was measured on and beside what.
func writeConditions(w io.Writer) {
	fmt.Fprintf(w, "\n%s, %s/%s, %d CPUs. Each time is the lower quartile of rounds in which all subjects of a group take turns: what else the machine does only adds.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	var peers []string
	for _, d := range info.Deps {
		for _, p := range []string{"VictoriaMetrics/metrics", "prometheus/client_golang", "getsentry/sentry-go", "otelhttp", "exaring/otelpgx", "go.opentelemetry.io/otel/sdk", "jackc/pgx/v5",
			"phuslu/log", "rs/zerolog", "go.uber.org/zap", "DataDog/dd-trace-go/v2", "newrelic/go-agent/v3", "integrations/nrpgx5"} {
			if strings.HasSuffix(d.Path, p) {
				peers = append(peers, d.Path+" "+d.Version)
			}
		}
	}
	fmt.Fprintf(w, "\nPeers: %s.\n", strings.Join(peers, ", "))
}
