package errortracking

import "runtime"

// recollection is what is known of a look.
type recollection struct {
	issue    *issue
	class    Class
	volatile bool // the class has to be found out anew
	deeper   int  // look at so many counters of the stack; 0: the one is enough
}

const maxDeeper = 8 // counters of the stack that a look may take

// called notes where the exported function that calls it was called.
func (o *occurrence) called() {
	var pc [1]uintptr
	runtime.Callers(3, pc[:])
	o.pc = pc[0]
}

// recall finds what looks like o; nil: nothing is known.
func (t *Tracker) recall(l look, o *occurrence) *recollection {
	if l.unsure || o.pc == 0 || o.panicked {
		return nil
	}
	r := t.looks.get(l.key)
	if r == nil || r.deeper == 0 {
		return r
	}
	return t.looks.get(deepKey(l.key, r.deeper))
}

// deepKey is for where the service captures through a package that is not its
// own, so that the caller alone does not tell where it was.
func deepKey(key uint64, n int) uint64 {
	var buf [maxDeeper]uintptr
	for _, pc := range buf[:runtime.Callers(5, buf[:n])] {
		key = mix(key, uint64(pc))
	}
	return key
}

// identify finds the issue of o by its fingerprint, and remembers its look.
func (t *Tracker) identify(l look, o *occurrence, class Class) *issue {
	if o.stack.empty() {
		o.stack = callers(o.pc)
	}
	where, near, depth := place(o.err, o.stack)
	is, fresh := t.issues.get(fingerprint(t.redactor, o.err, o.msg, where))
	if fresh {
		is.entitle(t.firstTitle(o), true)
	}
	if !near || l.unsure || o.pc == 0 || o.panicked || depth > maxDeeper || len(o.stack.pcs) == 0 || o.stack.pcs[0] != o.pc {
		return is
	}
	if depth > 1 {
		if o.record != nil {
			return is
		}
		t.looks.put(l.key, recollection{deeper: depth})
		l.key = deepKey(l.key, depth)
	}
	t.looks.put(l.key, recollection{issue: is, class: class, volatile: l.volatile || t.config.Classify != nil})
	return is
}

// firstTitle is for as long as no event has gone out. BeforeSend may take out
// of a text what nobody is to see.
func (t *Tracker) firstTitle(o *occurrence) string {
	switch {
	case t.config.BeforeSend != nil && o.err != nil:
		return errorType(innermost(o.err))
	case o.err != nil && o.msg == "":
		return rawTitle(errorText(o.err))
	default:
		return rawTitle(o.msg)
	}
}
