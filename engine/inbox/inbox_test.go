package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// harness is an inbox and an outbox over a real store, with the flow of
// testdata/shop.json published and a platform that answers as told.
type harness struct {
	*inbox.Inbox
	t        *testing.T
	db       *store.DB
	out      *outbox.Outbox
	clock    *outboxtest.Clock
	platform *outboxtest.Platform
	bells    *outboxtest.Bells
	bot      *engine.Bot
	account  *engine.Account
	fetch    func(context.Context, *blocks.Request) (*blocks.Response, error)
	events   int
}

func each(t *testing.T, f func(t *testing.T, h *harness)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newHarness(t, db)) })
}

func newHarness(t *testing.T, db *store.DB) *harness {
	t.Helper()
	ctx := t.Context()
	h := &harness{t: t, db: db, clock: outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)),
		platform: &outboxtest.Platform{Keys: true}, bells: &outboxtest.Bells{}}
	deps := engine.Deps{Now: h.clock.Now, NewID: outboxtest.NewIDs(), Rand: func() uint64 { return 0 }, Log: slog.New(slog.DiscardHandler),
		Fetch: func(ctx context.Context, r *blocks.Request) (*blocks.Response, error) { return h.fetch(ctx, r) }}
	h.bot = &engine.Bot{ID: deps.NewID(), Name: "shop", TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: "VN", CreatedAt: h.clock.Now()}
	must(t, db.CreateBot(ctx, *h.bot))
	h.account = &engine.Account{ID: deps.NewID(), BotID: h.bot.ID, Channel: "line", ExternalID: "Ubot", Name: "Shop", State: engine.AccountActive, CreatedAt: h.clock.Now()}
	must(t, db.CreateAccount(ctx, *h.account, nil))
	h.publish()

	libraries := engine.NewLibraries(db, deps.Now)
	runner := engine.New(deps)
	platforms := map[string]channels.Channel{"line": h.platform}
	h.out = outbox.New(outbox.Config{Deps: deps, Engine: runner, Libraries: libraries, Ledger: db, Directory: db, Channels: platforms, Bells: h.bells})
	h.Inbox = inbox.New(inbox.Config{Deps: deps, Engine: runner, Libraries: libraries, Store: db, Directory: db, Outbox: h.out, Channels: platforms, Bells: h.bells, Owner: "test"})
	h.out.Start(context.WithoutCancel(ctx))
	h.Start(context.WithoutCancel(ctx))
	t.Cleanup(func() { h.Stop(); h.out.Stop() })
	return h
}

func (h *harness) publish() {
	h.t.Helper()
	ctx := h.t.Context()
	document, err := os.ReadFile("testdata/shop.json")
	must(h.t, err)
	checked, problems := flows.Check(document, "shop.json", flows.Catalog{})
	for _, p := range problems {
		if !p.Warning {
			h.t.Fatalf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
		}
	}
	f, err := h.db.SaveDraft(ctx, h.bot.ID, checked.Program.Flow, document, h.clock.Now())
	must(h.t, err)
	var infos []engine.BlockInfo
	for _, b := range checked.Program.Blocks {
		infos = append(infos, engine.BlockInfo{ID: b.ID, BotID: h.bot.ID, Name: b.Name, FlowID: f.ID, Module: b.Module, Aliases: b.Aliases})
	}
	var attributes []engine.Attribute
	for _, a := range checked.Program.Attributes {
		attributes = append(attributes, engine.Attribute{BotID: h.bot.ID, Name: a.Name, Type: string(a.Type), DeclaredBy: f.Name})
	}
	_, err = h.db.Publish(ctx, engine.FlowVersion{BotID: h.bot.ID, FlowID: f.ID, Document: document, IDs: checked.IDs, CreatedAt: h.clock.Now()}, 0, infos, attributes)
	must(h.t, err)
}

// update is one event of a person.
func (h *harness) update(kind channels.UpdateKind, from, text string) channels.Update {
	h.events++
	return channels.Update{Account: "Ubot", Key: fmt.Sprintf("event-%d", h.events), Kind: kind, From: from, At: h.clock.Now(),
		Text: text, ReplyToken: fmt.Sprintf("token-%d", h.events)}
}

func (h *harness) receives(updates ...channels.Update) {
	h.t.Helper()
	must(h.t, h.Accept(h.t.Context(), h.account, &channels.Received{Updates: updates}))
}

