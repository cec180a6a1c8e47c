package inbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

const booked = "reply: Booked."

// passes lets time pass and works off what is due then. The harness keeps one
// bell for a contact, so the others are rung here.
func (h *harness) passes(d time.Duration) {
	h.t.Helper()
	h.clock.Pass(d)
	must(h.t, h.Recover(h.t.Context()))
	h.answers()
}

// rungFor holds when the only contact is rung for next.
func (h *harness) rungFor(want time.Time) {
	h.t.Helper()
	for _, at := range h.bells.Rung() {
		if !at.Equal(want) {
			h.t.Errorf("rung for %s, want %s", at, want)
		}
		return
	}
	h.t.Errorf("nobody is rung for, want %s", want)
}

// deliveries are all there are, oldest first.
func (h *harness) deliveries() []engine.Delivery {
	h.t.Helper()
	list, _, err := h.db.ListDeliveries(h.t.Context(), h.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 100})
	must(h.t, err)
	slices.Reverse(list)
	return list
}

// told are the codes of what the flow's author is told.
func (h *harness) told() []string {
	h.t.Helper()
	people, _, err := h.db.ListContacts(h.t.Context(), h.bot.ID, "", engine.Page{Limit: 1})
	must(h.t, err)
	items, _, err := h.db.Timeline(h.t.Context(), h.bot.ID, people[0].ID, engine.Page{Limit: 100})
	must(h.t, err)
	var codes []string
	for _, i := range items {
		if i.Kind == "event" {
			codes = append(codes, i.Status)
		}
	}
	return codes
}

func TestPlannedBlockIsSent(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		h.rungFor(h.clock.Now().Add(2 * time.Hour))
		h.passes(2*time.Hour - time.Minute)
		h.heard(booked)
		h.passes(time.Minute)
		h.heard(booked, "push: See you, friend.")
		d := h.deliveries()[1]
		if d.Intent != engine.IntentUtility || d.Seq != 1 || d.SendID == "" || d.Status != engine.SentOut {
			t.Errorf("the delivery is %+v", d)
		}
		h.passes(48 * time.Hour)
		h.heard(booked, "push: See you, friend.")
	})
}

// The plan outlives the process: a queue that forgot its bells is rung again.
func TestPlannedBlockIsSentAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		h.bells.TakeContacts()
		h.clock.Pass(3 * time.Hour)
		must(t, h.Recover(t.Context()))
		h.answers()
		h.heard(booked, "push: See you, friend.")
	})
}

// What is planned disturbs no conversation, and is not disturbed by one.
func TestPlannedBlockLeavesTheQuestionOpen(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		h.passes(90 * time.Minute)
		h.says("size")
		h.passes(31 * time.Minute)
		h.says("large")
		h.heard(booked, "reply: Which size?", "push: See you, friend.", "reply: Size L it is.")
	})
}

func TestTheSameKeyReplaces(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		h.passes(time.Hour)
		h.says("book")
		h.passes(time.Hour)
		h.heard(booked, booked)
		h.passes(time.Hour)
		h.heard(booked, booked, "push: See you, friend.")
		h.passes(9 * time.Hour)
		h.heard(booked, booked, "push: See you, friend.")
	})
}

func TestCancelTakesBack(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		h.says("cancel")
		h.passes(3 * time.Hour)
		h.heard(booked, "reply: Canceled.")
	})
}

// cancel_when is asked about the person as they are when the time has come.
func TestCancelWhenIsAskedWhenItIsDue(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		h.says("pay")
		h.passes(3 * time.Hour)
		h.heard(booked, "reply: Paid.")
		if got := h.told(); !slices.Equal(got, []string{engine.EventCalledOff}) {
			t.Errorf("the author is told %v", got)
		}
	})
}

func TestUnlessReplied(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("nudge")
		h.passes(2 * time.Hour)
		h.heard("reply: Think about it.", "push: See you, friend.")
		h.says("nudge")
		h.passes(time.Minute)
		h.says("hello")
		h.passes(2 * time.Hour)
		h.heard("reply: Think about it.", "push: See you, friend.", "reply: Think about it.", "reply: Hello friend.|What can we do?")
	})
}

