package alertingtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/distri-night/monitoring/alerting"
)

// Opened is one store under test, with the clock that it reads.
type Opened struct {
	Store   alerting.Store
	Advance func(d time.Duration) // moves the store's clock
	// Reopen closes the store and opens it again as another process would;
	// nil for one that does not outlive its process.
	Reopen func() alerting.Store
	// Single: the store belongs to one process, and does not tell instances apart.
	Single bool
}

var began = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// firing is an alert as a Manager would write it. The rules of different
// tests differ, so that a store may be used for all.
func firing(id, rule string, s alerting.Severity, labels map[string]string) alerting.Alert {
	return alerting.Alert{
		ID: id, Rule: rule, Title: rule + " is high", Severity: s, Worst: s, State: alerting.Firing,
		Labels: labels, Value: 5, Threshold: 2, StartedAt: began,
	}
}

func resolved(a alerting.Alert, at time.Time) alerting.Alert {
	a.State, a.ResolvedAt, a.Resolution = alerting.Resolved, at, alerting.Recovered
	return a
}

// TestStore checks that what open makes keeps the contract of alerting.Store.
// Each check opens a store of its own, that is empty.
func TestStore(t *testing.T, open func(t *testing.T) Opened) {
	ctx := context.Background()
	for _, check := range []struct {
		name string
		run  func(ctx context.Context, t *testing.T, o Opened)
	}{
		{"one active alert for a rule and its labels", oneActive},
		{"an alert without a rule is known by its title", byTitle},
		{"a resolved alert makes room for a new one", roomForNew},
		{"an alert is resolved when no fresh instance holds it", freshInstances},
		{"a list has what is active or was resolved since", listSince},
		{"what is given out or taken in is not shared", nothingShared},
		{"a claim is a lease of one owner", leases},
		{"one of many claims a key", oneClaims},
		{"a value is kept until its time", savedUntil},
		{"what was written is there after a restart", restart},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(ctx, t, open(t)) })
	}
}

func oneActive(ctx context.Context, t *testing.T, o Opened) {
	a := firing("a1", "error_rate", alerting.P1, map[string]string{"pool": "x", "zone": "1"})
	stored, created, err := o.Store.Upsert(ctx, "i1", a)
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, a, stored)

	worse := a
	worse.ID, worse.Severity, worse.StartedAt = "a2", alerting.P0, began.Add(time.Minute)
	stored, created, err = o.Store.Upsert(ctx, "i1", worse)
	require.NoError(t, err)
	assert.False(t, created, "neither level nor reading make another alert")
	assert.Equal(t, "a1", stored.ID, "the first one's ID stays")
	assert.Equal(t, began, stored.StartedAt.UTC())
	assert.Equal(t, alerting.P0, stored.Severity)

	for i, labels := range []map[string]string{{"pool": "x"}, {"pool": "x", "zone": "2"}, nil} {
		_, created, err = o.Store.Upsert(ctx, "i1", firing(fmt.Sprint("b", i), "error_rate", alerting.P1, labels))
		require.NoError(t, err)
		assert.True(t, created, "other labels are another alert")
	}
	list, err := o.Store.List(ctx, began)
	require.NoError(t, err)
	assert.Len(t, list, 4)
}

func byTitle(ctx context.Context, t *testing.T, o Opened) {
	a := firing("t1", "", alerting.P2, nil)
	a.Title = "Disk is full"
	_, created, err := o.Store.Upsert(ctx, "i1", a)
	require.NoError(t, err)
	assert.True(t, created)
	a.ID = "t2"
	stored, created, err := o.Store.Upsert(ctx, "i1", a)
	require.NoError(t, err)
	assert.False(t, created)
	assert.Equal(t, "t1", stored.ID)
	ruled := firing("t3", "Disk is full", alerting.P2, nil)
	_, created, err = o.Store.Upsert(ctx, "i1", ruled)
	require.NoError(t, err)
	assert.True(t, created, "a rule of that name is something else")
}

func roomForNew(ctx context.Context, t *testing.T, o Opened) {
	a := firing("r1", "p95_latency", alerting.P1, nil)
	_, _, err := o.Store.Upsert(ctx, "i1", a)
	require.NoError(t, err)
	stored, created, err := o.Store.Upsert(ctx, "i1", resolved(a, began.Add(time.Minute)))
	require.NoError(t, err)
	assert.False(t, created)
	assert.Equal(t, alerting.Resolved, stored.State)
	a.ID = "r2"
	stored, created, err = o.Store.Upsert(ctx, "i1", a)
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, "r2", stored.ID)
}

func freshInstances(ctx context.Context, t *testing.T, o Opened) {
	if o.Single {
		t.Skip("the store belongs to one process")
	}
	upsert := func(instance string, a alerting.Alert) alerting.Alert {
		stored, _, err := o.Store.Upsert(ctx, instance, a)
		require.NoError(t, err)
		return stored
	}
	a := firing("f1", "error_rate", alerting.P1, nil)
	upsert("i1", a)
	b := a
	b.ID, b.Severity = "f2", alerting.P0
	assert.Equal(t, alerting.P0, upsert("i2", b).Severity, "the worse of both")
	assert.Equal(t, alerting.P0, upsert("i1", a).Severity, "of both, whoever wrote last")

	got := upsert("i2", resolved(b, began.Add(time.Minute)))
	assert.Equal(t, alerting.Firing, got.State, "the first instance still holds it")
	assert.Equal(t, alerting.P1, got.Severity)

	upsert("i2", b)
	o.Advance(31 * time.Second)
	upsert("i1", a)
	got = upsert("i1", resolved(a, began.Add(2*time.Minute)))
	assert.Equal(t, alerting.Resolved, got.State, "the other has not written for 30 s")
	assert.Equal(t, "f1", got.ID)
}

