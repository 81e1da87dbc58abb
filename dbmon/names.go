package dbmon

import (
	"maps"
	"sync"
	"sync/atomic"
)

const (
	// maxNames bounds the names of queries and of caches; past it they are other.
	maxNames = 500
	// maxNameBytes bounds one name.
	maxNameBytes = 100
	other        = "other"
)

// names is a bounded map that is read without a lock: each new name copies it.
// Names are few, and new ones are rare after a service's first minute.
type names[V any] struct {
	mu sync.Mutex
	m  atomic.Pointer[map[string]*V]
}

// get finds name, or keeps what make gives for it; past the bound it is other.
func (n *names[V]) get(name string, make func(name string) *V) *V {
	if m := n.m.Load(); m != nil {
		if v := (*m)[name]; v != nil {
			return v
		}
	}
	return n.add(name, make)
}

func (n *names[V]) add(name string, make func(name string) *V) *V {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := map[string]*V{}
	if m := n.m.Load(); m != nil {
		known = *m
	}
	if len(name) > maxNameBytes {
		name = name[:maxNameBytes]
	}
	if v := known[name]; v != nil {
		return v
	}
	if len(known) >= maxNames {
		if v := known[other]; v != nil {
			return v
		}
		name = other
	}
	v := make(name)
	grown := maps.Clone(known)
	grown[name] = v
	n.m.Store(&grown)
	return v
}
