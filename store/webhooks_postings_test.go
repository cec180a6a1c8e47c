package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
	"github.com/blockcast/blockcast/store"
)

func TestPostings(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h, idle := w.hook("*"), w.hook("handover")
		for i := range 3 {
			w.tell(h, noon.Add(time.Duration(i)*time.Second))
		}
		due := func(at time.Time) (ids []string) {
			t.Helper()
			list, err := db.DueWebhooks(w.ctx, at, 10)
			must(t, err)
			for _, h := range list {
				ids = append(ids, h.ID)
			}
			return ids
		}
		same(t, "due before", due(noon.Add(-time.Second)), []string(nil))
		same(t, "due", due(noon), []string{h.ID})
		until := noon.Add(time.Minute)
		claim := func(attempt string, at time.Time, n int) []engine.Posting {
			t.Helper()
			list, err := db.ClaimPostings(w.ctx, h.ID, attempt, at, until, n)
			must(t, err)
			return list
		}
		first := claim("a1", noon.Add(5*time.Second), 2)
		same(t, "claimed", []any{len(first), first[0].Attempts, first[0].Status}, []any{2, 1, engine.PostingSending})
		second := claim("a2", noon.Add(5*time.Second), 10)
		same(t, "what nobody holds", len(second), 1)
		same(t, "held", due(noon.Add(30*time.Second)), []string(nil))
		again := claim("a3", until, 10) // the others' process died
		same(t, "claimed again", []any{len(again), again[0].Attempts}, []any{3, 2})

		end := func(p engine.Posting, status engine.PostingStatus, code int, at time.Time, gone bool) bool {
			t.Helper()
			p.Status, p.Code, p.Answer, p.Took, p.NextAt = status, code, "text", 12*time.Millisecond, at.Add(time.Hour)
			if status != engine.PostingQueued {
				p.ClosedAt = at
			}
			disabled, err := db.FinishPosting(w.ctx, p, notify.End{Now: at, Gone: gone, Reason: "why", Failures: 3, FailingSince: at.Add(-24 * time.Hour)})
			must(t, err)
			return disabled
		}
		standing := func() engine.Webhook {
			t.Helper()
			v, err := db.Webhook(w.ctx, w.bot.ID, h.ID)
			must(t, err)
			return *v
		}
		end(first[0], engine.PostingDelivered, 200, noon, false)
		same(t, "a late end of somebody else's", len(w.status(h, engine.PostingDelivered)), 0)
		end(first[0], engine.PostingQueued, 500, noon, false)
		stranger := again[0]
		stranger.WebhookID = idle.ID
		end(stranger, engine.PostingQueued, 500, noon, true)
		same(t, "what somebody else's failures count", []any{standing().Failures, standing().FailingSince}, []any{0, time.Time{}})
		other, err := db.Webhook(w.ctx, w.bot.ID, idle.ID)
		must(t, err)
		same(t, "what another's posting says about a webhook", []any{other.Failures, other.State}, []any{0, engine.WebhookActive})
		end(again[0], engine.PostingDelivered, 204, noon, false)
		same(t, "delivered", w.status(h, engine.PostingDelivered)[0].Took, 12*time.Millisecond)
		same(t, "disabled at once", end(again[1], engine.PostingQueued, 500, noon, false), false)
		same(t, "failing", []any{standing().Failures, standing().FailingSince}, []any{1, noon})
		end(again[2], engine.PostingFailed, 500, noon.Add(time.Hour), false)
		same(t, "still since then", []any{standing().Failures, standing().FailingSince}, []any{2, noon})

		p, err := db.RequeuePosting(w.ctx, w.bot.ID, h.ID, again[2].ID, noon)
		must(t, err)
		same(t, "again", []any{p.Status, p.Attempts, p.MessageID}, []any{engine.PostingQueued, 0, again[2].MessageID})
		p, err = db.RequeuePosting(w.ctx, w.bot.ID, h.ID, again[1].ID, noon)
		must(t, err)
		same(t, "hurried", []any{p.Status, p.Attempts, p.NextAt}, []any{engine.PostingQueued, again[1].Attempts, noon})
		_, err = db.RequeuePosting(w.ctx, w.bot.ID, idle.ID, again[2].ID, noon)
		refused(t, err, engine.NotFound)
		_, err = db.RequeuePosting(w.ctx, "another bot", h.ID, again[2].ID, noon)
		refused(t, err, engine.NotFound)
		_, err = db.Posting(w.ctx, "another bot", h.ID, again[2].ID)
		refused(t, err, engine.NotFound)

		later := noon.Add(48 * time.Hour)
		until = later.Add(time.Minute)
		w.tell(h, noon)
		last := claim("a4", later, 2)
		same(t, "disabled after long", end(last[0], engine.PostingQueued, 500, later, false), true)
		end(last[1], engine.PostingQueued, 500, later, false)
		same(t, "failures, of which the last came beside its end", standing().Failures, 3)
		same(t, "disabled", []any{standing().State, standing().Reason, due(later)}, []any{engine.WebhookDisabled, "why", []string(nil)})
		same(t, "claimed of a disabled one, for which one waits", len(claim("a6", later, 10)), 0)

		h = idle
		w.tell(h, noon)
		for _, p := range claim("a5", later, 1) {
			same(t, "gone", end(p, engine.PostingFailed, 410, later, true), true)
		}
		same(t, "disabled", standing().State, engine.WebhookDisabled)

		removed, err := db.Prune(w.ctx, noon.Add(31*24*time.Hour), 100)
		must(t, err)
		same(t, "forgotten", removed["webhook_postings"], 5)
	})
}

// tell has a webhook told of something.
func (w *world) tell(h engine.Webhook, at time.Time) {
	w.t.Helper()
	_, err := w.db.AddPosting(w.ctx, engine.Posting{WebhookID: h.ID, BotID: h.BotID, MessageID: "msg_" + w.id(), Topic: "event:x", Body: []byte(`{}`),
		Status: engine.PostingQueued, NextAt: at, CreatedAt: at})
	must(w.t, err)
}

func (w *world) status(h engine.Webhook, status engine.PostingStatus) []engine.Posting {
	w.t.Helper()
	list, _, err := w.db.ListPostings(w.ctx, w.bot.ID, h.ID, status, engine.Page{})
	must(w.t, err)
	return list
}

// Several processes that claim at once get each posting once.
func TestPostingsAreClaimedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("*")
		for range 40 {
			w.tell(h, noon)
		}
		claims := make(chan []engine.Posting, 8)
		for n := range 8 {
			go func() {
				list, err := db.ClaimPostings(context.WithoutCancel(w.ctx), h.ID, "a"+fmt.Sprint(int64(n)), noon, noon.Add(time.Minute), 5)
				if err != nil {
					t.Error(err)
				}
				claims <- list
			}()
		}
		seen := map[int64]bool{}
		for range 8 {
			for _, p := range <-claims {
				if seen[p.ID] {
					t.Errorf("posting %d is claimed twice", p.ID)
				}
				seen[p.ID] = true
			}
		}
		if len(seen) < 5 {
			t.Errorf("only %d postings are claimed", len(seen))
		}
	})
}
