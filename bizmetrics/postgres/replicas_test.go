package postgres

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

const (
	replicaEnv  = "BIZMETRICS_POSTGRES_REPLICA"
	replicas    = 3
	ownOrders   = 400 // of each replica
	sharedOrder = 400 // that all of them record
)

// TestReplica is a child of [TestThreeProcessesGiveTheSameReport]: it records its
// orders and the shared ones, and reports when it is asked.
func TestReplica(t *testing.T) {
	name := os.Getenv(replicaEnv)
	if name == "" {
		t.Skip("runs as a child of TestThreeProcessesGiveTheSameReport")
	}
	ctx := context.Background()
	s, err := Connect(ctx, os.Getenv(childURL), Config{})
	require.NoError(t, err)
	r, err := bizmetrics.New(bizmetrics.Config{Store: s, Currency: "EUR", Now: func() time.Time { return noon }})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close(ctx)) }()
	fmt.Println("replica: ready")
	asked := bufio.NewScanner(os.Stdin)
	for asked.Scan() {
		switch asked.Text() {
		case "record":
			for i := range ownOrders + sharedOrder {
				o := bizmetrics.Order{ID: "shared-" + strconv.Itoa(i), CustomerID: strconv.Itoa(i % 50), SupplierID: "s", Total: bizmetrics.Money{Minor: 100, Currency: "EUR"}, At: noon}
				if i >= sharedOrder {
					o.ID = name + "-" + strconv.Itoa(i)
				}
				require.NoError(t, r.RecordOrder(ctx, o))
				if i%100 == 0 {
					require.NoError(t, r.Sync(ctx))
				}
			}
			require.NoError(t, r.Sync(ctx))
			fmt.Println("replica: synced")
		case "report":
			revenue, err := r.Revenue(ctx)
			require.NoError(t, err)
			product, err := r.Product(ctx)
			require.NoError(t, err)
			fmt.Println("replica: report", revenue.Today.Value.Minor, product.DAU)
		}
	}
}

// process is a child that is asked by line.
type process struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

func startReplica(t *testing.T, name string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestReplica$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), replicaEnv+"="+name)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	p := &process{in, bufio.NewScanner(out)}
	t.Cleanup(func() {
		_ = in.Close()
		for p.out.Scan() { // to its end: the child must not wait for a reader
			continue
		}
		assert.NoError(t, cmd.Wait())
	})
	return p
}

func (p *process) ask(t *testing.T, what string) {
	t.Helper()
	_, err := fmt.Fprintln(p.in, what)
	require.NoError(t, err)
}

// said is the next thing that the child says.
func (p *process) said(t *testing.T) string {
	t.Helper()
	var all []string
	for p.out.Scan() {
		if said, ok := strings.CutPrefix(p.out.Text(), "replica: "); ok {
			return said
		}
		all = append(all, p.out.Text())
	}
	require.Fail(t, "the replica ended", strings.Join(all, "\n"))
	return ""
}

func TestThreeProcessesGiveTheSameReport(t *testing.T) {
	_ = sharedURL(t)
	var all []*process
	for i := range replicas {
		all = append(all, startReplica(t, "replica"+strconv.Itoa(i)))
	}
	for _, p := range all {
		require.Equal(t, "ready", p.said(t))
	}
	for _, p := range all {
		p.ask(t, "record")
	}
	for _, p := range all {
		require.Equal(t, "synced", p.said(t))
	}
	began := time.Now()
	for _, p := range all {
		p.ask(t, "report")
	}
	for _, p := range all {
		require.Equal(t, fmt.Sprint("report ", 100*(sharedOrder+replicas*ownOrders), " ", 50), p.said(t))
	}
	t.Logf("all reports were there %v after the last event was durable", time.Since(began))
}
