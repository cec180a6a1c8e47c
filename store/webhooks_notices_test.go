package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

func notice(topic string, contact int64) engine.Notice {
	return engine.Notice{Topic: topic, ContactID: contact, Data: []byte(`{"n":1,"text":"<b> & Huế"}`)}
}

// What a turn tells is kept with the turn, for whoever listens, or not at all.
func TestNoticesOfATurn(t *testing.T) {
	t.Parallel()
	var rung atomic.Int64
	storetest.EachWith(t, store.Config{OnNotice: func() { rung.Add(1) }}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		all, events, one, other, off := w.hook("*"), w.hook("event:*"), w.hook("event:paid", "handover"), w.hook("event:other", "account.paused"), w.hook("*")
		off.State = engine.WebhookDisabled
		put(t, db, off)
		rival := worldOf(t, db, "rival").hook("*")

		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Notices: []engine.Notice{notice("event:paid", it.ContactID), notice("handover", it.ContactID), notice("event:seen", it.ContactID)}}
		before := rung.Load()
		_, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		if rung.Load() == before {
			t.Error("nobody is woken")
		}
		same(t, "all", w.told(all), []string{"event:paid", "handover", "event:seen"})
		same(t, "events", w.told(events), []string{"event:paid", "event:seen"})
		same(t, "one", w.told(one), []string{"event:paid", "handover"})
		same(t, "others", append(append(w.told(other), w.told(off)...), w.told(rival)...), []string(nil))

		list, _, err := db.ListPostings(w.ctx, w.bot.ID, one.ID, "", engine.Page{Limit: 1})
		must(t, err)
		p := list[0]
		same(t, "body", string(p.Body), `{"type":"handover","timestamp":"2026-11-21T03:00:00Z","bot_id":"`+w.bot.ID+`","data":{"n":1,"text":"<b> & Huế"}}`)
		same(t, "whom", p.ContactID, it.ContactID)
		same(t, "one id for all who listen", strings.HasPrefix(p.MessageID, "msg_") && p.MessageID == w.posting(all, "handover").MessageID, true)

		_, err = db.CommitTurn(w.ctx, l, turn) // the interaction is closed: nothing of it happens
		lost(t, err)
		same(t, "after a turn that did not happen", len(w.told(all)), 3)

		must(t, db.EraseContact(w.ctx, w.bot.ID, it.ContactID))
		same(t, "after the person was erased", w.told(all), []string(nil))
	})
}

func (w *world) posting(h engine.Webhook, topic string) engine.Posting {
	w.t.Helper()
	list, _, err := w.db.ListPostings(w.ctx, w.bot.ID, h.ID, "", engine.Page{})
	must(w.t, err)
	i := slices.IndexFunc(list, func(p engine.Posting) bool { return p.Topic == topic })
	if i < 0 {
		w.t.Fatalf("nothing was told of %s", topic)
	}
	return list[i]
}

// The end of a delivery that was not sent is told once, whoever wrote it.
func TestNoticesOfDeliveries(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("delivery.failed", "delivery.skipped")
		p := w.person("U1")

		d := w.called(p, "a1")
		must(t, w.finish(d, engine.Failed))
		_ = w.finish(d, engine.Failed) // late, or again
		failed := w.posting(h, "delivery.failed")
		for _, part := range []string{`"status":"failed"`, `"id":` + fmt.Sprint(d.ID), `"account":{"id":"` + w.account.ID + `"`} {
			if !strings.Contains(string(failed.Body), part) {
				t.Errorf("%s does not tell %s", failed.Body, part)
			}
		}
		must(t, w.finish(w.called(p, "a2"), engine.SentOut))

		prepared := w.queued(p)
		turn := &engine.Turn{Notices: []engine.Notice{notice("event:x", p.ContactID), notice("delivery.skipped", 0)}}
		must(t, db.Prepare(w.ctx, outbox.Prepared{Delivery: w.claimed(prepared, "a3", noon), Turn: turn, Now: noon}))
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: w.claimedAs(prepared, "a3"), Status: engine.Skipped, Reason: "nothing_to_say", Now: noon}))

		w.queued(p)
		n, err := db.Expire(w.ctx, noon.Add(25*time.Hour), 10)
		must(t, err)
		same(t, "expired", n, 1)

		lateID := w.sent(w.person("U2"), "a4", noon, "m4").ID
		w.hear(noon, channels.Receipt{Kind: channels.Failed, To: "U2", MessageID: "m4", At: noon, Error: &channels.SendError{Kind: channels.KindBlocked, Code: "551", Message: "gone"}})
		w.apply(noon, 1)
		same(t, "it was told", w.told(h), []string{"delivery.failed", "delivery.skipped", "delivery.skipped", "delivery.skipped", "delivery.failed"})
		if last := w.posting(h, "delivery.failed"); !strings.Contains(string(last.Body), `"id":`+fmt.Sprint(lateID)) || !strings.Contains(string(last.Body), `"class":"blocked","code":"551","error":"gone"`) {
			t.Errorf("of a failure by receipt it was told %s", last.Body)
		}
	})
}

func (w *world) claimedAs(id int64, attempt string) *engine.Delivery {
	w.t.Helper()
	d := w.delivery(id)
	d.AttemptID = attempt
	return d
}

func TestNoticeOfAPausedAccount(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("account.paused")
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "the token is refused"))
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "again"))
		same(t, "told", w.told(h), []string{"account.paused"})
		same(t, "body", strings.HasSuffix(string(w.posting(h, "account.paused").Body), `"data":{"account":{"id":"`+w.account.ID+`","channel":"line"},"reason":"the token is refused"}}`), true)
	})
}
