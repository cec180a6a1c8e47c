package broadcast_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
)

// page adds a Messenger account to the bot, with n subscribed people who have
// just written.
func (h *harness) page(n int) engine.Account {
	h.t.Helper()
	ctx := h.t.Context()
	page := engine.Account{ID: h.Deps.NewID(), BotID: h.bot.ID, Channel: "messenger", ExternalID: "page", State: engine.AccountActive, CreatedAt: h.clock.Now()}
	must(h.t, h.db.CreateAccount(ctx, page, nil))
	for i := range n {
		id, err := h.db.CreateIdentity(ctx, h.bot.ID, outbox.NewIdentity{AccountID: page.ID, ExternalID: fmt.Sprintf("P%03d", i), Now: h.clock.Now(),
			Profile: &channels.Profile{FirstName: fmt.Sprint("M", i)}})
		must(h.t, err)
		agreed := true
		must(h.t, h.db.PatchContact(ctx, h.bot.ID, id.ContactID, id.ID, engine.Deltas{Subscribe: &agreed}, h.clock.Now()))
		h.wrote(page, i)
	}
	return page
}

// wrote lets a person of a page open their window.
func (h *harness) wrote(page engine.Account, i int) {
	h.t.Helper()
	now := h.clock.Now()
	_, err := h.db.StoreArrivals(h.t.Context(), inbox.Batch{Now: now, Arrivals: []inbox.Arrival{{BotID: h.bot.ID, AccountID: page.ID, EventKey: h.Deps.NewID(),
		From: fmt.Sprintf("P%03d", i), Kind: engine.DidOther, Opens: true, OccurredAt: now, ReceivedAt: now}}})
	must(h.t, err)
}

// Between a pre-flight and its start the windows of most people close: what was
// made for them may not go out any more, and nothing else is said to them.
func TestAWindowThatClosesBeforeTheStart(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.Channels["messenger"] = h.platform
		page := h.page(5)
		p := plan()
		p.Audience.Accounts = []string{page.ID}
		b, f := h.prepared(p)
		if f.State != engine.RunHeld {
			t.Fatalf("the pre-flight is %s", f.State)
		}
		h.clock.Pass(23 * time.Hour)
		h.wrote(page, 1)
		h.wrote(page, 3)
		h.clock.Pass(90 * time.Minute)
		r, err := h.beginAs(b, f.PreparedID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Skipped: 3})
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if c.Skipped["route_changed"] != 3 {
			t.Errorf("skipped %v, want 3 whose route changed", c.Skipped)
		}
		for i := range 5 {
			want := 0
			if i == 1 || i == 3 {
				want = 1
			}
			if got := len(h.platform.heard[fmt.Sprintf("P%03d", i)]); got != want {
				t.Errorf("the person %d heard %d messages, want %d", i, got, want)
			}
		}
	})
}
