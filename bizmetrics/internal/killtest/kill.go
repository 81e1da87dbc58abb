package killtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics"
)

// Open gives the settings of a Recorder over the state in dir.
type Open func(dir string) (bizmetrics.Config, error)

// What a child is told by its environment.
const (
	dirEnv  = "KILLTEST_DIR"
	jobEnv  = "KILLTEST_JOB"  // record, or read
	fromEnv = "KILLTEST_FROM" // round, and first batch
)

const (
	saidDurable = "killtest: durable "
	saidHeld    = "killtest: held "
	saidAll     = "killtest: that is all"
)

// Kill records and syncs in child processes, each of which is killed at a
// random moment, 10 of them, or 200 with SOAK set; each goes on with what the
// one before left, beginning with the batch that was not durable yet. A last
// child then syncs and tells what is there.
//
// It must be called by a test, or a subtest, of its own: the children run the
// same one, and end in Kill.
func Kill(t *testing.T, open Open) {
	t.Helper()
	if dir := os.Getenv(dirEnv); dir != "" {
		child(t, open, dir)
		return
	}
	rounds := 10
	if os.Getenv("SOAK") != "" {
		rounds = 200
	}
	dir := t.TempDir()
	var durable []batch
	next := batch{}
	for round := range rounds {
		more, unsure := killed(t, dir, round, next)
		durable = append(durable, more...)
		next = unsure
	}
	held := heldBy(t, dir)
	require.NotEmpty(t, durable)
	require.Empty(t, held.missing(durable), "%d batches were durable", len(durable))
	t.Logf("%d kills, %d events durable, each there once", rounds, len(durable)*batchSize)
}

// Recording reports whether this is a child that records, not the last one,
// which reads.
func Recording() bool { return strings.HasPrefix(os.Getenv(jobEnv), "record") }

// start runs this test in a child, with a job.
func start(t *testing.T, dir, job string, from batch) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	name := strings.Split(t.Name(), "/")
	for i, part := range name {
		name[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	cmd := exec.Command(os.Args[0], "-test.run="+strings.Join(name, "/"), "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), dirEnv+"="+dir, jobEnv+"="+job, fromEnv+"="+from.String())
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(io.Reader(out))
	return cmd, lines
}

// killed runs a child until it is killed: the batches that it said are durable,
// and the one that may be or not.
func killed(t *testing.T, dir string, round int, again batch) (durable []batch, unsure batch) {
	t.Helper()
	cmd, lines := start(t, dir, "record "+strconv.Itoa(round), again)
	defer func() { _ = cmd.Process.Kill() }()
	var said []string
	var timer *time.Timer
	unsure = again
	for lines.Scan() {
		var b batch
		if _, err := fmt.Sscanf(lines.Text(), saidDurable+"%d-%d", &b.round, &b.n); err != nil {
			said = append(said, lines.Text())
			continue
		}
		durable = append(durable, b)
		unsure = batch{round, b.n + 1}
		if b.round != round {
			unsure.n = 0
		}
		if timer == nil { // as soon as it is known to work
			timer = time.AfterFunc(time.Duration(rand.Int64N(int64(120*time.Millisecond))), func() { _ = cmd.Process.Kill() })
		}
	}
	err := cmd.Wait()
	require.NotNil(t, timer, "nothing was durable:\n%s", strings.Join(said, "\n"))
	timer.Stop()
	require.ErrorContains(t, err, "killed", "the child ended by itself:\n%s", strings.Join(said, "\n"))
	return durable, unsure
}

// heldBy asks a child for what is there.
func heldBy(t *testing.T, dir string) Held {
	t.Helper()
	cmd, lines := start(t, dir, "read", batch{})
	held, whole := Held{}, false
	var said []string
	for lines.Scan() {
		var b batch
		var worth int64
		switch _, err := fmt.Sscanf(lines.Text(), saidHeld+"%d-%d %d", &b.round, &b.n, &worth); {
		case err == nil:
			held[b.String()] = worth
		case lines.Text() == saidAll:
			whole = true
		default:
			said = append(said, lines.Text())
		}
	}
	require.NoError(t, cmd.Wait(), "the last child:\n%s", strings.Join(said, "\n"))
	require.True(t, whole, "the last child did not tell all:\n%s", strings.Join(said, "\n"))
	return held
}

// child does the job that the environment tells.
func child(t *testing.T, open Open, dir string) {
	t.Helper()
	c, err := open(dir)
	require.NoError(t, err)
	r, err := bizmetrics.New(c)
	require.NoError(t, err)
	ctx := context.Background()
	job := strings.Fields(os.Getenv(jobEnv))
	if job[0] == "record" {
		round, err := strconv.Atoi(job[1])
		require.NoError(t, err)
		var b batch
		_, err = fmt.Sscanf(os.Getenv(fromEnv), "%d-%d", &b.round, &b.n)
		require.NoError(t, err)
		if b.round != round { // what the one before was not sure of comes again
			recordDurably(t, r, b)
		}
		for n := 0; ; n++ {
			recordDurably(t, r, batch{round, n})
		}
	}
	require.NoError(t, r.Sync(ctx))
	held, err := Read(ctx, r)
	require.NoError(t, err)
	names := make([]string, 0, len(held))
	for name := range held {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Println(saidHeld+name, held[name])
	}
	fmt.Println(saidAll)
	require.NoError(t, r.Close(ctx))
}

func recordDurably(t *testing.T, r *bizmetrics.Recorder, b batch) {
	t.Helper()
	require.NoError(t, b.record(context.Background(), r))
	require.NoError(t, r.Sync(context.Background()))
	fmt.Println(saidDurable + b.String())
}
