package broadcast_test

import (
	"encoding/json"
	"fmt"
	"strings"
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

// at moves the clock to a time, ticks and works.
func (h *harness) at(s string) {
	h.t.Helper()
	to, err := time.Parse(time.RFC3339, s)
	must(h.t, err)
	h.clock.Pass(to.Sub(h.clock.Now()))
	must(h.t, h.Tick(h.t.Context()))
	h.work()
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

func (h *harness) scheduled(p engine.Plan) *engine.Broadcast {
	h.t.Helper()
	b, err := h.Create(h.t.Context(), h.bot.ID, p)
	must(h.t, err)
	b, err = h.Schedule(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	return b
}

// newest is the run of a broadcast that began last.
func (h *harness) newest(b *engine.Broadcast) *engine.Run {
	h.t.Helper()
	runs, err := h.db.ListRuns(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	if len(runs) == 0 {
		h.t.Fatal("the broadcast has no run")
	}
	return &runs[0]
}

func messages(steps ...string) engine.Content {
	return engine.Content{Messages: json.RawMessage("[" + strings.Join(steps, ",") + "]")}
}

func TestMessagesOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.Content = messages(`{"type": "text", "text": "Dear {{ first_name }} of {{ city ?? 'nowhere' }},"}`, `{"type": "module", "module": "hello"}`)
		b, r := h.started(p)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
		h.state(b, engine.BroadcastFinished)
		if got := h.platform.heard["U001"]; len(got) != 2 || got[0] != "Dear P1 of nowhere," || got[1] != "Hello P1!" {
			t.Errorf("one heard %q", got)
		}
	})
}

func TestMessagesThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		for field, c := range map[string]engine.Content{
			"content":                                    {Block: "hello", Messages: json.RawMessage(`[]`)},
			"content.messages":                           {Messages: json.RawMessage(`{}`)},
			"content.messages[1].text":                   messages(`{"type": "text", "text": "a"}`, `{"type": "text", "text": "{{ frist_name }}"}`),
			"content.messages[0].module":                 messages(`{"type": "module", "module": "helo"}`),
			"content.messages[0]":                        messages(`{"type": "ask", "text": "Which?", "expect": "text", "save_to": "city"}`),
			"content.messages[0].buttons[0].goto":        messages(`{"type": "text", "text": "a", "buttons": [{"title": "b", "goto": "nowhere"}]}`),
			"content.template":                           {Template: json.RawMessage(`{"language": "en"}`)},
			"content.messages[0] without a text":         messages(`{"type": "text"}`),
			"content.messages of six, which is too many": messages(`1`, `2`, `3`, `4`, `5`, `6`),
		} {
			p := plan()
			p.Content = c
			_, err := h.Create(t.Context(), h.bot.ID, p)
			t.Log(err)
			field, _, _ = strings.Cut(field, " ")
			refused(t, err, field)
		}
	})
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

func TestEachPersonsOwnClock(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.live(6, "", "Europe/Berlin", "America/New_York") // "": the bot's, Taipei
		p := plan()
		p.When = engine.When{At: "2026-11-22T09:00", Local: true}
		b := h.scheduled(p)
		if want := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC); !b.DueAt.Equal(want) {
			t.Fatalf("due at %s, want 9:00 in Taipei", b.DueAt)
		}
		for _, step := range []struct {
			at   string
			want int
		}{{"2026-11-22T00:59:00Z", 0}, {"2026-11-22T01:00:00Z", 2}, {"2026-11-22T07:59:00Z", 2}, {"2026-11-22T08:00:10Z", 4}, {"2026-11-22T13:59:00Z", 4}, {"2026-11-22T14:00:10Z", 6}} {
			h.at(step.at)
			if got := h.heard(); got != step.want {
				t.Errorf("at %s %d have heard, want %d", step.at, got, step.want)
			}
		}
		h.state(b, engine.BroadcastFinished)
	})
}

