package broadcast_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// line rings in the order in which it was rung, as a queue does: what is rung
// while it waits is not rung twice.
type line struct {
	bells
	mu    sync.Mutex
	queue []bell
}

type bell struct {
	run, part int64 // one of them
}

func (l *line) RingRun(number int64, _ time.Time) { l.ring(bell{run: number}) }

func (l *line) RingRange(id int64, _ time.Time) { l.ring(bell{part: id}) }

func (l *line) ring(b bell) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, waits := range l.queue {
		if waits == b {
			return
		}
	}
	l.queue = append(l.queue, b)
}

// first takes the bell that waits longest; false when none does.
func (l *line) first() (bell, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return bell{}, false
	}
	b := l.queue[0]
	l.queue = l.queue[1:]
	return b, true
}

// crowd makes n subscribed people of the harness's bot, in bulk.
func (h *harness) crowd(prefix string, n int) {
	h.t.Helper()
	agreed := true
	var rows []engine.ImportRow
	for i := range n {
		user := fmt.Sprintf("%s%05d", prefix, i)
		rows = append(rows, engine.ImportRow{AccountID: h.account.ID, User: user, Identities: []engine.ImportIdentity{{AccountID: h.account.ID, User: user, Subscribed: &agreed}}})
		if len(rows) == 500 || i == n-1 {
			_, err := h.db.ImportContacts(h.t.Context(), h.bot.ID, rows, h.clock.Now())
			must(h.t, err)
			rows = rows[:0]
		}
	}
}

// A bot with many people, whose broadcast goes on, does not keep another's
// waiting: each of the second's batches comes after at most as many of the first
// as it may have under way, and the first goes on meanwhile.
func TestTwoBotsShareTheWorkersFairly(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		const many, few, underWay = 6_000, 1_200, 4
		ctx := t.Context()
		queue := new(line)
		h.Broadcasts.Bells = queue
		sent := func(r *engine.Run) int64 {
			t.Helper()
			c, err := h.db.Count(ctx, r.ID)
			must(t, err)
			return c.ByStatus[engine.SentOut]
		}
		work := func() {
			t.Helper()
			b, ok := queue.first()
			switch {
			case !ok:
				must(t, h.Tick(ctx))
			case b.run != 0:
				must(t, h.Work(ctx, b.run))
			default:
				must(t, h.WorkRange(ctx, b.part))
			}
		}
		h.crowd("many", many)
		_, first := h.started(plan())
		for range 20 {
			if work(); sent(first) > 0 {
				break
			}
		}

		h.bot = engine.Bot{ID: h.Deps.NewID(), Name: "small", TimeZone: "Asia/Taipei", DefaultRegion: "TW", CreatedAt: h.clock.Now()}
		must(t, h.db.CreateBot(ctx, h.bot))
		h.account = engine.Account{ID: h.Deps.NewID(), BotID: h.bot.ID, Channel: "line", ExternalID: "Usmall", State: engine.AccountActive, CreatedAt: h.clock.Now()}
		must(t, h.db.CreateAccount(ctx, h.account, nil))
		h.publish(document)
		h.crowd("few", few)
		_, second := h.started(plan())
		begun := sent(first)

		behind, worst := 0, 0 // batches of the first since the second's last
		for visits := 0; sent(second) < few; visits++ {
			if visits > 100 {
				t.Fatalf("after %d visits %d of the second have it, and %d of the first", visits, sent(second), sent(first))
			}
			a, b := sent(first), sent(second)
			work()
			switch {
			case sent(second) > b:
				behind = 0
			case sent(first) > a:
				behind++
				worst = max(worst, behind)
			}
		}
		if worst > underWay {
			t.Errorf("%d batches of the first went before one of the second, want at most %d", worst, underWay)
		}
		if now := sent(first); now == begun || now == many {
			t.Errorf("when the second was through %d of the first had it, %d had when it began: want more, and not all %d", now, begun, many)
		}
	})
}
