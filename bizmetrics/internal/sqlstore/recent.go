package sqlstore

// recent is a bounded cache: what was not asked for while max others were is
// forgotten. Its two halves cost less than a list of what was used when.
type recent[K comparable, V any] struct {
	max        int
	young, old map[K]V
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{max: max(limit/2, 1), young: map[K]V{}}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	if v, ok := r.young[k]; ok {
		return v, true
	}
	v, ok := r.old[k]
	if ok {
		r.put(k, v)
	}
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if len(r.young) >= r.max {
		r.old, r.young = r.young, make(map[K]V, r.max)
	}
	r.young[k] = v
}

func (r *recent[K, V]) clear() { r.young, r.old = map[K]V{}, nil }
