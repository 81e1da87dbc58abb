package postgres

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore/enginetest"
)

func backends(t testing.TB, postmaster string) (ticks int) {
	dirs, _ := os.ReadDir("/proc")
	for _, d := range dirs {
		b, err := os.ReadFile("/proc/" + d.Name() + "/stat")
		if err != nil {
			continue
		}
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+2:]))
		if f[1] == postmaster {
			u, _ := strconv.Atoi(f[11])
			s, _ := strconv.Atoi(f[12])
			ticks += u + s
		}
	}
	return ticks
}

func TestProf(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("PROF"))
	if err != nil {
		t.Skip()
	}
	pool := newPool(t)
	_, err = pool.Exec(t.Context(), "create extension pg_stat_statements")
	if err != nil {
		t.Fatal(err)
	}
	s := openStore(t, pool, Config{Location: time.UTC})
	b := enginetest.NewBusiness(noon, max(n/360, 1000), 0)
	var ru0, ru1 syscall.Rusage
	var goCPU time.Duration
	pm := os.Getenv("MONITORING_POSTGRES_PID")
	t0 := backends(t, pm)
	var spent time.Duration
	for range n / 5000 {
		events, _, err := b.Batch(5000)
		require.NoError(t, err)
		syscall.Getrusage(0, &ru0)
		st := time.Now()
		appendAll(t, s, events...)
		spent += time.Since(st)
		syscall.Getrusage(0, &ru1)
		goCPU += time.Duration(ru1.Utime.Nano() + ru1.Stime.Nano() - ru0.Utime.Nano() - ru0.Stime.Nano())
	}
	t.Logf("wall %v/s; go CPU %.1f µs/event, postgres CPU %.1f µs/event", float64(n)/spent.Seconds(), float64(goCPU)/1e3/float64(n), float64(backends(t, pm)-t0)*1e4/float64(n))
	rows, _ := pool.Query(t.Context(), "select calls, total_exec_time::int, (1000*total_exec_time/rows)::int, rows, left(query, 110) from pg_stat_statements where dbid=(select oid from pg_database where datname=current_database()) and rows>0 order by total_exec_time desc limit 16")
	for rows.Next() {
		v, _ := rows.Values()
		t.Log(fmt.Sprintln(v...))
	}
}
