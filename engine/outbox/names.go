package outbox

import (
	"strings"
	"sync"
	"time"
)

// nameBudget bounds how many undeclared attribute names callers may bring to a
// bot in an hour, so that a caller's mistake does not fill contacts with them.
type nameBudget struct {
	now func() time.Time

	mu   sync.Mutex
	hour int64
	seen map[string]map[string]bool // bot → names of this hour
}

func newNameBudget(now func() time.Time) *nameBudget {
	return &nameBudget{now: now, seen: map[string]map[string]bool{}}
}

// allow reports whether the bot may bring the name now.
func (b *nameBudget) allow(botID, name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if hour := b.now().Unix() / 3600; hour != b.hour {
		b.hour = hour
		clear(b.seen)
	}
	names := b.seen[botID]
	if names == nil {
		names = map[string]bool{}
		b.seen[botID] = names
	}
	if names[name] {
		return true
	}
	if len(names) >= newNamesPerHour {
		return false
	}
	names[name] = true
	return true
}

// ignored reports whether an undeclared parameter is none of ours: trackers
// add such names to every address.
func ignored(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "utm_")
}
