package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/store"
)

// wrote is a text from somebody.
func (w *world) wrote(from, key string, at time.Time) inbox.Arrival {
	return inbox.Arrival{BotID: w.bot.ID, AccountID: w.account.ID, EventKey: key, From: from, Kind: engine.DidMessage, OccurredAt: at, ReceivedAt: at,
		ReplyToken: "r-" + key, Inbound: engine.Inbound{Input: &blocks.Input{Kind: blocks.InputText, Text: "text of " + key}}}
}

func (w *world) did(kind engine.InteractionKind, from, key string, at time.Time) inbox.Arrival {
	a := w.wrote(from, key, at)
	a.Kind, a.Inbound, a.ReplyToken = kind, engine.Inbound{}, ""
	return a
}

func (w *world) arrive(arrivals ...inbox.Arrival) []int64 {
	w.t.Helper()
	ring, err := w.db.StoreArrivals(w.ctx, inbox.Batch{Arrivals: arrivals, Now: noon})
	must(w.t, err)
	return ring
}

func (w *world) known(external string) *engine.Identity {
	w.t.Helper()
	i, err := w.db.IdentityByExternal(w.ctx, w.account.ID, external)
	must(w.t, err)
	if i == nil {
		w.t.Fatalf("nobody is known as %s", external)
	}
	return i
}

func TestArrivalsMakePeopleAndInteractions(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ring := w.arrive(w.wrote("Umai", "a", noon), w.wrote("Ulin", "b", noon.Add(-time.Second)), w.wrote("Umai", "c", noon.Add(-time.Minute)))
		mai, lin := w.known("Umai"), w.known("Ulin")
		if mai.ContactID == 0 || mai.ContactID == lin.ContactID {
			t.Fatalf("contacts are %d and %d", mai.ContactID, lin.ContactID)
		}
		want := []int64{mai.ContactID, lin.ContactID}
		if want[0] > want[1] {
			want[0], want[1] = want[1], want[0]
		}
		same(t, "contacts to ring", ring, want)
		same(t, "last heard of Mai", mai.LastInboundAt, noon)

		i := store.Unanswered(t, w.db, mai.ContactID)
		same(t, "the oldest interaction", i, &engine.Interaction{ID: i.ID, BotID: w.bot.ID, AccountID: w.account.ID, IdentityID: mai.ID, ContactID: mai.ContactID,
			Kind: engine.DidMessage, OccurredAt: noon.Add(-time.Minute), ReceivedAt: noon.Add(-time.Minute), EventKey: "c", ReplyToken: "r-c",
			Inbound: engine.Inbound{Input: &blocks.Input{Kind: blocks.InputText, Text: "text of c"}}})
	})
}

func TestRedeliveryChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		batch := []inbox.Arrival{w.wrote("Umai", "a", noon), w.did(engine.DidFollow, "Unew", "b", noon)}
		w.arrive(batch...)
		before := w.known("Umai")
		batch[0].OccurredAt = noon.Add(time.Hour)
		if ring := w.arrive(batch...); len(ring) != 0 {
			t.Errorf("contacts %v are rung for events that were seen", ring)
		}
		same(t, "identity", w.known("Umai"), before)
		l := w.lease(before.ContactID)
		it := store.Unanswered(t, w.db, before.ContactID)
		_, err := db.CommitTurn(w.ctx, l, inbox.Turn{BotID: w.bot.ID, InteractionID: it.ID, IdentityID: before.ID, ContactID: before.ContactID, Closed: true, Now: noon})
		must(t, err)
		again := store.Unanswered(t, w.db, before.ContactID)
		if again != nil {
			t.Errorf("a redelivered event is to be answered again: %+v", again)
		}
	})
}

