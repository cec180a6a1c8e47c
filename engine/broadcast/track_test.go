package broadcast_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// seller is a platform of multicasts that shows where buttons lead.
type seller struct{ *caster }

func (s seller) Render(messages []blocks.Message) []channels.Payload {
	out := s.caster.Render(messages)
	for i := range messages {
		text := messages[i].Part.(*blocks.Text).Text
		messages[i].Buttons(func(b *blocks.Button) { text += " " + b.Value })
		out[i].Body, _ = json.Marshal(text) // a string always marshals
	}
	return out
}

// eachSeller gives a harness of an instance that people reach, and people who
// are told the same.
func eachSeller(t *testing.T, people int, f func(t *testing.T, h *harness, c *caster)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := &caster{size: 500, keys: map[string]bool{}}
		h := newHarnessOver(t, db, db, db, func(p *platform) channels.Channel {
			c.platform = p
			return seller{c}
		})
		h.Reachable = true
		h.Outbox.(*outbox.Outbox).Links = func(l *engine.Link, deliveryID int64) string {
			return fmt.Sprintf("https://bots.example.com/c/%s-%d", l.ID, deliveryID)
		}
		h.alike(people)
		f(t, h, c)
	})
}

// selling is a plan with a link.
func selling(track engine.Tracking) engine.Plan {
	p := plan()
	p.Track = track
	p.Content = engine.Content{Messages: json.RawMessage(`[{"type": "text", "text": "New shirts", "buttons": [{"title": "Shop", "url": "https://shop.example.com/"}]}]`)}
	return p
}

// taps has somebody tap the link of a run: of a delivery, or with 0 nobody
// knows whose.
func (h *harness) taps(r *engine.Run, deliveryID int64) {
	h.t.Helper()
	l := engine.NewLink(engine.Link{BotID: h.bot.ID, RunID: r.ID, Place: "0.0.1", Title: "Shop", Target: "https://shop.example.com/"})
	kept, err := h.db.Link(h.t.Context(), l.ID)
	must(h.t, err)
	if kept == nil {
		h.t.Fatalf("the run has no link %+v", l)
	}
	must(h.t, h.db.SaveClicks(h.t.Context(), []engine.Click{{Link: *kept, DeliveryID: deliveryID, At: h.clock.Now()}}))
}

// addresses are the addresses people heard, each once.
func (c *caster) addresses(t *testing.T) []string {
	t.Helper()
	var out []string
	for who, texts := range c.heard {
		if len(texts) != 1 {
			t.Errorf("%s heard %q", who, texts)
			continue
		}
		_, address, _ := strings.Cut(texts[0], "New shirts ")
		out = append(out, address)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestCountingKeepsTheMulticast(t *testing.T) {
	eachSeller(t, 12, func(t *testing.T, h *harness, c *caster) {
		b, r := h.started(selling(engine.TrackCount))
		h.work()
		if a := c.addresses(t); len(c.casts) != 1 || len(a) != 1 || !strings.HasPrefix(a[0], "https://bots.example.com/c/") {
			t.Errorf("%d multicasts with the addresses %q", len(c.casts), a)
		}
		h.taps(r, 0)
		h.taps(r, 0)
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if got.TellsWho() || got.Tracked() != engine.TrackCount || len(got.Figures.Clicks) != 1 || got.Figures.Clicks[0] != (broadcast.Click{Place: "0.0.1", Title: "Shop", Taps: 2}) {
			t.Errorf("the report has %+v, tells who: %v", got.Figures.Clicks, got.TellsWho())
		}
	})
}

func TestCountingByPersonTellsWho(t *testing.T) {
	eachSeller(t, 12, func(t *testing.T, h *harness, c *caster) {
		b, r := h.started(selling(engine.TrackPerson))
		h.work()
		if a := c.addresses(t); len(c.casts) != 0 || len(a) != 12 {
			t.Errorf("%d multicasts, %d addresses", len(c.casts), len(a))
		}
		rows, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{}, engine.Page{})
		must(t, err)
		h.clock.Pass(time.Minute)
		h.taps(r, rows[3].Delivery.ID)
		h.taps(r, rows[3].Delivery.ID)
		h.taps(r, rows[5].Delivery.ID)
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if sum := got.Figures.Sum("*", silent); !got.TellsWho() || sum.Clicked != 2 || len(got.Figures.Clicks) != 1 || got.Figures.Clicks[0] != (broadcast.Click{Place: "0.0.1", Title: "Shop", People: 2, Taps: 3}) {
			t.Errorf("%d clicked, %+v", sum.Clicked, got.Figures.Clicks)
		}
		clicked, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeClicked}, engine.Page{})
		must(t, err)
		if len(clicked) != 2 || !clicked[0].Delivery.ClickedAt.Equal(h.clock.Now()) {
			t.Errorf("those who clicked are %+v", clicked)
		}
		where, _ := broadcast.Filter{Outcome: broadcast.OutcomeClicked}.Where(b.ID)
		p := selling(engine.TrackOff)
		p.Audience = engine.Audience{Where: where}
		_, again := h.started(p)
		h.work()
		h.counts(again, map[engine.Status]int64{engine.SentOut: 2})
	})
}

