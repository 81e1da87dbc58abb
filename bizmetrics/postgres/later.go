package postgres

import "sync"

// later does work in its order while the caller goes on: the database writes
// what has been counted while the rest is being counted.
type later struct {
	work chan func() error
	left sync.WaitGroup
	all  sync.WaitGroup
	err  error // of the first that failed; the rest is left out
}

func newLater() *later {
	l := &later{work: make(chan func() error, 32)}
	l.all.Go(func() {
		for f := range l.work {
			if l.err == nil {
				l.err = f()
			}
			l.left.Done()
		}
	})
	return l
}

// do puts work at the end.
func (l *later) do(f func() error) {
	l.left.Add(1)
	l.work <- f
}

// wait waits until all work is done, and says whether it went well.
func (l *later) wait() error {
	l.left.Wait()
	return l.err
}

// stop waits for the work and ends it. Nothing may be done afterwards.
func (l *later) stop() {
	close(l.work)
	l.all.Wait()
}
