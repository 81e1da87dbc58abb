// Command crasher captures errors until it is killed, and prints for each the
// time at which its ID was returned, and the ID. With -flush it delivers what
// an earlier one left.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/distri-night/monitoring/errortracking"
)

func main() {
	dsn := flag.String("dsn", "", "of the receiver")
	dir := flag.String("dir", "", "of the spool")
	workers := flag.Int("workers", 1, "goroutines that capture")
	rate := flag.Int("rate", 100, "events a second of each")
	lasts := flag.Duration("for", time.Hour, "how long to capture")
	flush := flag.Duration("flush", 0, "deliver for that long, and end")
	flag.Parse()
	t, err := errortracking.New(errortracking.Config{
		DSN: *dsn, SpoolDir: *dir, FloodLimit: 1 << 30, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if *flush == 0 {
		capture(t, *workers, *rate, *lasts)
		*flush = time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), *flush)
	defer cancel()
	if err := t.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func capture(t *errortracking.Tracker, workers, rate int, lasts time.Duration) {
	var (
		wait  sync.WaitGroup
		print sync.Mutex
		began = time.Now()
	)
	for w := range workers {
		wait.Go(func() {
			tick := time.NewTicker(time.Second / time.Duration(rate))
			defer tick.Stop()
			for i := 0; time.Since(began) < lasts; i++ {
				id := t.CaptureException(context.Background(), fmt.Errorf("worker %d: failure %d", w, i), "worker", w, "n", i)
				at := time.Now()
				print.Lock()
				fmt.Println(at.UnixNano(), id)
				print.Unlock()
				<-tick.C
			}
		})
	}
	wait.Wait()
}