func TestArrivalsMarkWhoLeftAndCameBack(t *testing.T) {
	type step struct {
		kind engine.InteractionKind
		at   time.Duration
	}
	const reacted engine.InteractionKind = "reacted" // what starts nothing and opens the window
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	cases := []struct {
		name             string
		steps            []step
		blocked          time.Duration // -1: no
		heard, subscribe time.Duration // -1: never
	}{
		{"wrote", []step{{engine.DidMessage, minutes(1)}}, -1, minutes(1), -1},
		{"followed", []step{{engine.DidFollow, minutes(1)}}, -1, minutes(1), minutes(1)},
		{"left", []step{{engine.DidFollow, minutes(1)}, {engine.DidUnfollow, minutes(2)}}, minutes(2), minutes(1), minutes(1)},
		{"left and followed again", []step{{engine.DidUnfollow, minutes(2)}, {engine.DidFollow, minutes(3)}}, -1, minutes(3), minutes(3)},
		{"left and wrote again", []step{{engine.DidUnfollow, minutes(2)}, {engine.DidTap, minutes(3)}}, -1, minutes(3), -1},
		{"leaving told late", []step{{engine.DidFollow, minutes(3)}, {engine.DidUnfollow, minutes(2)}}, -1, minutes(3), minutes(3)},
		{"an old message told late", []step{{engine.DidUnfollow, minutes(3)}, {engine.DidMessage, minutes(2)}}, minutes(3), minutes(2), -1},
		{"what starts nothing", []step{{engine.DidUnfollow, minutes(2)}, {engine.DidOther, minutes(3)}}, minutes(2), -1, -1},
		{"what starts nothing and is heard", []step{{engine.DidUnfollow, minutes(2)}, {reacted, minutes(3)}}, -1, minutes(3), -1},
	}
	at := func(d time.Duration) time.Time {
		if d < 0 {
			return time.Time{}
		}
		return noon.Add(d)
	}
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for n, c := range cases {
			for _, together := range []bool{false, true} {
				from := fmt.Sprintf("U%d-%t", n, together)
				var all []inbox.Arrival
				for i, s := range c.steps {
					a := w.did(s.kind, from, fmt.Sprintf("%s-%d", from, i), noon.Add(s.at))
					if s.kind == reacted {
						a.Kind, a.Opens = engine.DidOther, true
					}
					all = append(all, a)
				}
				if together {
					w.arrive(all...)
				} else {
					for _, a := range all {
						w.arrive(a)
					}
				}
				i := w.known(from)
				same(t, c.name+": blocked", i.BlockedAt, at(c.blocked))
				same(t, c.name+": last heard", i.LastInboundAt, at(c.heard))
				same(t, c.name+": subscribed", i.SubscribedAt, at(c.subscribe))
			}
		}
	})
}

// Two committers meet the same new people, and the same events, at once.
func TestConcurrentArrivalsMeetPeopleOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const people, committers = 20, 6
		var wg sync.WaitGroup
		for c := range committers {
			var batch []inbox.Arrival
			for n := range people {
				batch = append(batch, w.wrote(fmt.Sprintf("U%02d", n), fmt.Sprintf("same%02d", n), noon),
					w.wrote(fmt.Sprintf("U%02d", people-1-n), fmt.Sprintf("x own%02d of %d", n, c), noon))
			}
			slices.SortFunc(batch, func(x, y inbox.Arrival) int { return strings.Compare(x.EventKey, y.EventKey) })
			wg.Go(func() {
				if _, err := db.StoreArrivals(w.ctx, inbox.Batch{Arrivals: batch, Now: noon}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		rows := store.CountRows(t, db)
		same(t, "identities, contacts and interactions", []int{rows["identities"], rows["contacts"], rows["interactions"]},
			[]int{people, people, people + people*committers})
		seen := map[int64]bool{}
		for n := range people {
			contact := w.known(fmt.Sprintf("U%02d", n)).ContactID
			if contact == 0 || seen[contact] {
				t.Errorf("person %d has contact %d", n, contact)
			}
			seen[contact] = true
		}
	})
}
