package outbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

var (
	lost      = &channels.SendError{Kind: channels.KindDown, Retry: channels.RetryUnknown, Message: "timeout"}
	throttled = &channels.SendError{Kind: channels.KindThrottled, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Code: "429", Message: "The API rate limit has been exceeded."}
	down      = &channels.SendError{Kind: channels.KindDown, Retry: channels.RetryLater, Message: "connection refused"}
	content   = &channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Code: "400", Message: "May not be empty"}
	blocked   = &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Code: "400", Message: "Failed to send messages"}
	auth      = &channels.SendError{Kind: channels.KindAuth, Scope: channels.ScopeAccount, Code: "401", Message: "Authentication failed"}
	quota     = &channels.SendError{Kind: channels.KindQuota, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Code: "429", Message: "You have reached your monthly limit."}
)

// each runs a case on every database with a harness of its own.
func each(t *testing.T, f func(t *testing.T, h *harness)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newHarness(t, db)) })
}

func TestDeliverSends(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.sends(2)
		d := h.is(id, engine.SentOut)
		if d.Route != "push" || d.MessagesSent != 2 || d.SentAt.IsZero() || d.ClosedAt.IsZero() {
			t.Errorf("route %q, messages %d, sent %v, closed %v", d.Route, d.MessagesSent, d.SentAt, d.ClosedAt)
		}
		c := h.calls(1)[0]
		if c.To != "Umai" || c.Key == "" || c.Route != channels.RoutePush {
			t.Errorf("the call was %+v", c)
		}
		h.works(id) // rung once too often
		h.calls(1)
		story, err := h.db.Story(t.Context(), h.bot.ID, id)
		must(t, err)
		if len(story.Attempts) != 1 || story.Attempts[0].Outcome != "sent" || story.Render == nil {
			t.Errorf("the story is %+v", story)
		}
	})
}

func TestRefusedForNowComesBack(t *testing.T) {
	for name, e := range map[string]*channels.SendError{"throttled": throttled, "down": down, "quota": quota} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.platform.Answers(e)
				id := h.sends(1)
				d := h.is(id, engine.Queued)
				if !d.NotBefore.After(h.clock.Now()) || d.Class != string(e.Kind) {
					t.Errorf("not before %v, class %q", d.NotBefore, d.Class)
				}
				if at, ok := h.bells.Deliveries[id]; !ok || !at.Equal(d.NotBefore) {
					t.Errorf("rung for %v, want %v", at, d.NotBefore)
				}
				h.works(id)
				h.calls(1) // not due yet
				h.clock.Pass(time.Hour)
				h.works(id)
				h.is(id, engine.SentOut)
			})
		})
	}
}

func TestRefusedForGoodFails(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(content)
		d := h.is(h.sends(1), engine.Failed)
		if d.Class != "content" || d.Code != "400" || d.Error != content.Message {
			t.Errorf("class %q, code %q, error %q", d.Class, d.Code, d.Error)
		}
	})
}

// Somebody who left is marked; the next send is refused when it is accepted.
func TestBlockedIsRemembered(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(blocked)
		h.is(h.sends(1), engine.Failed)
		a := h.accepts(h.order(1))
		if a.Status != engine.Skipped || a.Reason != "blocked" || a.Explanation == "" {
			t.Errorf("accepted as %+v", a)
		}
		h.is(a.DeliveryID, engine.Skipped)
		h.works(a.DeliveryID)
		h.calls(1)
	})
}

// A rejected token stops the account and keeps its rows.
func TestRejectedTokenPausesTheAccount(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(auth)
		first := h.sends(1)
		h.is(first, engine.Queued)
		second := h.sends(1)
		h.is(second, engine.Queued)
		h.calls(1)
		a, err := h.db.Account(t.Context(), h.account.ID)
		must(t, err)
		if a.State != engine.AccountPaused || a.Reason == "" {
			t.Fatalf("the account is %s, because %q", a.State, a.Reason)
		}
		a.State, a.Reason = engine.AccountActive, ""
		must(t, h.db.UpdateAccount(t.Context(), *a))
		h.clock.Pass(time.Minute)
		h.bells.Deliveries = nil
		must(t, h.Resume(t.Context(), h.account.ID))
		if len(h.bells.Deliveries) != 2 {
			t.Errorf("resuming rang for %v, want both", h.bells.Deliveries)
		}
		h.works(first)
		h.works(second)
		h.is(first, engine.SentOut)
		h.is(second, engine.SentOut)
	})
}

// What breaks before a call gives the row back, also when the process stops.
func TestFaultGivesTheRowBack(t *testing.T) {
	for name, stops := range map[string]bool{"database": false, "stop": true} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				id := h.accepts(h.order(1)).DeliveryID
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				h.Directory = broken{h.db, func() {
					if stops {
						cancel()
					}
				}}
				if err := h.Deliver(ctx, id, nil); !errors.Is(err, errBroken) {
					t.Fatalf("Deliver: %v", err)
				}
				d := h.is(id, engine.Queued)
				if wait := d.NotBefore.Sub(h.clock.Now()); wait < time.Second || wait > 2*time.Second {
					t.Errorf("it waits %s", wait)
				}
				h.Directory = h.db
				h.clock.Pass(2 * time.Second)
				h.works(id)
				h.is(id, engine.SentOut)
				h.calls(1)
			})
		})
	}
}

// broken is a directory that fails in the middle of a delivery.
type broken struct {
	outbox.Directory
	when func()
}

