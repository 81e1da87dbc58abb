package main

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// asShop makes the test program the shop itself, so that a test can start and
// interrupt a process without building another one.
const asShop = "MARKETPLACE_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asShop) != "" {
		main()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
