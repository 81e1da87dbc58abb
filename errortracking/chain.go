package errortracking

import (
	"fmt"
	"reflect"
)

// Bounds of what is looked at in an error value, which may be cyclic or huge.
const (
	maxDepth = 64
	maxNodes = 256
)

// walk guards a descent into an error's tree. It is used once.
type walk struct {
	nodes int
	path  []visit // from the root to where we are
}

type visit struct {
	t reflect.Type
	p uintptr
}

// enter reports whether err may be looked at; leave follows if so.
func (w *walk) enter(err error) bool {
	if err == nil || w.nodes >= maxNodes || len(w.path) >= maxDepth {
		return false
	}
	w.nodes++
	v := visit{t: reflect.TypeOf(err)}
	if rv := reflect.ValueOf(err); rv.Kind() == reflect.Pointer || rv.Kind() == reflect.Map {
		v.p = rv.Pointer()
		for _, seen := range w.path {
			if seen == v && v.p != 0 {
				return false
			}
		}
	}
	w.path = append(w.path, v)
	return true
}

func (w *walk) leave() { w.path = w.path[:len(w.path)-1] }

// children unwraps err by one step: several if it is a joined error.
func children(err error) (all []error, joined bool) {
	defer func() {
		if recover() != nil {
			all, joined = nil, false
		}
	}()
	switch e := err.(type) { //nolint:errorlint // one step, not the chain
	case interface{ Unwrap() []error }:
		all = e.Unwrap()
		return all[:min(len(all), maxNodes)], true
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}, false
	case interface{ Cause() error }:
		return []error{e.Cause()}, false
	}
	return nil, false
}

// errorText is err's text, whatever its method does.
func errorText(err error) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("%T (its Error method panics)", err)
		}
	}()
	return err.Error()
}

// innermost follows the first branch down to its end.
func innermost(err error) error {
	var w walk
	for w.enter(err) {
		all, _ := children(err)
		if len(all) == 0 || all[0] == nil {
			return err
		}
		err = all[0]
	}
	return err
}