func TestClocksThatHavePassed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) { // it is 11:00 in Taipei, 4:00 in Berlin
		h.people(4)
		h.live(4, "Asia/Taipei", "Europe/Berlin")
		p := plan()
		p.When = engine.When{At: "2026-11-21T09:00", Local: true}
		b := h.scheduled(p)
		h.at("2026-11-21T03:00:10Z")
		r := h.newest(b)
		h.counts(r, map[engine.Status]int64{engine.Skipped: 2, engine.Queued: 2})
		h.at("2026-11-21T08:00:10Z")
		h.counts(r, map[engine.Status]int64{engine.Skipped: 2, engine.SentOut: 2})
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if c.Skipped["missed"] != 2 {
			t.Errorf("skipped %v", c.Skipped)
		}
	})
}

func TestQuietHoursWait(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.live(6, "Asia/Taipei", "America/New_York") // 11:00 and 22:00
		h.rules(engine.BroadcastSettings{QuietHours: &engine.QuietHours{From: "21:00", To: "08:00"}})
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3, engine.Queued: 3})
		h.at("2026-11-21T12:59:00Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3, engine.Queued: 3})
		h.at("2026-11-21T13:00:10Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 6})
		h.state(b, engine.BroadcastFinished)

		p := plan()
		p.Intent, p.Transactional = engine.IntentUtility, true
		h.at("2026-11-21T14:00:00Z") // 22:00 in Taipei
		_, urgent := h.started(p)
		h.work()
		h.counts(urgent, map[engine.Status]int64{engine.SentOut: 6})
	})
}

func TestQuietHoursBeginInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.rules(engine.BroadcastSettings{QuietHours: &engine.QuietHours{From: "11:30", To: "13:00"}})
		h.pace.left = 2
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Queued: 4})
		h.pace.left = -1
		h.at("2026-11-21T03:31:00Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Queued: 4})
		h.at("2026-11-21T05:00:10Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 6})
		h.state(b, engine.BroadcastFinished)
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

func TestItRepeats(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		p := plan()
		p.When = engine.When{At: "2026-11-21T12:00", Repeat: &engine.Repeat{EveryDays: 1, Times: 2}}
		b := h.scheduled(p)
		h.at("2026-11-21T04:00:05Z")
		h.state(b, engine.BroadcastScheduled)
		h.at("2026-11-22T03:59:00Z")
		if got := len(h.platform.heard["U000"]); got != 1 {
			t.Fatalf("heard %d times before the second day", got)
		}
		h.people(2) // who comes meanwhile is meant too
		h.at("2026-11-22T04:00:05Z")
		h.state(b, engine.BroadcastFinished)
		if got := len(h.platform.heard["U000"]) + len(h.platform.heard["U001"]); got != 3 {
			t.Errorf("heard %d times in all, want 3", got)
		}
	})
}

func TestSayingHowToUnsubscribe(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		h.rules(engine.BroadcastSettings{Unsubscribe: engine.Unsubscribing{Text: "Reply STOP {{ to end }} this", Required: true}})
		_, err := h.Create(t.Context(), h.bot.ID, plan())
		refused(t, err, "unsubscribe")
		p := plan()
		p.Unsubscribe = true
		h.started(p)
		h.work()
		if got := h.platform.heard["U000"]; len(got) != 2 || got[0] != "Hello P0!" || got[1] != "Reply STOP { { to end }} this" {
			t.Errorf("heard %q", got)
		}
		p.Content.Block, p.AllowQuestions = "survey", true
		_, err = h.Create(t.Context(), h.bot.ID, p)
		refused(t, err, "content.block")
		p = plan()
		p.Intent = engine.IntentUtility
		_, err = h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
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

func TestABlockDeletedAfterScheduling(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.When = engine.When{At: "2026-11-21T12:00"}
		b := h.scheduled(p)
		h.publishAgain(1, `{"format": 1, "flow": "news", "modules": [{"name": "other", "steps": [{"type": "text", "text": "Other"}]}]}`)
		h.at("2026-11-21T04:00:05Z")
		h.state(b, engine.BroadcastMissed)
		now, err := h.db.Broadcast(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		if !strings.Contains(now.Reason, `"hello"`) {
			t.Errorf("the reason does not name the block: %s", now.Reason)
		}
		if h.heard() != 0 {
			t.Error("somebody heard something")
		}
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

func TestAnApprovedTemplateIsAContent(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := plan()
		p.Content = engine.Content{Template: json.RawMessage(`{"name": "order_update", "language": "zh_TW", "body": ["{{ first_name }}"]}`)}
		_, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
	})
}
