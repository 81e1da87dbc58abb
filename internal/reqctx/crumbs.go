package reqctx

const (
	firstCrumbs = 4       // have room in the ring's own memory
	crumbChunk  = 1 << 10 // bytes for packed data that are made at once
	maxPacked   = 4 << 10 // bytes of a breadcrumb's packed data that are used again
)

// breadcrumbs is a ring. Its memory is used again once it is full: then a
// packed breadcrumb allocates nothing.
type breadcrumbs struct {
	kept  []Breadcrumb
	next  int // where it is written next, once it is full
	chunk []byte

	first      [firstCrumbs]Breadcrumb
	firstChunk [crumbChunk / 2]byte
}

func newBreadcrumbs() *breadcrumbs {
	ring := &breadcrumbs{}
	ring.kept, ring.chunk = ring.first[:0], ring.firstChunk[:]
	return ring
}

// put writes b over the oldest once there are 100. It keeps the bytes of the
// place, which p is copied to.
func (ring *breadcrumbs) put(b *Breadcrumb, p []byte) {
	if len(ring.kept) < maxBreadcrumbs {
		if len(p) > 0 {
			b.packed = append(ring.carve(len(p)), p...)
		}
		ring.kept = append(ring.kept, *b)
		return
	}
	slot := &ring.kept[ring.next]
	room := slot.packed[:0]
	if len(p) <= maxPacked && cap(room) > maxPacked {
		room = nil
	}
	room = append(room, p...)
	b.packed = room
	*slot = *b
	ring.next = (ring.next + 1) % maxBreadcrumbs
}

// carve gives room for n bytes that is nobody else's.
func (ring *breadcrumbs) carve(n int) []byte {
	if len(ring.chunk) < n {
		ring.chunk = make([]byte, max(crumbChunk, n))
	}
	room := ring.chunk[:0:n]
	ring.chunk = ring.chunk[n:]
	return room
}

// AddBreadcrumb keeps b, and drops the oldest past 100.
func (r *Request) AddBreadcrumb(b Breadcrumb) { r.AddPacked(b, nil, nil) }

// AddPacked is AddBreadcrumb for one whose Data is packed in bytes: they are
// copied, and unpack makes Data of them once the breadcrumb is read. It
// allocates nothing once there are 100. nil: Data and Fill stand.
func (r *Request) AddPacked(b Breadcrumb, packed []byte, unpack func([]byte) map[string]any) {
	if b.unpack = unpack; len(packed) == 0 {
		b.unpack = nil
	}
	r.mu.Lock()
	more := r.more()
	if more.crumbs == nil {
		more.crumbs = newBreadcrumbs()
	}
	more.crumbs.put(&b, packed)
	r.mu.Unlock()
}

// Breadcrumbs are copied, oldest first.
func (r *Request) Breadcrumbs() []Breadcrumb {
	r.mu.Lock()
	var crumbs []Breadcrumb
	if r.rare != nil && r.rare.crumbs != nil {
		ring := r.rare.crumbs
		crumbs = append(append(make([]Breadcrumb, 0, len(ring.kept)), ring.kept[ring.next:]...), ring.kept[:ring.next]...)
		size := 0
		for i := range crumbs {
			size += len(crumbs[i].packed)
		}
		bytes := make([]byte, 0, size)
		for i := range crumbs { // they are written over as soon as the lock is gone
			c := &crumbs[i]
			start := len(bytes)
			bytes = append(bytes, c.packed...)
			c.packed = bytes[start:len(bytes):len(bytes)]
		}
	}
	r.mu.Unlock()
	for i := range crumbs {
		c := &crumbs[i]
		switch {
		case c.unpack != nil:
			c.Data = c.unpack(c.packed)
		case c.Fill != nil:
			c.Data = c.Fill()
		}
		c.Fill, c.unpack, c.packed = nil, nil, nil
	}
	return crumbs
}
