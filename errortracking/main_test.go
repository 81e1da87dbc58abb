package errortracking

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const crashDSN, crashDir = "ERRORTRACKING_TEST_DSN", "ERRORTRACKING_TEST_DIR"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(crashDSN); dsn != "" {
		crash(dsn, os.Getenv(crashDir))
	}
	goleak.VerifyTestMain(m)
}

// crash is a process that dies while Sentry is away: it says which events were
// promised to it.
func crash(dsn, dir string) {
	t, err := New(Config{DSN: dsn, SpoolDir: dir, FloodLimit: 1000})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := range 20 {
		fmt.Println(t.CaptureException(context.Background(), errors.New("before the crash"), "i", i))
	}
	time.Sleep(50 * time.Millisecond) // what rule 1 gives the worker
	p, _ := os.FindProcess(os.Getpid())
	_ = p.Kill()
	select {}
}