var errBroken = errors.New("the connection broke")

func (b broken) Situation(context.Context, string, int64) (*engine.Situation, error) {
	b.when()
	return nil, errBroken
}

// An account of a channel that this program lacks fails what is left for it.
func TestUnknownChannel(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.accepts(h.order(1)).DeliveryID
		h.clock.Pass(time.Minute)
		h.Channels = nil
		if n, err := h.Reconcile(t.Context()); n != 1 || err != nil {
			t.Fatalf("rang for %d, %v", n, err)
		}
		h.works(id)
		if d := h.is(id, engine.Failed); d.Class != "unsupported" {
			t.Errorf("class %q", d.Class)
		}
		a := h.accepts(h.order(1))
		if a.Status != engine.Failed || a.Reason != "unsupported" || a.Explanation == "" {
			t.Errorf("an order is answered %+v", a)
		}
		if n, err := h.Reconcile(t.Context()); n != 0 || err != nil {
			t.Errorf("rang for %d, %v", n, err)
		}
	})
}

func TestTwoWorkersSendOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.accepts(h.order(1)).DeliveryID
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := h.Deliver(t.Context(), id, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		h.is(id, engine.SentOut)
		h.calls(1)
	})
}

// What was ordered first arrives first, also when it has to be tried again.
func TestOrderOfAPersonIsKept(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(down)
		first := h.sends(1)
		second := h.sends(1)
		h.is(second, engine.Queued)
		h.calls(1)
		h.clock.Pass(time.Hour)
		h.works(second)
		h.calls(1) // the first is due and goes before
		h.works(first)
		h.is(first, engine.SentOut)
		if _, rung := h.bells.Deliveries[second]; !rung {
			t.Error("nobody was rung for the one that waited")
		}
		h.works(second)
		h.is(second, engine.SentOut)
	})
}

func TestExpires(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(down)
		id := h.sends(1)
		h.clock.Pass(outbox.DefaultExpiry)
		h.works(id)
		if d := h.is(id, engine.Skipped); d.Reason != "expired" {
			t.Errorf("skipped for %q", d.Reason)
		}
		other := h.accepts(h.order(1)).DeliveryID
		h.clock.Pass(outbox.DefaultExpiry + time.Second)
		_, err := h.Reconcile(t.Context())
		must(t, err)
		h.is(other, engine.Skipped)
	})
}

func TestReconcilerRingsForLostBells(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.accepts(h.order(1)).DeliveryID
		clear(h.bells.Deliveries)
		if n, err := h.Reconcile(t.Context()); err != nil || n != 0 {
			t.Errorf("rang %d at once, %v", n, err)
		}
		h.clock.Pass(outbox.Overdue + time.Second)
		if n, err := h.Reconcile(t.Context()); err != nil || n != 1 {
			t.Errorf("rang %d when overdue, %v", n, err)
		}
		if _, ok := h.bells.Deliveries[id]; !ok {
			t.Error("the row's bell was not rung")
		}
	})
}

func TestScheduled(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		o := h.order(1)
		o.NotBefore = h.clock.Now().Add(time.Hour)
		later := h.accepts(o).DeliveryID
		h.works(later)
		now := h.sends(1) // does not wait for the scheduled one
		h.is(now, engine.SentOut)
		h.is(later, engine.Queued)
		h.clock.Pass(time.Hour)
		h.works(later)
		h.is(later, engine.SentOut)
	})
}

func TestIdempotencyKey(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		o := h.order(1)
		o.Token = &engine.Token{Hash: "t", Name: "crm"}
		o.Key, o.BodyHash = "order-17", "a"
		first, again := h.accepts(o), h.accepts(o)
		if again.DeliveryID != first.DeliveryID || again.SendID != first.SendID || !again.Repeated || again.Status != first.Status {
			t.Errorf("first %+v, again %+v", first, again)
		}
		o.BodyHash = "b"
		if _, err := h.Accept(t.Context(), o); !engine.IsCode(err, engine.Conflict) {
			t.Errorf("the same key with another body: %v, want a conflict", err)
		}
		o.Token = &engine.Token{Hash: "other", Name: "shop"}
		if other := h.accepts(o); other.DeliveryID == first.DeliveryID {
			t.Error("the key of another token counted")
		}
	})
}

// Somebody who is erased while an order for them is being stored cannot be sent
// to: the row closes at its first attempt and does not wait for its expiry.
func TestErasedWhileAcceptedIsCanceled(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		now := h.clock.Now()
		must(t, h.db.EraseContact(t.Context(), h.bot.ID, h.identity.ContactID))
		send := engine.Send{ID: "5e4d00000000000000000001", BotID: h.bot.ID, Source: "api", CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
		results, err := h.db.Accept(t.Context(), []outbox.Stored{{Send: send, ContactID: h.identity.ContactID, Delivery: &engine.Delivery{
			BotID: h.bot.ID, AccountID: h.account.ID, ContactID: h.identity.ContactID, IdentityID: h.identity.ID, BlockID: "b", Status: engine.Queued,
			Intent: engine.IntentUtility, NotBefore: now, ExpiresAt: send.ExpiresAt, CreatedAt: now}}})
		must(t, err)
		h.works(results[0].DeliveryID)
		d := h.is(results[0].DeliveryID, engine.Canceled)
		if d.Reason != policy.Erased || d.ClosedAt.IsZero() {
			t.Errorf("reason %q, closed %v", d.Reason, d.ClosedAt)
		}
		h.calls(0)
	})
}
