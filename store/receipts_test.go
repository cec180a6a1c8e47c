package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

func (w *world) hear(at time.Time, receipts ...channels.Receipt) {
	w.t.Helper()
	b := inbox.Batch{Now: at}
	for _, r := range receipts {
		b.Receipts = append(b.Receipts, inbox.Receipt{AccountID: w.account.ID, Receipt: r})
	}
	_, err := w.db.StoreArrivals(w.ctx, b)
	must(w.t, err)
}

func (w *world) apply(at time.Time, want int) {
	w.t.Helper()
	n, err := w.db.ApplyReceipts(w.ctx, at, 100)
	must(w.t, err)
	same(w.t, "receipts applied", n, want)
}

// sent is a delivery the platform has taken, with the ids it gave.
func (w *world) sent(p *engine.Identity, attempt string, at time.Time, ids ...string) *engine.Delivery {
	w.t.Helper()
	d := w.called(p, attempt)
	must(w.t, w.db.Finish(w.ctx, outbox.Outcome{Delivery: d, Status: engine.SentOut, MessageIDs: ids, Now: at}))
	return d
}

func TestReceiptsRaiseStates(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		byMetadata, byID := w.sent(p, "a1", noon), w.sent(p, "a2", noon, "m2")
		w.hear(noon,
			channels.Receipt{Kind: channels.Delivered, Metadata: fmt.Sprintf("d:%d.0", byMetadata.ID), MessageID: "m2", At: noon.Add(time.Second)},
			channels.Receipt{Kind: channels.Read, MessageID: "m2", At: noon.Add(2 * time.Second)},
			channels.Receipt{Kind: channels.Delivered, MessageID: "m2", At: noon.Add(time.Second)})
		w.apply(noon, 3)
		got := w.delivery(byMetadata.ID)
		same(t, "by metadata first", []any{got.Status, got.DeliveredAt}, []any{engine.Delivered, noon.Add(time.Second)})
		got = w.delivery(byID.ID)
		same(t, "by the platform's id", []any{got.Status, got.DeliveredAt, got.ReadAt}, []any{engine.Read, noon.Add(time.Second), noon.Add(2 * time.Second)})

		w.hear(noon, channels.Receipt{Kind: channels.Delivered, MessageID: "m2", At: noon.Add(time.Hour)})
		w.apply(noon, 1)
		same(t, "never down again", w.delivery(byID.ID).Status, engine.Read)
	})
}

func TestReceiptsSettleWhatWasLost(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		lost, refused := w.called(w.person("U1"), "a1"), w.sent(w.person("U2"), "a2", noon)
		must(t, w.finish(lost, engine.Unknown))
		w.hear(noon,
			channels.Receipt{Kind: channels.Echo, Metadata: fmt.Sprintf("d:%d.0", lost.ID), At: noon},
			channels.Receipt{Kind: channels.Failed, Metadata: fmt.Sprintf("d:%d.0", refused.ID), At: noon,
				Error: &channels.SendError{Kind: channels.KindBlocked, Code: "551", Message: "not available"}})
		w.apply(noon, 2)
		same(t, "an echo settles", w.delivery(lost.ID).Status, engine.SentOut)
		got := w.delivery(refused.ID)
		same(t, "refused afterwards", []any{got.Status, got.Class, got.Code, got.Error}, []any{engine.Failed, "blocked", "551", "not available"})
	})
}

// Two parts of three are with the person and the answer of the last was lost:
// only what is said of the last tells what became of it.
func TestAReceiptOfAnEarlierPartSettlesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		o := w.order(w.person("U1"))
		o.Render = &engine.Render{ID: "three", BotID: w.bot.ID, AccountID: w.account.ID, Messages: []byte(`[]`), Buttons: []byte(`[]`),
			Payloads: []byte(`[{"body":{},"messages":1},{"body":{},"messages":1},{"body":{},"messages":1}]`)}
		o.Delivery.RenderID = o.Render.ID
		d := w.claimed(w.accepted(o)[0].DeliveryID, "a1", noon)
		begin := func() engine.Attempt {
			a := engine.Attempt{ID: "a1", At: noon, Route: "push"}
			must(t, db.Begin(w.ctx, d, a))
			return a
		}
		must(t, db.Progress(w.ctx, d, begin(), 1, []string{"m0"}))
		must(t, db.Progress(w.ctx, d, begin(), 2, []string{"m1"}))
		begin()
		must(t, w.finish(d, engine.Unknown))
		w.hear(noon,
			channels.Receipt{Kind: channels.Echo, Metadata: fmt.Sprintf("d:%d.1", d.ID), MessageID: "m1", At: noon},
			channels.Receipt{Kind: channels.Delivered, MessageID: "m0", At: noon})
		w.apply(noon, 2)
		same(t, "after words about what is known", w.delivery(d.ID).Status, engine.Unknown)
		w.hear(noon, channels.Receipt{Kind: channels.Echo, Metadata: fmt.Sprintf("d:%d.2", d.ID), MessageID: "m2", At: noon})
		w.apply(noon, 1)
		same(t, "after the last part's echo", w.delivery(d.ID).Status, engine.SentOut)
	})
}

