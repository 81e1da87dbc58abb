// Command marketplace is DISTRI-NIGHT in small: a shop for the night, on
// PostgreSQL, watched through the monitoring library. It serves the shop, the
// suppliers' and the admin's pages, and the dashboards below /monitoring/.
//
//	make demo
//	go run ./examples/marketplace -database postgres://localhost/shop
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "marketplace:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	addr, database, state string
	shoppers, days        int
	seed                  uint64
	speed                 float64
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("marketplace", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	f.StringVar(&o.database, "database", os.Getenv("DATABASE_URL"), "PostgreSQL `URL`; default $DATABASE_URL")
	f.StringVar(&o.state, "state", "", "`folder` for what must survive the process; default: memory")
	f.IntVar(&o.shoppers, "shoppers", 8, "simulated shoppers at a time; 0: none, and no suppliers")
	f.Float64Var(&o.speed, "speed", 1, "speed of the simulation")
	f.IntVar(&o.days, "history", 40, "`days` of past orders in an empty database")
	f.Uint64Var(&o.seed, "seed", 1, "what the past and the simulation follow from")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.database == "":
		return o, errors.New("no database: set -database or DATABASE_URL, or use make demo, which starts one")
	case o.shoppers < 0 || o.shoppers > 500:
		return o, fmt.Errorf("-shoppers is 0 to 500, not %d", o.shoppers)
	case !(o.speed >= .1 && o.speed <= 20):
		return o, fmt.Errorf("-speed is 0.1 to 20, not %v", o.speed)
	case o.days < 0 || o.days > 400:
		return o, fmt.Errorf("-history is 0 to 400 days, not %d", o.days)
	}
	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	a, err := start(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `DISTRI-NIGHT is open. Sign in by choosing a user; stop with Ctrl-C.

  shop         %[1]s/
  supplier     %[1]s/supplier
  admin        %[1]s/admin
  operations   %[1]s/monitoring/operations
  executive    %[1]s/monitoring/executive

`, a.url)
	select {
	case <-ctx.Done():
		err = nil
	case err = <-a.failed:
	}
	return errors.Join(err, a.stop())
}
