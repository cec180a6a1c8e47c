package broadcast_test

import (
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

func TestPromotionUnderAnotherIntentLocksTheRoute(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.Intent = engine.IntentUtility
		p.Content = messages(`{"type": "text", "text": "Flash sale, {{ first_name }}: 20% off everything!"}`)
		b, r := h.started(p)
		h.work()
		h.state(b, engine.BroadcastPaused)
		h.counts(r, map[engine.Status]int64{engine.Held: 3})
		locks, err := h.Locks(t.Context(), h.bot.ID, false)
		must(t, err)
		if len(locks) != 1 || locks[0].AccountID != h.account.ID || locks[0].Intent != engine.IntentUtility || len(locks[0].Hits) < 2 || locks[0].RunID != r.ID {
			t.Fatalf("%+v", locks)
		}
		_, err = h.Resume(t.Context(), h.bot.ID, b.ID)
		refused(t, err, "intent")
		if want := "may send nothing as utility since 2026-11-21 11:00 CST: "; !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q: the time on the bot's clock", err, want)
		}

		// While it is locked nothing else goes out so, and promotion still does.
		harmless := plan()
		harmless.Intent = engine.IntentUtility
		other, err := h.Create(t.Context(), h.bot.ID, harmless)
		must(t, err)
		_, err = h.Start(t.Context(), h.bot.ID, other.ID)
		refused(t, err, "intent")
		_, offer := h.started(plan())
		h.work()
		h.counts(offer, map[engine.Status]int64{engine.SentOut: 3})

		_, err = h.Unlock(t.Context(), h.bot.ID, locks[0].ID, "Mai", " ")
		refused(t, err, "note")
		l, err := h.Unlock(t.Context(), h.bot.ID, locks[0].ID, "Mai", "It answers a request for quotes.")
		must(t, err)
		if l.UnlockedBy != "Mai" || l.UnlockedAt.IsZero() || l.Note == "" {
			t.Errorf("%+v", l)
		}
		_, err = h.Unlock(t.Context(), h.bot.ID, locks[0].ID, "Mai", "again")
		refused(t, err, "id")
		_, err = h.Resume(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
	})
}

func TestAPreflightShowsHitsAndCannotBeStarted(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.Intent = engine.IntentUtility
		p.Content = messages(`{"type": "text", "text": "週年慶限時優惠開跑，買一送一"}`)
		b, f := h.prepared(p)
		if len(f.Hits) < 2 || f.Hits[0].Language != "zh" || len(f.Locks) != 1 || f.PreparedID != "" {
			t.Fatalf("%+v", f)
		}
		checks, err := h.db.Checks(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		_, err = h.beginAs(b, checks[0].PreparedID)
		refused(t, err, "intent")
	})
}

// A start is refused where every way is locked, and not where one is left.
func TestAStartWithEveryWayLockedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		h.Channels["messenger"] = h.platform
		page := h.page(2)
		p := plan()
		p.Intent = engine.IntentUtility
		p.Audience.Accounts = []string{h.account.ID, page.ID}
		lock := func(account string) {
			must(t, h.db.LockRoute(t.Context(), &engine.RouteLock{ID: "lock " + account, BotID: h.bot.ID, AccountID: account, Intent: engine.IntentUtility,
				Reason: "it reads like promotion", LockedAt: h.clock.Now()}))
		}
		lock(h.account.ID)
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		r, err := h.Start(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Skipped: 3})
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if c.Skipped["route_locked"] != 3 {
			t.Errorf("skipped %v", c.Skipped)
		}
		lock(page.ID)
		b, err = h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		_, err = h.Start(t.Context(), h.bot.ID, b.ID)
		if !engine.IsCode(err, engine.Conflict) || !strings.Contains(err.Error(), "it reads like promotion") {
			t.Errorf("with none: %v", err)
		}
		h.state(b, engine.BroadcastDraft)
	})
}