func TestAReceiptWaitsForTheEndOfItsDelivery(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1") // the first of two parts is with them, the second is not
		w.hear(noon, channels.Receipt{Kind: channels.Delivered, Metadata: fmt.Sprintf("d:%d.0", d.ID), At: noon})
		w.apply(noon, 0)
		same(t, "status meanwhile", w.delivery(d.ID).Status, engine.Sending)
		must(t, w.finish(d, engine.SentOut))
		w.apply(noon, 1)
		same(t, "status afterwards", w.delivery(d.ID).Status, engine.Delivered)
	})
}

func TestAReceiptThatMatchesNothingStaysTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		other := worldOf(t, db, "other")
		theirs := other.sent(other.person("U1"), "a1", noon)
		for _, metadata := range []string{"", "d:", "d:x.1", "d:-4.1", "e:1.1", fmt.Sprintf("d:%d.0", theirs.ID)} {
			w.hear(noon, channels.Receipt{Kind: channels.Delivered, Metadata: metadata, MessageID: "m9", At: noon})
		}
		w.apply(noon.Add(9*time.Minute), 0)
		d := w.sent(w.person("U2"), "a2", noon, "m9")
		w.apply(noon.Add(9*time.Minute), 5+1)
		same(t, "found after all", w.delivery(d.ID).Status, engine.Delivered)
		same(t, "another bot's delivery", other.delivery(theirs.ID).Status, engine.SentOut)

		w.hear(noon, channels.Receipt{Kind: channels.Delivered, MessageID: "m10", At: noon})
		w.apply(noon.Add(10*time.Minute), 0)
		w.sent(w.person("U3"), "a3", noon, "m10")
		w.apply(noon.Add(10*time.Minute), 0) // it is gone
	})
}

func TestAWatermarkReachesAllBefore(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		early, late := w.sent(p, "a1", noon.Add(time.Minute)), w.sent(p, "a2", noon.Add(time.Hour))
		w.hear(noon, channels.Receipt{Kind: channels.Read, To: "U1", Watermark: noon.Add(2 * time.Minute), At: noon.Add(3 * time.Minute)})
		w.apply(noon, 1)
		same(t, "before", w.delivery(early.ID).Status, engine.Read)
		same(t, "after", w.delivery(late.ID).Status, engine.SentOut)
	})
}

func TestAForeignEchoHandsTheConversationOver(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		w.hear(noon, channels.Receipt{Kind: channels.Echo, To: "U1", MessageID: "theirs", Foreign: true, At: noon})
		w.apply(noon, 1)
		if i := w.identity(p.ID); !i.HandedOver(noon.Add(time.Minute)) || i.HandedOver(noon.Add(time.Hour)) {
			t.Errorf("conversation is %+v", i)
		}
	})
}

func TestReceiptsAreAppliedPastThoseThatWait(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.sent(w.person("U1"), "a1", noon, "m1")
		for n := range 5 {
			w.hear(noon, channels.Receipt{Kind: channels.Delivered, MessageID: fmt.Sprint("unknown", n), At: noon})
		}
		w.hear(noon, channels.Receipt{Kind: channels.Delivered, MessageID: "m1", At: noon})
		n, err := db.ApplyReceipts(w.ctx, noon, 2)
		must(t, err)
		same(t, "applied", n, 1)
		same(t, "status", w.delivery(d.ID).Status, engine.Delivered)
	})
}
