package broadcast_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
)

// rules changes the bot's settings.
func (h *harness) rules(s engine.BroadcastSettings) {
	h.t.Helper()
	h.bot.Settings.Broadcasts = s
	must(h.t, h.db.UpdateBot(h.t.Context(), h.bot))
	h.clock.Pass(2 * time.Second)
}

// live puts people into time zones, in turn.
func (h *harness) live(n int, zones ...string) {
	h.t.Helper()
	for i := range n {
		id := h.person(i)
		zone := zones[i%len(zones)]
		if zone != "" {
			must(h.t, h.db.PatchContact(h.t.Context(), h.bot.ID, id.ContactID, id.ID, engine.Deltas{Facts: map[string]any{"time_zone": zone}}, h.clock.Now()))
		}
	}
}

func (h *harness) person(i int) *engine.Identity {
	h.t.Helper()
	id, err := h.db.IdentityByExternal(h.t.Context(), h.account.ID, fmt.Sprintf("U%03d", i))
	must(h.t, err)
	return id
}

// heard counts who has heard something.
func (h *harness) heard() int {
	h.platform.mu.Lock()
	defer h.platform.mu.Unlock()
	n := 0
	for _, texts := range h.platform.heard {
		if len(texts) > 0 {
			n++
		}
	}
	return n
}

func TestVariantsShareTheAudience(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(60)
		p := plan()
		p.Content = engine.Content{}
		p.Variants = []engine.Variant{{Name: "short", Weight: 2, Content: messages(`{"type": "text", "text": "Hi"}`)}, {Name: "long", Weight: 1, Content: engine.Content{Block: "hello"}}}
		p.HoldOut = 1
		b, r := h.started(p)
		h.work()
		h.state(b, engine.BroadcastFinished)
		spread := broadcast.SpreadOf(b.ID, 4)
		held := int64(0)
		for i := range 60 {
			heard := h.platform.heard[fmt.Sprintf("U%03d", i)]
			switch n := spread.Of(h.person(i).ContactID); {
			case n < 2 && len(heard) == 1 && heard[0] == "Hi":
			case n == 2 && len(heard) == 1 && heard[0] == fmt.Sprintf("Hello P%d!", i):
			case n == 3 && len(heard) == 0:
				held++
			default:
				t.Errorf("the person %d has the number %d and heard %q", i, n, heard)
			}
		}
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if held == 0 || c.Skipped["hold_out"] != held || c.ByStatus[engine.SentOut] != 60-held {
			t.Errorf("%d were held out; counted %v, skipped %v", held, c.ByStatus, c.Skipped)
		}
	})
}

func TestTheFrequencyCap(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		h.rules(engine.BroadcastSettings{Caps: []engine.FrequencyCap{{Category: "news", Most: 1, Days: 7}, {Most: 3, Days: 7}}})
		send := func(category string, want map[engine.Status]int64) {
			t.Helper()
			p := plan()
			p.Category = category
			_, r := h.started(p)
			h.work()
			h.counts(r, want)
			h.clock.Pass(time.Minute)
		}
		all, none := map[engine.Status]int64{engine.SentOut: 2}, map[engine.Status]int64{engine.Skipped: 2}
		send("news", all)
		send("news", none)
		send("offers", all)
		send("", all)
		send("offers", none)
		h.clock.Pass(7 * 24 * time.Hour)
		send("news", all)
		p := plan()
		p.Category, p.Intent, p.Transactional = "news", engine.IntentUtility, true
		_, r := h.started(p)
		h.work()
		h.counts(r, all)
	})
}

func TestATestSend(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.Content = messages(`{"type": "text", "text": "Try this, {{ first_name }}"}`)
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		_, err = h.TestSend(t.Context(), h.bot.ID, b.ID, make([]outbox.Recipient, 6))
		refused(t, err, "to")
		_, err = h.TestSend(t.Context(), h.bot.ID, b.ID, nil)
		refused(t, err, "to")
		tests, err := h.TestSend(t.Context(), h.bot.ID, b.ID, []outbox.Recipient{{IdentityID: h.person(1).ID}, {IdentityID: 999_999}})
		must(t, err)
		if len(tests) != 2 || tests[0].Accepted == nil || tests[1].Error == "" {
			t.Fatalf("%+v", tests)
		}
		must(t, h.Outbox.(*outbox.Outbox).Deliver(t.Context(), tests[0].Accepted.DeliveryID, nil))
		if got := h.platform.heard["U001"]; len(got) != 1 || got[0] != "Try this, P1" {
			t.Errorf("heard %q", got)
		}
		h.state(b, engine.BroadcastDraft)
	})
}

func TestAnAccountDisconnectedInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(5)
		h.pace.left = 2
		b, r := h.started(plan())
		h.work()
		a := h.account
		a.State = engine.AccountDisconnected
		must(t, h.db.UpdateAccount(t.Context(), a))
		h.pace.left = -1
		h.clock.Pass(10 * time.Second)
		must(t, h.Tick(t.Context()))
		h.work()
		h.clock.Pass(10 * time.Second)
		must(t, h.Tick(t.Context()))
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Skipped: 3})
		h.state(b, engine.BroadcastFinished)
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if c.Skipped["disconnected"] != 3 {
			t.Errorf("skipped %v", c.Skipped)
		}
	})
}

func TestOldNamesAreAskedFor(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		h.clock.Pass(25 * time.Hour)
		h.pace.left = 0
		h.started(plan())
		h.work()
		must(t, h.Tick(t.Context()))
		must(t, h.Tick(t.Context()))
		if got := h.bells.Profiles; len(got) != 3 {
			t.Errorf("asked for %v, want each of three once", got)
		}
	})
}
