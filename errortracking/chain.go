package errortracking

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Bounds of what is looked at in an error value, which may be cyclic or huge.
const (
	maxDepth = 64
	maxNodes = 256
)

// walk guards a descent into an error's tree. It is used once.
type walk struct {
	nodes, depth int
	path         [maxDepth]visit // from the root to where we are
}

type visit struct {
	t reflect.Type
	p uintptr
}

// enter reports whether err may be looked at; leave follows if so.
func (w *walk) enter(err error) bool {
	if err == nil || w.nodes >= maxNodes || w.depth >= maxDepth {
		return false
	}
	w.nodes++
	v := visit{t: reflect.TypeOf(err)}
	if rv := reflect.ValueOf(err); rv.Kind() == reflect.Pointer || rv.Kind() == reflect.Map {
		v.p = rv.Pointer()
		for i := range w.depth {
			if v.p != 0 && w.path[i] == v {
				return false
			}
		}
	}
	w.path[w.depth] = v
	w.depth++
	return true
}

func (w *walk) leave() { w.depth-- }

// unwrap goes one step into err: one error, or several if it is a joined one.
// It allocates nothing of its own.
func unwrap(err error) (all []error, one error) {
	defer func() {
		if recover() != nil {
			all, one = nil, nil
		}
	}()
	switch e := err.(type) { //nolint:errorlint // one step, not the chain
	case interface{ Unwrap() error }:
		return nil, e.Unwrap()
	case interface{ Unwrap() []error }:
		all = e.Unwrap()
		return all[:min(len(all), maxNodes)], nil
	case interface{ Cause() error }:
		return nil, e.Cause()
	}
	return nil, nil
}

// innermost follows the first branch down to its end.
func innermost(err error) error {
	var w walk
	for w.enter(err) {
		all, one := unwrap(err)
		for _, e := range all {
			if e != nil {
				one = e
				break
			}
		}
		if one == nil {
			return err
		}
		err = one
	}
	return err
}

const (
	maxJoined     = 32 // errors whose texts make up that of a joined one
	maxJoinedText = 16 << 10
)

var joinedType = reflect.TypeOf(errors.Join(errors.ErrUnsupported))

// errorText is err's text, whatever its method does. That of a joined error,
// which may be huge, or joined of joined ones, is not put together whole.
func errorText(err error) string {
	if reflect.TypeOf(err) != joinedType {
		return ownText(err)
	}
	j := joiner{left: maxJoined}
	j.add(err, 0)
	if j.cut {
		j.text.WriteString("\nand more")
	}
	return j.text.String()
}

func ownText(err error) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("%T (its Error method panics)", err)
		}
	}()
	text = err.Error()
	if len(text) > maxScan {
		text = strings.Clone(text[:maxScan]) // not to keep what it was cut from
	}
	return text
}

type joiner struct {
	text strings.Builder
	left int  // errors
	cut  bool // there is more
}

func (j *joiner) add(err error, depth int) {
	switch {
	case err == nil:
		return
	case j.left <= 0 || j.text.Len() > maxJoinedText || depth == maxDepth:
		j.cut = true
		return
	case reflect.TypeOf(err) != joinedType:
		j.left--
		if j.text.Len() > 0 {
			j.text.WriteByte('\n')
		}
		j.text.WriteString(ownText(err))
		return
	}
	all, _ := unwrap(err)
	for _, e := range all {
		if j.add(e, depth+1); j.cut {
			return
		}
	}
}