// What a pre-flight makes is what is sent: the same addresses.
func TestAPreparedStartKeepsItsAddresses(t *testing.T) {
	eachSeller(t, 3, func(t *testing.T, h *harness, c *caster) {
		h.rules(engine.BroadcastSettings{Prices: []engine.Price{{AccountID: h.account.ID, Route: "push", Amount: 0.5, Currency: "TWD"}}})
		b, p := h.prepared(selling(engine.TrackPerson))
		if p.Track != engine.TrackPerson || p.Linked != 3 || p.Renders != 3 {
			t.Errorf("the pre-flight tells %+v", p)
		}
		if len(p.Doubts) != 1 || !strings.Contains(p.Doubts[0], "a call of their own") || !strings.Contains(p.Doubts[0], "3 people") {
			t.Errorf("its doubts are %q", p.Doubts)
		}
		r, err := h.beginAs(b, p.PreparedID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
		if a := c.addresses(t); len(a) != 3 || len(c.casts) != 0 {
			t.Errorf("the addresses are %q", a)
		}
		h.taps(r, 0)

		_, p = h.prepared(selling(engine.TrackCount))
		if p.Renders != 1 || p.Linked != 3 || len(p.Doubts) != 0 {
			t.Errorf("by count the pre-flight tells %+v", p)
		}
		without := plan()
		without.Track = engine.TrackPerson
		if _, p = h.prepared(without); p.Renders != 1 || len(p.Doubts) != 1 || !strings.Contains(p.Doubts[0], "makes no difference") {
			t.Errorf("without links the pre-flight tells %d renders and %q", p.Renders, p.Doubts)
		}
	})
}

// A bot's default holds where a plan says nothing, as it is when a run begins.
func TestTheBotsDefaultHoldsFromTheStart(t *testing.T) {
	eachSeller(t, 2, func(t *testing.T, h *harness, c *caster) {
		set := func(track engine.Tracking) {
			h.bot.Settings.Broadcasts.Track = track
			must(t, h.db.UpdateBot(t.Context(), h.bot))
		}
		set(engine.TrackCount)
		_, r := h.started(selling(engine.TrackDefault))
		set(engine.TrackPerson)
		h.work()
		if a := c.addresses(t); r.Plan.Track != engine.TrackCount || len(a) != 1 || len(c.casts) != 1 {
			t.Errorf("the run counts by %q: %q", r.Plan.Track, a)
		}
		clear(c.heard)
		_, r = h.started(selling(engine.TrackOff))
		h.work()
		if a := c.addresses(t); r.Plan.Track != engine.TrackOff || !slices.Equal(a, []string{"https://shop.example.com/"}) {
			t.Errorf("the run counts by %q: %q", r.Plan.Track, a)
		}
		none, err := h.Report(t.Context(), h.bot.ID, r.BroadcastID, "")
		must(t, err)
		if !none.TellsWho() || none.Tracked() != engine.TrackOff {
			t.Error("a run that does not count must tell who tapped other buttons")
		}
	})
}

func TestWithoutAnAddressNothingIsCounted(t *testing.T) {
	eachSeller(t, 2, func(t *testing.T, h *harness, c *caster) {
		b, r := h.started(selling(engine.TrackPerson))
		h.Reachable = false // of a worker that was not told
		for {
			run, ok := take(&h.bells.mu, h.bells.runs, h.clock.Now())
			if !ok {
				break
			}
			must(t, h.Work(t.Context(), run))
		}
		part, ok := take(&h.bells.mu, h.bells.ranges, h.clock.Now())
		if err := h.WorkRange(t.Context(), part); !ok || err == nil || !strings.Contains(err.Error(), "--public-url") {
			t.Errorf("the worker says %v", err)
		}
		waits, err := h.db.Run(t.Context(), h.bot.ID, r.ID)
		must(t, err)
		if !strings.Contains(waits.Reason, "--public-url") || len(c.heard) != 0 {
			t.Errorf("the run says %q, and %v was heard", waits.Reason, c.heard)
		}
		h.Reachable = true // another worker
		h.clock.Pass(time.Minute)
		must(t, h.Tick(t.Context()))
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2})
		h.state(b, engine.BroadcastFinished)
		over, err := h.db.Run(t.Context(), h.bot.ID, r.ID)
		must(t, err)
		if over.Reason != "" {
			t.Errorf("the finished run still says %q", over.Reason)
		}

		h.Reachable = false
		_, err = h.Create(t.Context(), h.bot.ID, selling(engine.TrackCount))
		refused(t, err, "track")
		h.bot.Settings.Broadcasts.Track = engine.TrackPerson
		must(t, h.db.UpdateBot(t.Context(), h.bot))
		_, err = h.Create(t.Context(), h.bot.ID, selling(engine.TrackDefault))
		refused(t, err, "track")
		if !strings.Contains(err.Error(), "settings") {
			t.Errorf("the bot's default is refused by %v", err)
		}
		_, err = h.Create(t.Context(), h.bot.ID, selling(engine.TrackOff))
		must(t, err)
		_, err = h.Create(t.Context(), h.bot.ID, selling("everybody"))
		refused(t, err, "track")
		refused(t, broadcast.CheckSettings(&engine.BroadcastSettings{Track: "everybody"}), "settings.broadcasts.track")
	})
}
