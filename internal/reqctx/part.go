package reqctx

// part is what one instrument keeps with a request.
type part struct {
	owner *Owner
	value any
}

// Part is what the instrument of that owner keeps with the request; made on
// the first call. It lives as long as the request.
func (r *Request) Part(owner *Owner, make func() any) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	more := r.more()
	for _, p := range more.parts {
		if p.owner == owner {
			return p.value
		}
	}
	v := make()
	more.parts = append(more.parts, part{owner, v})
	return v
}

// Called notes that the service has called another one on the way.
func (r *Request) Called() { r.calls.Add(1) }

// Calls is how many calls of others were noted so far.
func (r *Request) Calls() uint32 { return r.calls.Load() }
