package inbox_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

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
