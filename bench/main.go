// Command bench measures the library beside its peers, in one run, and prints a
// Markdown table with ratios. The peers are required by this module only.
//
//	go run .              # all, about a minute
//	go run . -only query  # the rows whose group has that word
//	go run . -check       # exit status 1 if a target is missed
//
// What needs PostgreSQL takes it from DATABASE_URL, else the program runs itself
// under scripts/postgres.sh.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// settings are the size of a measurement.
type settings struct {
	rounds int
	block  time.Duration
}

// group is a set of subjects that are measured side by side.
type group struct {
	name string
	run  func(ctx context.Context, s settings) ([]row, error)
}

var groups = []group{
	{"histogram", histograms},
	{"checkmetric", checkMetric},
	{"middleware", middlewares},
	{"tracing", tracing},
	{"query", queryHooks},
	{"sampling", sampling},
	{"logging", loggers},
	{"capture", captures},
	{"business", business},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if os.Getenv(stormEnv) != "" {
		return storm()
	}
	only := flag.String("only", "", "run the groups whose name has this word")
	check := flag.Bool("check", false, "fail if a target is missed")
	rounds := flag.Int("rounds", 151, "rounds of each group")
	block := flag.Duration("block", time.Millisecond, "time of one block")
	flag.Parse()
	var chosen []group
	for _, g := range groups {
		if !strings.Contains(g.name, *only) {
			continue
		}
		if g.name == "query" && os.Getenv("DATABASE_URL") == "" {
			return underPostgres()
		}
		chosen = append(chosen, g)
	}
	ctx := context.Background()
	var rows []row
	for _, g := range chosen {
		fmt.Fprintln(os.Stderr, "measuring", g.name)
		more, err := g.run(ctx, settings{*rounds, *block})
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		rows = append(rows, more...)
	}
	missed := write(os.Stdout, rows)
	writeConditions(os.Stdout)
	if *check && missed > 0 {
		return fmt.Errorf("%d targets missed", missed)
	}
	return nil
}

// underPostgres runs this program again where there is a server.
func underPostgres() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, root := range []string{".", ".."} {
		script := filepath.Join(root, "scripts", "postgres.sh")
		if _, err := os.Stat(script); err != nil {
			continue
		}
		cmd := exec.Command("bash", append([]string{script, "run", "--", self}, os.Args[1:]...)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		return cmd.Run()
	}
	return fmt.Errorf("set DATABASE_URL, or run it in the folder bench: scripts/postgres.sh is not found")
}
