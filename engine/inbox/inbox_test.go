package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// A platform that sends an event again changes nothing.
func TestRedeliveryIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		u := h.update(channels.Message, "Umai", "hello")
		h.receives(u, u)
		h.answers()
		h.receives(u)
		h.answers()
		h.heard("reply: Hello friend.|What can we do?")
	})
}

func TestQuestionTakesTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("size")
		h.says("medium")
		h.says("large")
		h.heard("reply: Which size?", "reply: Small or Large?", "reply: Size L it is.")
	})
}

// A question nobody answers ends by itself; its text goes by push, for no
// reply token lives so long.
func TestQuestionTimesOut(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("size")
		h.clock.Pass(time.Hour + time.Second)
		h.answers()
		h.heard("reply: Which size?", "push: Ask again any time.")
		h.says("large")
		h.heard("reply: Which size?", "push: Ask again any time.", "reply: Sorry?")
	})
}

// A pause goes on by itself, also when its bell was lost.
func TestPauseGoesOnAfterALostBell(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("pause")
		h.bells.TakeContacts()
		h.clock.Pass(20 * time.Second)
		if n, err := h.Reconcile(t.Context()); err != nil || n != 1 {
			t.Fatalf("rang for %d contacts, %v", n, err)
		}
		h.answers()
		h.heard("reply: One.", "push: Two.")
	})
}

func TestHandoverSilencesAndEnds(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("person")
		h.says("hello")
		h.heard("reply: A colleague will write.")
		h.clock.Pass(31 * time.Minute)
		_, err := h.Reconcile(t.Context())
		must(t, err)
		h.says("hello")
		h.heard("reply: A colleague will write.", "reply: Hello friend.|What can we do?")
	})
}

// Leaving stops what is sent to a person; coming back ends that.
func TestUnfollowBlocksAndFollowClears(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("hello")
		h.receives(h.update(channels.Unfollow, "Umai", ""))
		h.answers()
		send := outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{User: "Umai"}, Block: "welcome", Intent: engine.IntentUtility}
		a, err := h.out.Accept(t.Context(), send)
		must(t, err)
		if a.Status != engine.Skipped || a.Reason != "blocked" {
			t.Errorf("accepted as %+v", a)
		}
		h.receives(h.update(channels.Follow, "Umai", ""))
		h.answers()
		h.heard("reply: Hello friend.|What can we do?", "reply: Welcome friend.")
	})
}

// A slow request whose worker lost the contact changes nothing: the turn is
// run again by whoever has it, and says one thing.
func TestTurnThatOutlivesItsLeaseIsNotCommitted(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		var keys []string
		var contacts map[int64]time.Time
		h.fetch = func(ctx context.Context, r *blocks.Request) (*blocks.Response, error) {
			keys = append(keys, r.Headers["Idempotency-Key"])
			if len(keys) == 1 {
				h.clock.Pass(10 * time.Minute)
				for id := range contacts {
					l, _, err := h.db.TakeLease(ctx, id, "another", h.clock.Now(), h.clock.Now().Add(time.Second))
					must(t, err)
					must(t, h.db.ReleaseLease(ctx, l))
				}
			}
			return &blocks.Response{Status: 200, Body: []byte(`{"status":"shipped"}`)}, nil
		}
		must(t, h.db.SetBotValues(t.Context(), h.bot.ID, map[string]any{"shop_url": "https://shop.example.com/status"}))
		h.receives(h.update(channels.Message, "Umai", "status"))
		contacts = h.bells.Rung()
		h.answers()
		h.heard()
		for id := range contacts {
			must(t, h.Drain(t.Context(), id))
		}
		h.heard("push: It is shipped.")
		if len(keys) != 2 || keys[0] != keys[1] || keys[0] == "" {
			t.Errorf("the calls' keys are %q, want the same twice", keys)
		}
	})
}

