package metric

import (
	"slices"
	"time"
)

// hook is a function that is called after each sample.
type hook struct {
	f      func(now time.Time)
	failed bool
}

// OnSample calls f after each sample, in the goroutine that samples, without a
// lock: f may read, and may stop itself. A panic of f is logged once and does
// not end the sampling.
func (r *Registry) OnSample(f func(now time.Time)) (stop func()) {
	h := &hook{f: f}
	r.hooksMu.Lock()
	defer r.hooksMu.Unlock()
	r.hooks = append(slices.Clip(r.hooks), h)
	return func() {
		r.hooksMu.Lock()
		defer r.hooksMu.Unlock()
		if i := slices.Index(r.hooks, h); i >= 0 {
			r.hooks = slices.Delete(slices.Clone(r.hooks), i, i+1)
		}
	}
}

func (r *Registry) callHooks(now time.Time) {
	r.hooksMu.Lock()
	hooks := r.hooks
	r.hooksMu.Unlock()
	for _, h := range hooks {
		r.callHook(h, now)
	}
}

func (r *Registry) callHook(h *hook, now time.Time) {
	defer func() {
		if p := recover(); p != nil {
			r.hooksMu.Lock()
			first := !h.failed
			h.failed = true
			r.hooksMu.Unlock()
			if first {
				r.warn(warning{"metric: a function called after each sample panicked", []any{"panic", p}})
			}
		}
	}()
	h.f(now)
}
