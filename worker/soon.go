package worker

import (
	"sync"
	"time"
)

// Limits of bells that wait in this process.
const (
	soonest = 5 * time.Second // a longer wait is the queue's
	maxSoon = 16384
)

// soon keeps bells that are to ring within seconds, because the queue rounds
// to whole ones: a pause of two seconds between two messages should be two.
// The zero value is empty.
type soon struct {
	mu     sync.Mutex
	bells  map[*timed]struct{}
	closed bool
}

type timed struct {
	bell  bell
	timer *time.Timer
}

// keep hands r, then due, to ring after the wait. It reports false when it
// keeps too many already or has been emptied for good.
func (s *soon) keep(r bell, wait time.Duration, ring func(bell)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.bells) >= maxSoon {
		return false
	}
	if s.bells == nil {
		s.bells = map[*timed]struct{}{}
	}
	k := &timed{bell: r}
	k.timer = time.AfterFunc(wait, func() {
		if s.drop(k) {
			ring(bell{kind: r.kind, id: r.id, tries: r.tries})
		}
	})
	s.bells[k] = struct{}{}
	return true
}

func (s *soon) drop(k *timed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, kept := s.bells[k]
	delete(s.bells, k)
	return kept
}

// give returns what is kept and keeps nothing any more.
func (s *soon) give() []bell {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var bells []bell
	for k := range s.bells {
		k.timer.Stop()
		bells = append(bells, k.bell)
	}
	clear(s.bells)
	return bells
}