// What becomes due while the holder is busy is not left until its lease would
// have ended.
func TestWhatComesDueMeanwhileIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("size")
		h.clock.Pass(59 * time.Minute)
		a, err := h.out.Accept(t.Context(), outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{User: "Umai"}, Block: "greeting", Intent: engine.IntentUtility})
		must(t, err)
		h.bells.TakeContacts()
		h.platform.During = func() { h.clock.Pass(2 * time.Minute) } // the question's time is over
		must(t, h.Drain(t.Context(), a.ContactID))
		h.platform.During = nil
		h.heard("reply: Which size?", "push: Hello friend.|What can we do?", "push: Ask again any time.")
		if rung := h.bells.Rung(); len(rung) != 0 {
			t.Errorf("rung again for nothing: %v", rung)
		}
	})
}

// While a slow request runs, nobody else gets the contact: one call, one reply.
func TestSlowRequestKeepsItsContact(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		posts := 0
		var contacts map[int64]time.Time
		h.fetch = func(context.Context, *blocks.Request) (*blocks.Response, error) {
			posts++
			h.clock.Pass(18 * time.Second) // the longest a turn may spend on calls is 20
			for id := range contacts {
				must(t, h.Drain(t.Context(), id))
			}
			return &blocks.Response{Status: 200, Body: []byte(`{"status":"shipped"}`)}, nil
		}
		must(t, h.db.SetBotValues(t.Context(), h.bot.ID, map[string]any{"shop_url": "https://shop.example.com/status"}))
		h.receives(h.update(channels.Message, "Umai", "status"))
		contacts = h.bells.Rung()
		h.answers()
		h.heard("reply: It is shipped.")
		if posts != 1 {
			t.Errorf("%d calls were made, want 1", posts)
		}
	})
}

// A process that stops in the middle of a turn leaves the contact to others.
func TestAStoppingProcessLeavesItsContact(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		ctx, stop := context.WithCancel(t.Context())
		posts := 0
		h.fetch = func(ctx context.Context, _ *blocks.Request) (*blocks.Response, error) {
			if posts++; posts == 1 {
				stop()
				return nil, ctx.Err()
			}
			return &blocks.Response{Status: 200, Body: []byte(`{"status":"shipped"}`)}, nil
		}
		must(t, h.db.SetBotValues(t.Context(), h.bot.ID, map[string]any{"shop_url": "https://shop.example.com/status"}))
		h.receives(h.update(channels.Message, "Umai", "status"))
		for id := range h.bells.TakeContacts() {
			if err := h.Drain(ctx, id); err == nil {
				t.Error("a turn that was cut off is said to be done")
			}
		}
		h.answers() // rung for again
		h.heard("reply: It is shipped.")
	})
}

// A pause that cannot go on is closed and not tried for ever.
func TestAPauseThatCannotGoOnIsClosed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("pause")
		h.clock.Pass(2 * time.Second)
		h.Channels = nil
		h.answers()
		if rung := h.bells.Rung(); len(rung) != 0 {
			t.Errorf("rung again: %v", rung)
		}
		h.clock.Pass(time.Minute)
		if n, err := h.Reconcile(t.Context()); err != nil || n != 0 {
			t.Errorf("rang for %d contacts, %v", n, err)
		}
		h.heard("reply: One.")
	})
}

// What kills its worker again and again is given up, and the next is answered.
func TestPoisonedTurnIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.receives(h.update(channels.Message, "Umai", "hello"))
		for id := range h.bells.Rung() {
			for range 3 {
				_, _, _, err := h.db.Visit(t.Context(), id, "doomed", h.clock.Now(), h.clock.Now().Add(time.Second))
				must(t, err)
				h.clock.Pass(2 * time.Second)
			}
		}
		h.answers()
		h.heard()
		h.says("hello")
		h.heard("reply: Hello friend.|What can we do?")
	})
}

// A tap carries the values the button had when it was said, and is counted.
func TestTapRunsItsBlock(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("hello")
		var data string
		for _, b := range h.platform.Made()[0].Buttons() {
			data = b
		}
		u := h.update(channels.Postback, "Umai", "")
		u.Data = data
		h.receives(u)
		h.answers()
		h.heard("reply: Hello friend.|What can we do?", "reply: Which size?")
		list, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{Limit: 1})
		must(t, err)
		if len(list) != 1 || len(list[0].Tags) != 1 || list[0].Tags[0] != "asked" {
			t.Errorf("the contacts are %+v", list)
		}
	})
}
