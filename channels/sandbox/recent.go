package sandbox

// recent is a map that forgets its oldest entries beyond a number.
type recent[K comparable, V any] struct {
	most  int
	items map[K]V
	order []K // oldest first, from head on
	head  int
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{most: most, items: map[K]V{}}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.items[k]
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if _, ok := r.items[k]; !ok {
		r.order = append(r.order, k)
	}
	r.items[k] = v
	for len(r.items) > r.most {
		delete(r.items, r.order[r.head])
		r.head++
	}
	if r.head > len(r.order)/2 {
		r.order = append(r.order[:0:0], r.order[r.head:]...)
		r.head = 0
	}
}

// ring keeps the last calls.
type ring struct {
	most int
	all  []*Call
	next int // where the oldest is, once full
}

func (r *ring) add(c *Call) {
	switch {
	case r.most == 0:
	case len(r.all) < r.most:
		r.all = append(r.all, c)
	default:
		r.all[r.next] = c
		r.next = (r.next + 1) % r.most
	}
}

// each visits the calls, oldest first.
func (r *ring) each(visit func(*Call)) {
	for i := range r.all {
		visit(r.all[(r.next+i)%len(r.all)])
	}
}
