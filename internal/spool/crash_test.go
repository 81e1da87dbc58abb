package spool

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	crashDir  = "SPOOL_TEST_CRASH_DIR"
	crashName = "SPOOL_TEST_CRASH_NAME"
)

// crash is the child: it says on its standard output what was promised to it,
// until it kills itself in the middle of it.
func crash(dir string) {
	q, err := Open(Config{Dir: dir, MaxBytes: 1 << 20, Sync: 5 * time.Millisecond})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	die := func() {
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
	}
	name := os.Getenv(crashName)
	for i := 0; ; i++ {
		data := fmt.Sprintf("%s/%d/%s", name, i, strings.Repeat("x", rand.IntN(3000)))
		seq, err := q.Append([]byte(data), i%50 == 0)
		if err != nil {
			die() // full
			select {}
		}
		fmt.Printf("appended %s/%d\n", name, i)
		if i == 0 { // not before, however slow the machine is
			time.AfterFunc(time.Duration(rand.IntN(60))*time.Millisecond, die)
		}
		if i%3 == 0 {
			fmt.Printf("taking %s/%d\n", name, i)
			_ = q.Done(seq)
			fmt.Printf("done %s/%d\n", name, i)
		}
	}
}

func TestWhatWasAppendedIsThereInOrderAfterKill9(t *testing.T) {
	dir := t.TempDir()
	for round := range 10 {
		promised, taken, finished := map[string]bool{}, map[string]bool{}, map[string]bool{}
		var children []*exec.Cmd
		var outputs []*bytes.Buffer
		for c := range 2 {
			cmd := exec.Command(os.Args[0], "-test.run=^$")
			cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("%s=%d.%d", crashName, round, c))
			out := &bytes.Buffer{}
			cmd.Stdout = out
			require.NoError(t, cmd.Start())
			children, outputs = append(children, cmd), append(outputs, out)
		}
		for i, cmd := range children {
			require.Error(t, cmd.Wait(), "it kills itself")
			lines := bufio.NewScanner(outputs[i])
			for lines.Scan() {
				verb, key, _ := strings.Cut(lines.Text(), " ")
				switch verb {
				case "appended":
					promised[key] = true
				case "taking":
					taken[key] = true
				case "done":
					finished[key] = true
				case "error":
					t.Fatal(lines.Text())
				}
			}
		}
		require.NotEmpty(t, promised)

		q, err := Open(Config{Dir: dir, MaxBytes: 1 << 30})
		require.NoError(t, err)
		require.True(t, q.Persistent())
		assert.Zero(t, q.Damaged())
		last := map[string]int{}
		for q.Len() > 0 {
			e, err := q.Next(context.Background(), 0)
			require.NoError(t, err)
			part := strings.SplitN(string(e.Data), "/", 3)
			n, err := strconv.Atoi(part[1])
			require.NoError(t, err)
			if before, ok := last[part[0]]; ok {
				assert.Greater(t, n, before, "in order")
			}
			last[part[0]] = n
			key := part[0] + "/" + part[1]
			assert.False(t, finished[key], "%s was done", key)
			delete(promised, key)
			require.NoError(t, q.Done(e.Seq))
		}
		for key := range promised {
			assert.True(t, taken[key], "%s is lost", key)
		}
		require.NoError(t, q.Close())
	}
}
