package broadcast_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// laneTime is how long a lane that does not fill keeps its first call.
const laneTime = 5 * time.Second

// lane is a channel that lets few calls be under way. A call stays until as
// many as may be are, so that the most at once is not a matter of luck.
type lane struct {
	*platform
	kind channels.Kind
	most int

	mu      sync.Mutex
	under   int
	highest int
	full    chan struct{} // closed once as many are under way as may be
}

func newLane(kind channels.Kind, most int) *lane {
	return &lane{platform: &platform{heard: map[string][]string{}}, kind: kind, most: most, full: make(chan struct{})}
}

func (l *lane) Kind() channels.Kind { return l.kind }

func (l *lane) Limits() channels.Limits {
	return channels.Limits{RetryKeys: true, InFlight: l.most, Paid: true}
}

func (l *lane) Send(ctx context.Context, to channels.Target, p channels.Payload, k channels.Key) (*channels.Sent, error) {
	l.mu.Lock()
	l.under++
	if l.highest = max(l.highest, l.under); l.under == l.most && l.highest == l.most {
		select {
		case <-l.full:
		default:
			close(l.full)
		}
	}
	l.mu.Unlock()
	select {
	case <-l.full:
	case <-time.After(laneTime):
	case <-ctx.Done():
	}
	l.mu.Lock()
	l.under--
	l.mu.Unlock()
	return l.platform.Send(ctx, to, p, k)
}

// The visit's first row is on the channel that lets least be under way: those
// on the other are not held to it, nor it to theirs.
func TestEachChannelHasItsOwnCallsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		line, messenger := newLane("line", 2), newLane("messenger", 7)
		h := newHarnessOver(t, db, db, db, func(*platform) channels.Channel { return line })
		h.Channels["messenger"] = messenger
		h.people(10)
		h.page(10)
		b, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		r, err := h.Begin(t.Context(), h.bot.ID, b.ID, broadcast.Beginning{})
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 20})
		if line.highest != 2 || messenger.highest != 7 {
			t.Errorf("at once were %d calls on LINE and %d on Messenger, want 2 and 7", line.highest, messenger.highest)
		}
	})
}
