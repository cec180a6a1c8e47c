package outbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// closed is a platform's word that the person wrote too long ago.
var closed = &channels.SendError{Kind: channels.KindWindowClosed, Scope: channels.ScopeRecipient, Code: "10/2018278", Message: "outside of allowed window"}

// The platform's clock goes before ours: what it refuses goes out as the
// block's template, once, and the ledger has both calls.
func TestTemplateGoesOutInsteadOfWhatTheWindowRefuses(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(time.Hour)
		h.platform.Answers(closed)
		id := h.accepts(h.order("shipped")).DeliveryID
		h.works(id)
		if d := h.is(id, engine.Queued); d.Class != policy.WindowClosed || d.Attempt != 1 {
			t.Errorf("after the refusal its class is %q and its attempts are %d", d.Class, d.Attempt)
		}
		for range 2 { // a bell too many changes nothing
			h.works(id)
		}
		h.made("push: Order A1024 is on its way.", `template: order_shipped en_US ["Mai" "A1024"]`)
		d := h.is(id, engine.SentOut)
		if d.Route != policy.RouteTemplate || d.Class != "" || d.Attempt != 2 || !strings.Contains(strings.Join(d.Warnings, "|"), "the template order_shipped goes out instead") {
			t.Errorf("it went by %q with class %q, %d attempts and the warnings %q", d.Route, d.Class, d.Attempt, d.Warnings)
		}
		story, err := h.db.Story(t.Context(), h.bot.ID, id)
		must(t, err)
		if len(story.Attempts) != 2 || story.Attempts[0].Outcome != "refused" || story.Attempts[0].Code != "10/2018278" || story.Attempts[1].Outcome != "sent" {
			t.Errorf("the ledger has the attempts %+v", story.Attempts)
		}
		if got := string(story.Render.Messages); !strings.Contains(got, `"order_shipped"`) {
			t.Errorf("the ledger says that it said %s", got)
		}
	})
}

// The window may close between two attempts of the same bytes.
func TestTemplateGoesOutInsteadOfWhatIsTooLate(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(23 * time.Hour)
		h.platform.Answers(down)
		id := h.accepts(h.order("shipped")).DeliveryID
		h.works(id)
		h.clock.Pass(2 * time.Hour)
		h.works(id)
		h.works(id)
		h.is(id, engine.SentOut)
		h.made("push: Order A1024 is on its way.", `template: order_shipped en_US ["Mai" "A1024"]`)
	})
}

// A question that never came is not answered by what the person writes next.
func TestTemplateInsteadOfAQuestionEndsIt(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(time.Hour)
		h.platform.Answers(closed)
		id := h.accepts(h.order("rate us")).DeliveryID
		lease, _, err := h.db.TakeLease(t.Context(), h.person.ContactID, "test", h.clock.Now(), h.clock.Now().Add(time.Minute))
		must(t, err)
		must(t, h.Deliver(t.Context(), id, lease))
		h.works(id)
		h.made("push: How was it?", `template: rate_us en_US []`)
		h.is(id, engine.SentOut)
		s, err := h.db.Situation(t.Context(), h.bot.ID, h.person.ID)
		must(t, err)
		if s.Session != nil {
			t.Errorf("a session is open: %+v", s.Session)
		}
	})
}

// What offers no template, may not go out as one or is one already is skipped.
func TestNothingGoesOutInstead(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		inWindow := h.order("shipped")
		inWindow.InWindow = true
		refused := func(o outbox.Order) {
			t.Helper()
			h.platform.Answers(closed)
			id := h.accepts(o).DeliveryID
			h.works(id)
			if d := h.is(id, engine.Skipped); d.Reason != policy.WindowClosed {
				t.Errorf("%s is skipped for %q", o.Block, d.Reason)
			}
		}
		h.heard(time.Hour)
		refused(h.order("news"))
		refused(inWindow)
		h.clock.Pass(2 * day)
		refused(h.order("shipped"))
		h.made("push: News.", "push: Order A1024 is on its way.", `template: order_shipped en_US ["Mai" "A1024"]`)
	})
}