// answers works off every contact that was rung for and whose time has come.
func (h *harness) answers() {
	h.t.Helper()
	for id, at := range h.bells.TakeContacts() {
		if at.After(h.clock.Now()) {
			h.bells.RingContact(id, at)
			continue
		}
		must(h.t, h.Drain(h.t.Context(), id))
	}
}

// says lets a person write and the bot answer.
func (h *harness) says(text string) {
	h.t.Helper()
	h.receives(h.update(channels.Message, "Umai", text))
	h.answers()
}

// heard holds what all calls so far carried, each as its texts joined by |.
func (h *harness) heard(want ...string) {
	h.t.Helper()
	var got []string
	for _, c := range h.platform.Made() {
		got = append(got, string(c.Route)+": "+strings.Join(c.Texts(), "|"))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.t.Fatalf("the platform got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestAnswersByReply(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("Hello")
		h.heard("reply: Hello friend.|What can we do?")
		if c := h.platform.Made()[0]; c.Token != "token-1" || c.To != "Umai" {
			t.Errorf("the call was %+v", c)
		}
		if len(h.bells.Profiles) != 1 {
			t.Errorf("profiles asked for: %v", h.bells.Profiles)
		}
	})
}

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

// An API send right after an answered message goes free, if the answer left
// its token unused.
func TestSendUsesASpareReplyToken(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.says("person")
		h.says("anybody there?") // handed over: silent, its token unused
		a, err := h.out.Accept(t.Context(), outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{User: "Umai"}, Block: "order shipped",
			Attributes: map[string]any{"order_code": "A1", "total": "1280000"}, Intent: engine.IntentUtility})
		must(t, err)
		must(t, h.out.Deliver(t.Context(), a.DeliveryID, nil))
		h.heard("reply: A colleague will write.", "reply: Order A1 (1.280.000\u00a0₫) is on its way.")
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

// A reply whose answer was lost is tried once more by its token; it is never
// pushed by itself, for it might come twice.
func TestLostReplyIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(lost, lost)
		h.says("hello")
		h.heard("reply: Hello friend.|What can we do?", "reply: Hello friend.|What can we do?")
		h.ends(engine.Unknown)
		h.clock.Pass(time.Hour)
		_, err := h.out.Reconcile(t.Context())
		must(t, err)
		h.ends(engine.Unknown)
	})
}

// The first reply was taken: its token is spent.
func TestLostReplyWhoseTokenIsSpentIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(lost, spent)
		h.says("hello")
		h.heard("reply: Hello friend.|What can we do?", "reply: Hello friend.|What can we do?")
		h.ends(engine.Unknown)
	})
}

// The first reply was taken; its repetition was refused for now. That its token
// is spent is no reason to push.
func TestLostReplyIsNotPushedWhenItsRepetitionIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(lost, throttled, spent)
		h.says("hello")
		h.ends(engine.Sending)
		h.clock.Pass(2 * time.Second)
		must(t, h.out.Recover(t.Context()))
		for id := range h.bells.Deliveries {
			must(t, h.out.Deliver(t.Context(), id, nil))
		}
		h.ends(engine.Unknown)
		const once = "reply: Hello friend.|What can we do?"
		h.heard(once, once, once)
	})
}

func TestLostReplyThatIsTakenTheSecondTimeIsSent(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(lost)
		h.says("hello")
		h.ends(engine.SentOut)
	})
}

// A token that is refused at once has sent nothing: the answer is pushed.
func TestSpentReplyTokenFallsBackToPush(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(spent)
		h.says("hello")
		h.heard("reply: Hello friend.|What can we do?", "push: Hello friend.|What can we do?")
		h.ends(engine.SentOut)
	})
}

var (
	lost      = &channels.SendError{Kind: channels.KindDown, Retry: channels.RetryUnknown, Message: "timeout"}
	throttled = &channels.SendError{Kind: channels.KindThrottled, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Code: "429"}
	spent     = &channels.SendError{Kind: channels.KindReplyToken, Scope: channels.ScopeRecipient, Code: "400", Message: "Invalid reply token"}
)

// ends holds the status of the only delivery.
func (h *harness) ends(want engine.Status) {
	h.t.Helper()
	list, _, err := h.db.ListDeliveries(h.t.Context(), h.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 2})
	must(h.t, err)
	if len(list) != 1 || list[0].Status != want {
		h.t.Fatalf("the deliveries are %+v, want one that is %s", list, want)
	}
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
