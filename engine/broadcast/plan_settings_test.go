package broadcast_test

import (
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

func TestRulesThatCannotBe(t *testing.T) {
	t.Parallel()
	good := engine.BroadcastSettings{QuietHours: &engine.QuietHours{From: "21:30", To: "08:00"}, Caps: []engine.FrequencyCap{{Most: 2, Days: 7}},
		Unsubscribe: engine.Unsubscribing{Button: "Stop"}, Prices: []engine.Price{{AccountID: "a", Route: "push", Amount: 0.2, Currency: "TWD"}}}
	must(t, broadcast.CheckSettings(&good))
	must(t, broadcast.CheckSettings(&engine.BroadcastSettings{}))
	for field, s := range map[string]engine.BroadcastSettings{
		"quiet_hours.from":           {QuietHours: &engine.QuietHours{From: "9pm", To: "08:00"}},
		"quiet_hours.to":             {QuietHours: &engine.QuietHours{From: "21:00", To: "24:00"}},
		"quiet_hours":                {QuietHours: &engine.QuietHours{From: "21:00", To: "21:00"}},
		"frequency_caps[1].most":     {Caps: []engine.FrequencyCap{{Most: 1, Days: 1}, {Days: 1}}},
		"frequency_caps[0].days":     {Caps: []engine.FrequencyCap{{Most: 1, Days: 999}}},
		"frequency_caps[0].category": {Caps: []engine.FrequencyCap{{Most: 1, Days: 1, Category: "abcdefghijklmnopqrstu"}}},
		"unsubscribe.button":         {Unsubscribe: engine.Unsubscribing{Button: "Please send me no more of this"}},
		"prices[0].account_id":       {Prices: []engine.Price{{}}},
		"prices[0].route":            {Prices: []engine.Price{{AccountID: "a", Route: "reply"}}},
		"prices[0].amount":           {Prices: []engine.Price{{AccountID: "a", Route: "push", Amount: -1}}},
		"prices[0].currency":         {Prices: []engine.Price{{AccountID: "a", Route: "push", Currency: "NT$"}}},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			refused(t, broadcast.CheckSettings(&s), "settings.broadcasts."+field)
		})
	}
}

func TestPlansWithMistakes(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		two := []engine.Variant{{Name: "a", Weight: 1, Content: engine.Content{Block: "hello"}}, {Name: "b", Weight: 1, Content: engine.Content{Block: "hello"}}}
		for field, change := range map[string]func(*engine.Plan){
			"content":            func(p *engine.Plan) { p.Variants = two },
			"variants":           func(p *engine.Plan) { p.Content, p.Variants = engine.Content{}, two[:1] },
			"variants[1].name":   func(p *engine.Plan) { p.Content, p.Variants = engine.Content{}, []engine.Variant{two[0], two[0]} },
			"variants[1].weight": func(p *engine.Plan) { p.Content, p.Variants = engine.Content{}, []engine.Variant{two[0], {Name: "c"}} },
			"variants[0].content": func(p *engine.Plan) {
				p.Content, p.Variants = engine.Content{}, []engine.Variant{{Name: "c", Weight: 1}, two[0]}
			},
			"hold_out":      func(p *engine.Plan) { p.HoldOut = 100 },
			"transactional": func(p *engine.Plan) { p.Transactional = true },
			"tolerance":     func(p *engine.Plan) { p.Tolerance = -1 },
			"frozen": func(p *engine.Plan) {
				p.Frozen, p.When = true, engine.When{At: "2026-12-24T09:00", Repeat: &engine.Repeat{EveryDays: 1}}
			},
			"when.at":             func(p *engine.Plan) { p.When = engine.When{Local: true} },
			"when.at with a zone": func(p *engine.Plan) { p.When = engine.When{At: "2026-12-24T09:00:00+08:00", Local: true} },
			"when.at that is not": func(p *engine.Plan) { p.When = engine.When{At: "2026-03-29T02:30", TimeZone: "Europe/Berlin"} },
			"when.max_lateness":   func(p *engine.Plan) { p.When = engine.When{At: "2026-12-24T09:00", MaxLateness: "soon"} },
			"when.repeat":         func(p *engine.Plan) { p.When = engine.When{At: "2026-12-24T09:00", Repeat: &engine.Repeat{}} },
			"when.repeat.weekdays[0]": func(p *engine.Plan) {
				p.When = engine.When{At: "2026-12-24T09:00", Repeat: &engine.Repeat{Weekdays: []string{"monday"}}}
			},
			"when.repeat.until": func(p *engine.Plan) {
				p.When = engine.When{At: "2026-12-24T09:00", Repeat: &engine.Repeat{EveryDays: 1, Until: "2026-12-23"}}
			},
			"when.repeat.every_days": func(p *engine.Plan) {
				p.When = engine.When{At: "2026-12-24T09:00", Repeat: &engine.Repeat{EveryDays: -1}}
			},
		} {
			p := plan()
			change(&p)
			_, err := h.Create(t.Context(), h.bot.ID, p)
			t.Log(err)
			field, _, _ = strings.Cut(field, " ")
			refused(t, err, field)
		}
	})
}

// A time that has passed is told on the clock it was written for.
func TestATimeThatHasPassed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := plan()
		p.When = engine.When{At: "2026-11-21T09:00"} // two hours ago in Taipei
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		_, err = h.Schedule(t.Context(), h.bot.ID, b.ID)
		refused(t, err, "when.at")
		if want := "2026-11-21T09:00:00+08:00 has passed already: it is 2026-11-21T11:00:00+08:00"; !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	})
}

// A platform that objects to what is said not to be promotion locks the route.
func TestAPlatformThatObjects(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		h.platform.answer = func(string, int) *channels.SendError {
			return &channels.SendError{Kind: channels.KindRestricted, Scope: channels.ScopeAccount, Code: "368", Message: "temporarily blocked for policies violations"}
		}
		p := plan()
		p.Intent = engine.IntentUtility
		h.started(p)
		h.work()
		locks, err := h.Locks(t.Context(), h.bot.ID, false)
		must(t, err)
		if len(locks) != 1 || locks[0].AccountID != h.account.ID {
			t.Fatalf("%+v", locks)
		}
	})
}
