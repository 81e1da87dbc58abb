package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	_ "time/tzdata" // the shop's zone, also on a machine without zone files

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/bizmetrics/postgres"
	"github.com/distri-night/monitoring/dbmon"

	"github.com/distri-night/monitoring/examples/marketplace/payment"
	"github.com/distri-night/monitoring/examples/marketplace/seed"
	"github.com/distri-night/monitoring/examples/marketplace/shop"
	"github.com/distri-night/monitoring/examples/marketplace/simulate"
	"github.com/distri-night/monitoring/examples/marketplace/store"
	"github.com/distri-night/monitoring/examples/marketplace/web"
)

// stopTimeout is how long the app takes at most to stop.
const stopTimeout = 10 * time.Second

// app is a running shop.
type app struct {
	url    string
	failed chan error // the server ended by itself

	mon    *monitoring.Monitor
	pool   *pgxpool.Pool
	server *http.Server
	pages  *drain
	sim    *simulate.Simulation
}

// start opens everything and serves. What was opened is closed again if a
// later step fails.
func start(ctx context.Context, o options) (a *app, err error) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	a = &app{failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.stop())
		}
	}()
	// The port first: a second shop on the same port must not touch the state.
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return a, err
	}
	defer func() {
		if err != nil {
			_ = listener.Close()
		}
	}()
	a.url = "http://" + listener.Addr().String()

	events, err := postgres.Connect(ctx, o.database, postgres.Config{Location: zone})
	if err != nil {
		return a, fmt.Errorf("connect to the database: %w", err)
	}
	if a.mon, err = monitoring.Init(ctx, monitoringConfig(o, zone, events)); err != nil {
		return a, errors.Join(err, events.Close())
	}
	if a.pool, err = dbmon.NewPool(ctx, withPoolSize(o.database)); err != nil {
		return a, fmt.Errorf("connect to the database: %w", err)
	}
	tables, err := store.Open(ctx, a.pool)
	if err != nil {
		return a, err
	}
	filled, err := seed.Fill(ctx, a.pool, seed.Options{Seed: o.seed, Days: o.days, Zone: zone})
	if err != nil {
		return a, err
	}
	goods := shop.New(tables, payment.New(o.seed, payment.Settings{Fail: .2, Decline: 2.5}), zone)
	if _, err = goods.Recover(ctx); err != nil {
		return a, err
	}
	if _, err = goods.Replay(ctx, a.mon.Business, replayFrom(filled, time.Now())); err != nil {
		return a, err
	}
	if a.sim, err = simulation(ctx, o, a.url, tables); err != nil {
		return a, err
	}
	pages, err := web.New(web.Config{Shop: goods, Store: tables, Recorder: a.mon.Business, Simulator: a.sim})
	if err != nil {
		return a, err
	}
	a.serve(listener, pages)
	a.sim.Start()
	return a, nil
}

// replayFrom is since when the tables are recorded again: all of a past that
// was made up just now, else what a crash may have cost.
func replayFrom(filled bool, now time.Time) time.Time {
	if filled {
		return now.AddDate(0, 0, -400)
	}
	return now.AddDate(0, 0, -2)
}

// withPoolSize gives a pool of ten connections to a URL that names no size, so
// that slow queries fill it on any machine.
func withPoolSize(url string) string {
	if strings.Contains(url, "pool_max_conns") {
		return url
	}
	switch {
	case !strings.Contains(url, "://"):
		return url + " pool_max_conns=10"
	case strings.Contains(url, "?"):
		return url + "&pool_max_conns=10"
	default:
		return url + "?pool_max_conns=10"
	}
}

func simulation(ctx context.Context, o options, url string, tables *store.Store) (*simulate.Simulation, error) {
	c := simulate.Config{URL: url, Shoppers: o.shoppers, Seed: o.seed, Speed: o.speed}
	for role, ids := range map[store.Role]*[]int64{store.Client: &c.Clients, store.Supplier: &c.Suppliers} {
		users, err := tables.Users(ctx, role, 100_000)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			*ids = append(*ids, u.ID)
		}
	}
	return simulate.New(c), nil
}

func (a *app) serve(listener net.Listener, pages http.Handler) {
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", a.mon.Handler())
	a.pages = &drain{next: pages}
	mux.Handle("/", a.pages)
	a.server = &http.Server{Handler: a.mon.Middleware(mux), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	go func() {
		if err := a.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- err
		}
	}()
}

// stop sends shoppers away, lets the last sales be recorded, and closes: first
// what uses, then what is used.
func (a *app) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if a.sim != nil {
		a.sim.Stop()
	}
	var errs []error
	closed := make(chan error, 1)
	if a.server != nil {
		// Shutdown waits for the dashboards' streams too, which end with the
		// monitor; and the monitor must not end before the last sale.
		go func() { closed <- a.server.Shutdown(ctx) }()
		a.pages.wait(ctx)
	} else {
		closed <- nil
	}
	if a.mon != nil {
		errs = append(errs, a.mon.Shutdown(ctx))
	}
	if err := <-closed; err != nil {
		errs = append(errs, fmt.Errorf("close the server: %w", err), a.server.Close())
	}
	if a.pool != nil {
		a.pool.Close()
	}
	return errors.Join(errs...)
}
