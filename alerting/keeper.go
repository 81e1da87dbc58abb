package alerting

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"
)

const (
	recordKind   = "alert"         // of Store.Save: what a restart needs of an alert
	storeTimeout = 5 * time.Second // a call of the Store
	maxWaiting   = 2 * maxActive   // changes that wait for the store
)

// change is one alert as it is now, and the messages that are due about it.
type change struct {
	alert  Alert
	record record
	due    []message
}

// keeper writes changes to the store and puts messages into the outbox, in
// order, outside of the Manager's lock: no caller waits for a disk. A change
// without messages is merged into the one of the same alert that waits
// already; past maxWaiting so is one with messages, which then overtake others.
type keeper struct {
	store    Store
	instance string
	out      *outbox
	log      func() *slog.Logger

	mu      sync.Mutex
	waits   []*change          // in order
	last    map[string]*change // of those that wait, the last one of each alert
	busy    bool
	inHand  int // messages of the change that is being written
	stopped bool
	down    bool // the store's last call failed
	idle    chan struct{}
	wake    chan struct{}
	ended   chan struct{}
}

func newKeeper(s Store, instance string, out *outbox, log func() *slog.Logger) *keeper {
	k := &keeper{
		store: s, instance: instance, out: out, log: log,
		last: map[string]*change{},
		idle: make(chan struct{}), wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	go k.run() // ends in close, which waits for it
	return k
}

// put never blocks.
func (k *keeper) put(c change) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return
	}
	if known := k.last[c.alert.ID]; known != nil && (len(c.due) == 0 || len(k.waits) >= maxWaiting) {
		known.alert, known.record = c.alert, c.record
		known.due = append(known.due, c.due...)
	} else {
		k.waits = append(k.waits, &c)
		k.last[c.alert.ID] = &c
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *keeper) run() {
	defer close(k.ended)
	for {
		c, stopped := k.take()
		switch {
		case c != nil:
			k.write(*c)
		case stopped:
			return
		default:
			<-k.wake
		}
	}
}

func (k *keeper) take() (c *change, stopped bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waits) == 0 {
		k.busy, k.inHand = false, 0
		close(k.idle)
		k.idle = make(chan struct{})
		return nil, k.stopped
	}
	k.busy = true
	c = k.waits[0]
	k.waits[0] = nil // the array behind it lives on
	k.waits = k.waits[1:]
	k.inHand = len(c.due)
	if id := c.alert.ID; k.last[id] == c {
		delete(k.last, id)
	}
	return c, k.stopped
}

// write keeps the change, hands the messages over, and then forgets that it
// owes them: a process that dies in between sends them again under their old
// keys, and none is lost.
func (k *keeper) write(c change) {
	k.try("keep an alert", func(ctx context.Context) error {
		_, _, err := k.store.Upsert(ctx, k.instance, c.alert)
		return err
	})
	if len(c.due) > 0 {
		c.record.Owed = c.due
		k.save(c)
		for _, m := range c.due {
			k.out.add(m)
		}
		k.mu.Lock()
		k.inHand = 0
		k.mu.Unlock()
		c.record.Owed = nil
	}
	k.save(c)
}

// save keeps the record of an active alert, or one that owes messages, and
// deletes that of another.
func (k *keeper) save(c change) {
	var value []byte
	if c.alert.active() || len(c.record.Owed) > 0 {
		value, _ = json.Marshal(c.record) // of plain, finite values
	}
	k.try("keep an alert's state", func(ctx context.Context) error {
		return k.store.Save(ctx, recordKind, c.alert.ID, value, time.Time{})
	})
}

// try calls the store; alerting goes on without it, and says so once.
func (k *keeper) try(doing string, call func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	err := call(ctx)
	k.mu.Lock()
	was := k.down
	k.down = err != nil
	k.mu.Unlock()
	switch {
	case err != nil && !was:
		k.log().Error("alerts: the store fails; going on from memory", "doing", doing, "error", err)
	case err == nil && was:
		k.log().Info("alerts: the store answers again")
	}
}

// waiting counts the messages that are not in the outbox yet.
func (k *keeper) waiting() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := k.inHand
	for _, c := range k.waits {
		n += len(c.due)
	}
	return n
}

// flush waits until all that was put before has been written.
func (k *keeper) flush(ctx context.Context) error {
	for {
		k.mu.Lock()
		done, idle := len(k.waits) == 0 && !k.busy, k.idle
		k.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return leftError(k.waiting() + k.out.q.Len())
		}
	}
}

// close writes what was put and ends, by the deadline of ctx. It counts the
// messages that a store which does not answer kept from the outbox.
func (k *keeper) close(ctx context.Context) (waiting int) {
	k.mu.Lock()
	if !k.stopped {
		k.stopped = true
		close(k.wake)
	}
	k.mu.Unlock()
	select {
	case <-k.ended:
		return 0
	case <-ctx.Done():
		return k.waiting()
	}
}
