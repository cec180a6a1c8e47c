package broadcast_test

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// why asks about the nth contact, the newest first.
func (h *harness) why(b *engine.Broadcast, n int) *broadcast.Verdict {
	h.t.Helper()
	people, _, err := h.db.ListContacts(h.t.Context(), h.bot.ID, "", engine.Page{})
	must(h.t, err)
	addresses, err := h.db.IdentitiesOf(h.t.Context(), h.bot.ID, []int64{people[n].ID})
	must(h.t, err)
	v, err := h.Why(h.t.Context(), h.bot.ID, b.ID, "", &people[n], addresses)
	must(h.t, err)
	return v
}

func TestWhySomebodyDidNotGetIt(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.Audience.First = 1
		b, _ := h.started(p)
		h.work()
		h.unsubscribe(2)
		for i, want := range []string{policy.Unsubscribed, "", "row"} {
			v := h.why(b, i)
			switch c := v.Chances; {
			case want == "row":
				if len(v.Rows) != 1 || v.Rows[0].Delivery.Status != engine.SentOut || c != nil {
					t.Errorf("%d: %+v", i, v)
				}
			case len(v.Rows) != 0 || !c.Included || c.Excluded || len(c.Addresses) != 1 || c.Addresses[0].Skip != want:
				t.Errorf("%d: %+v, chances %+v", i, v, c)
			case want != "" && !strings.HasPrefix(c.Addresses[0].Because, "They unsubscribed on 2026-"):
				t.Errorf("%d: because %q", i, c.Addresses[0].Because)
			}
		}
	})
}

func TestACapIsNamed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		h.rules(engine.BroadcastSettings{Caps: []engine.FrequencyCap{{Most: 9, Days: 1}, {Category: "news", Most: 1, Days: 7}}})
		p := plan()
		p.Category = "news"
		h.started(p)
		h.work()
		h.clock.Pass(time.Hour)
		const want = `The cap is 1 of the category "news" in 7 days, and they had had 1.`
		draft, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		if got := h.why(draft, 0).Chances.Addresses[0]; got.Skip != policy.FrequencyCap || got.Because != want {
			t.Errorf("of a draft: %+v", got)
		}
		b, _ := h.started(p)
		h.work()
		h.clock.Pass(30 * 24 * time.Hour)
		if got := h.why(b, 0).Rows[0]; got.Delivery.Reason != policy.FrequencyCap || got.Because != want {
			t.Errorf("of a row, a month later: %+v", got)
		}
		p.Category = "offers"
		other, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		if got := h.why(other, 0).Chances.Addresses[0]; got.Skip != "" || got.Because != "" {
			t.Errorf("of another category: %+v", got)
		}
	})
}

func TestALockIsNamed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		must(t, h.db.LockRoute(t.Context(), &engine.RouteLock{ID: "lock", BotID: h.bot.ID, AccountID: h.account.ID, Intent: engine.IntentUtility, Reason: "it reads like promotion", LockedAt: h.clock.Now()}))
		p := plan()
		p.Intent = engine.IntentUtility
		draft, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		h.clock.Pass(time.Hour)
		if got := h.why(draft, 0).Chances.Addresses[0]; got.Skip != policy.RouteLocked || !strings.HasPrefix(got.Because, "It is locked for utility since 2026-") || !strings.HasSuffix(got.Because, ": it reads like promotion.") {
			t.Errorf("%+v", got)
		}
		_, err = h.Unlock(t.Context(), h.bot.ID, "lock", "Ada", "It is about an order.")
		must(t, err)
		h.clock.Pass(time.Hour)
		if got := h.why(draft, 0).Chances.Addresses[0]; got.Skip != "" {
			t.Errorf("after it was unlocked: %+v", got)
		}
	})
}

func TestWhoIsHeldOutIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(20)
		p := plan()
		p.Content, p.HoldOut = engine.Content{}, 3
		p.Variants = []engine.Variant{{Name: "a", Weight: 4, Content: engine.Content{Block: "hello"}}, {Name: "b", Weight: 3, Content: engine.Content{Block: "hello"}}}
		draft, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		before := map[int]string{}
		for i := range 20 {
			v := h.why(draft, i)
			if len(v.Chances.Addresses) != 1 {
				t.Fatalf("%d has %d chances, want that of the part they belong to", i, len(v.Chances.Addresses))
			}
			before[i] = v.Variant
			if held := v.Chances.Addresses[0].Skip == policy.HeldOut; held != (v.Variant == broadcast.HeldOut) {
				t.Errorf("%d: %s, held out %v", i, v.Variant, held)
			}
		}
		_, err = h.Start(t.Context(), h.bot.ID, draft.ID)
		must(t, err)
		h.work()
		seen := map[string]int{}
		for i := range 20 {
			v := h.why(draft, i)
			held := v.Rows[0].Delivery.Reason == policy.HeldOut
			if v.Variant != before[i] || held != (v.Variant == broadcast.HeldOut) || held != strings.HasPrefix(v.Rows[0].Because, "3 of 10 get nothing") {
				t.Errorf("%d: was %s, is %s; %+v", i, before[i], v.Variant, v.Rows[0])
			}
			seen[v.Variant]++
		}
		if len(seen) != 3 {
			t.Errorf("of twenty people only %v are seen", seen)
		}
	})
}

func TestTheConditionsOfAPerson(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.Audience = engine.Audience{Where: `first_name == "P0" and subscribed_at != nil`}
		draft, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		v := h.why(draft, 0) // P1
		if len(v.Conditions) != 2 || v.Conditions[0].Holds || !v.Conditions[1].Holds || v.Chances.Included {
			t.Errorf("%+v, chances %+v", v.Conditions, v.Chances)
		}
	})
}
