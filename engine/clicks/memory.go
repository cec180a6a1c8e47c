package clicks

import (
	"sync"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// memory holds links that were asked for, so that many taps on one cost one
// look, and so that people get where they want while the database is away.
type memory struct {
	now func() time.Time

	mu    sync.Mutex
	links map[string]entry
}

type entry struct {
	link *engine.Link
	read time.Time
}

func newMemory(now func() time.Time) *memory { return &memory{now: now, links: map[string]entry{}} }

// get returns a link, nil when it is not held; fresh is false when it should be
// read again.
func (m *memory) get(id string) (l *engine.Link, fresh bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.links[id]
	return e.link, e.link != nil && m.now().Sub(e.read) < linkAge
}

// put holds a link; nil forgets it. Where many are held it begins anew.
func (m *memory) put(id string, l *engine.Link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l == nil {
		delete(m.links, id)
		return
	}
	if len(m.links) >= remembered {
		clear(m.links)
	}
	m.links[id] = entry{l, m.now()}
}