// It is ten in the morning: twelve hours later the person sleeps.
func TestBetweenWaitsForTheMorning(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("evening")
		h.passes(22 * time.Hour)
		h.heard(booked)
		h.passes(time.Hour)
		h.heard(booked, "push: See you, friend.")
	})
}

// A bell that comes hours late, at night, does not wake the person.
func TestBetweenHoldsForALateBell(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("evening")
		h.bells.TakeContacts()
		h.clock.Pass(36 * time.Hour)
		must(t, h.Recover(t.Context()))
		h.answers()
		h.heard(booked)
		h.rungFor(h.clock.Now().Add(11 * time.Hour))
		h.passes(11 * time.Hour)
		h.heard(booked, "push: See you, friend.")
	})
}

// A send's own attributes go with what it plans, and what is planned plans the
// next, each a delivery of its own that knows where it came from.
func TestSendPlansItsOwnFollowers(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("hello")
		for _, code := range []string{"A1", "B2"} {
			a, err := h.out.Accept(t.Context(), outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{User: "Umai"}, Block: "parcel waits",
				Attributes: map[string]any{"order_code": code}, Intent: engine.IntentUtility, Category: "parcels"})
			must(t, err)
			must(t, h.out.Deliver(t.Context(), a.DeliveryID, nil))
		}
		h.passes(24 * time.Hour)
		h.passes(24 * time.Hour)
		one, two := "push: Order A1 waits.", "push: Order B2 waits."
		h.heard("reply: Hello friend.|What can we do?", one, two, one, two, one, two)
		all := h.deliveries()
		for i, d := range all[3:] {
			before := all[i+1]
			if d.OriginID != before.ID || d.Seq != before.Seq+1 || d.Category != "parcels" || d.Intent != engine.IntentUtility {
				t.Errorf("delivery %d follows %d as the %d., of category %q for %s", d.ID, d.OriginID, d.Seq, d.Category, d.Intent)
			}
		}
	})
}

// What a broadcast plans needs the same consent as the broadcast.
func TestPlannedByPromotionIsPromotion(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("hello")
		people, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{Limit: 1})
		must(t, err)
		ids, err := h.db.IdentitiesOf(t.Context(), h.bot.ID, []int64{people[0].ID})
		must(t, err)
		consents := func(to bool) {
			must(t, h.db.PatchContact(t.Context(), h.bot.ID, people[0].ID, ids[0].ID, engine.Deltas{Subscribe: &to}, h.clock.Now()))
		}
		consents(true)
		a, err := h.out.Accept(t.Context(), outbox.Order{Bot: h.bot, Source: "broadcast", To: outbox.Recipient{User: "Umai"}, Block: "parcel waits",
			Attributes: map[string]any{"order_code": "A1"}, Intent: engine.IntentPromotional})
		must(t, err)
		must(t, h.out.Deliver(t.Context(), a.DeliveryID, nil))
		consents(false)
		h.passes(24 * time.Hour)
		d := h.deliveries()[2]
		if d.Intent != engine.IntentPromotional || d.Status != engine.Skipped || d.Reason != "unsubscribed" {
			t.Errorf("the follower is %s %s %q", d.Intent, d.Status, d.Reason)
		}
	})
}

// Whatever goes on by itself for ever is stopped.
func TestChainOfPlansEnds(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("book")
		people, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{Limit: 1})
		must(t, err)
		timer, err := h.db.DueTimer(t.Context(), people[0].ID, h.clock.Now().Add(3*time.Hour))
		must(t, err)
		timer.Seq = engine.MaxChain + 1
		s, err := h.db.Situation(t.Context(), h.bot.ID, timer.IdentityID)
		must(t, err)
		if s.Library, err = h.Libraries.Library(t.Context(), h.bot.ID); err != nil {
			t.Fatal(err)
		}
		ring, err := h.Engine.Ring(t.Context(), *s, timer)
		must(t, err)
		if ring.Send || len(ring.Events) != 1 || ring.Events[0].Code != engine.EventLimitChain {
			t.Errorf("it came to %+v", ring)
		}
	})
}
