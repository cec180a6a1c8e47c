package broadcast_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// Both audiences are written down before either has sent anything, so that no
// look at what was sent could tell.
func TestTwoFrozenAtOnceKeepToOneCap(t *testing.T) {
	for name, block := range map[string]string{"what speaks": "hello", "what asks": "survey"} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.people(6)
				h.rules(engine.BroadcastSettings{Caps: []engine.FrequencyCap{{Most: 1, Days: 1}}})
				var runs []*engine.Run
				for range 2 {
					p := plan()
					p.Content.Block, p.AllowQuestions = block, block == "survey"
					_, r := h.started(p)
					runs = append(runs, r)
				}
				for frozen := 0; frozen < len(runs); {
					number, rung := take(&h.bells.mu, h.bells.runs, h.clock.Now())
					if !rung {
						t.Fatal("a run waits for nobody")
					}
					must(t, h.Work(t.Context(), number))
					frozen = 0
					for _, r := range runs {
						if now, err := h.db.Run(t.Context(), h.bot.ID, r.ID); err == nil && !now.FrozenAt.IsZero() {
							frozen++
						}
					}
				}
				for _, r := range runs {
					h.counts(r, map[engine.Status]int64{engine.Queued: 6})
				}
				h.work()
				h.counts(runs[0], map[engine.Status]int64{engine.SentOut: 6})
				h.counts(runs[1], map[engine.Status]int64{engine.Skipped: 6})
				c, err := h.db.Count(t.Context(), runs[1].ID)
				must(t, err)
				if c.Skipped["frequency_cap"] != 6 {
					t.Errorf("skipped %v, want 6 by the cap", c.Skipped)
				}
				if h.heard() != 6 {
					t.Errorf("%d people heard something", h.heard())
				}
				for who, texts := range h.platform.heard {
					if len(texts) != 1 {
						t.Errorf("%s heard %q", who, texts)
					}
				}
			})
		})
	}
}

// A person whose two addresses both get it had one broadcast.
func TestACapCountsRunsAndNotAddresses(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		must(t, h.db.MergeContacts(t.Context(), h.bot.ID, h.person(0).ContactID, h.person(1).ContactID))
		h.rules(engine.BroadcastSettings{Caps: []engine.FrequencyCap{{Most: 1, Days: 1}}})
		p := plan()
		p.Audience.EveryIdentity = true
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		r, err := h.Begin(t.Context(), h.bot.ID, b.ID, broadcast.Beginning{})
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2})
	})
}