func listSince(ctx context.Context, t *testing.T, o Opened) {
	old, recent, held := firing("l1", "a", alerting.P1, nil), firing("l2", "b", alerting.P1, nil), firing("l3", "c", alerting.P1, nil)
	for _, a := range []alerting.Alert{old, recent, held, resolved(old, began.Add(time.Minute)), resolved(recent, began.Add(time.Hour))} {
		_, _, err := o.Store.Upsert(ctx, "i1", a)
		require.NoError(t, err)
	}
	ids := func(since time.Time) (ids []string) {
		list, err := o.Store.List(ctx, since)
		require.NoError(t, err)
		for _, a := range list {
			ids = append(ids, a.ID)
		}
		return ids
	}
	assert.ElementsMatch(t, []string{"l1", "l2", "l3"}, ids(began))
	assert.ElementsMatch(t, []string{"l2", "l3"}, ids(began.Add(time.Hour)), "resolved at that very moment, too")
	assert.ElementsMatch(t, []string{"l3"}, ids(began.Add(2*time.Hour)), "an active one always")
}

func nothingShared(ctx context.Context, t *testing.T, o Opened) {
	labels := map[string]string{"k": "v"}
	stored, _, err := o.Store.Upsert(ctx, "i1", firing("n1", "error_rate", alerting.P1, labels))
	require.NoError(t, err)
	labels["k"] = "changed"
	list, err := o.Store.List(ctx, began)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, "v", list[0].Labels["k"])
	list[0].Labels["k"] = "changed"
	list, err = o.Store.List(ctx, began)
	require.NoError(t, err)
	assert.Equal(t, "v", list[0].Labels["k"])
	_ = stored
}

func leases(ctx context.Context, t *testing.T, o Opened) {
	claim := func(key, owner string) bool {
		ok, err := o.Store.Claim(ctx, key, owner, 10*time.Second)
		require.NoError(t, err)
		return ok
	}
	assert.True(t, claim("k", "i1"))
	assert.False(t, claim("k", "i2"), "held")
	assert.True(t, claim("k", "i1"), "renewed by its owner")
	assert.True(t, claim("other", "i2"), "keys are apart")
	o.Advance(11 * time.Second)
	assert.True(t, claim("k", "i2"), "the lease has run out")
	assert.False(t, claim("k", "i1"))
	require.NoError(t, o.Store.Done(ctx, "k"))
	o.Advance(time.Hour)
	assert.False(t, claim("k", "i1"), "done is done")
	assert.False(t, claim("k", "i2"))
	require.NoError(t, o.Store.Done(ctx, "never claimed"))
	assert.False(t, claim("never claimed", "i1"))
}

func oneClaims(ctx context.Context, t *testing.T, o Opened) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 16 {
		wg.Go(func() {
			ok, err := o.Store.Claim(ctx, "race", fmt.Sprint("i", i), time.Minute)
			assert.NoError(t, err)
			if ok {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 1, won)
}

func savedUntil(ctx context.Context, t *testing.T, o Opened) {
	load := func(kind string) map[string]string {
		values, err := o.Store.Load(ctx, kind)
		require.NoError(t, err)
		text := map[string]string{}
		for k, v := range values {
			text[k] = string(v)
		}
		return text
	}
	save := func(kind, key, value string, until time.Time) {
		require.NoError(t, o.Store.Save(ctx, kind, key, []byte(value), until))
	}
	assert.Empty(t, load("silence"))
	save("silence", "s1", "one", began.Add(time.Minute))
	save("silence", "s2", "two", time.Time{})
	save("rule", "s1", "a rule", time.Time{})
	save("silence", "s2", "second", time.Time{})
	assert.Equal(t, map[string]string{"s1": "one", "s2": "second"}, load("silence"))
	assert.Equal(t, map[string]string{"s1": "a rule"}, load("rule"))
	o.Advance(time.Minute)
	assert.Equal(t, map[string]string{"s2": "second"}, load("silence"))
	require.NoError(t, o.Store.Save(ctx, "silence", "s2", nil, time.Time{}))
	assert.Empty(t, load("silence"), "nil deletes")
	assert.Len(t, load("rule"), 1)
}

func restart(ctx context.Context, t *testing.T, o Opened) {
	if o.Reopen == nil {
		t.Skip("the store does not outlive its process")
	}
	held, over := firing("h1", "a", alerting.P0, map[string]string{"k": "v"}), firing("h2", "b", alerting.P2, nil)
	for _, a := range []alerting.Alert{held, over, resolved(over, began.Add(time.Minute))} {
		_, _, err := o.Store.Upsert(ctx, "i1", a)
		require.NoError(t, err)
	}
	require.NoError(t, o.Store.Save(ctx, "rule", "r", []byte("kept"), time.Time{}))
	require.NoError(t, o.Store.Save(ctx, "rule", "gone", []byte("x"), time.Time{}))
	require.NoError(t, o.Store.Save(ctx, "rule", "gone", nil, time.Time{}))
	for range 3 { // also what a restart itself has written anew
		s := o.Reopen()
		list, err := s.List(ctx, began)
		require.NoError(t, err)
		assert.ElementsMatch(t, []alerting.Alert{held, resolved(over, began.Add(time.Minute))}, list)
		values, err := s.Load(ctx, "rule")
		require.NoError(t, err)
		assert.Equal(t, map[string][]byte{"r": []byte("kept")}, values)
		worse := held
		worse.ID = "h3"
		stored, created, err := s.Upsert(ctx, "i2", worse)
		require.NoError(t, err)
		assert.False(t, created, "it is still active")
		assert.Equal(t, "h1", stored.ID)
	}
}
