package outbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

const day = 24 * time.Hour

// parcels is a flow whose blocks are sent on a channel with a window.
const parcels = `{
  "format": 1, "flow": "parcels",
  "attributes": {"order_id": "text", "asked": "boolean"},
  "modules": [
    {"name": "shipped", "entry": {"needs": ["order_id"]},
     "when_closed": {"messenger": {"template": "order_shipped", "language": "{{ language ?? 'en' }}_US", "body": ["{{ first_name ?? 'there' }}", "{{ order_id }}"]}},
     "steps": [{"type": "text", "text": "Order {{ order_id }} is on its way."}]},
    {"name": "ready", "entry": {}, "steps": [{"type": "set", "set": {"asked": true}},
      {"type": "template", "name": "order_ready", "language": "en_US", "body": ["{{ order_id ?? '–' }}"], "buttons": [{"goto": "news", "tag": ["ready"]}, {"none": true}]}]},
    {"name": "news", "entry": {}, "steps": [{"type": "text", "text": "News."}]}
  ],
  "blocks": [
    {"name": "rate us", "entry": {}, "when_closed": {"messenger": {"template": "rate_us", "language": "en_US"}},
     "steps": [{"type": "set", "set": {"asked": true}}, {"type": "ask", "text": "How was it?", "expect": "text", "on_fail": "rate us"}]}
  ]
}`

// windowed is a harness whose person is on a channel with a window.
type windowed struct {
	*harness
	platform *outboxtest.TemplatePlatform
	person   *engine.Identity
}

func eachWindowed(t *testing.T, f func(t *testing.T, h *windowed)) {
	each(t, func(t *testing.T, h *harness) {
		h.publish(parcels)
		w := &windowed{harness: h, platform: &outboxtest.TemplatePlatform{}}
		h.Channels["messenger"] = w.platform
		page := engine.Account{ID: "65f0c0ffee000000000000a3", BotID: h.bot.ID, Channel: "messenger", ExternalID: "42", Name: "Page", State: engine.AccountActive, CreatedAt: h.clock.Now()}
		must(t, h.db.CreateAccount(t.Context(), page, nil))
		var err error
		w.person, err = h.db.CreateIdentity(t.Context(), h.bot.ID, outbox.NewIdentity{AccountID: page.ID, ExternalID: "7001", Profile: &channels.Profile{FirstName: "Mai"}, Now: h.clock.Now()})
		must(t, err)
		f(t, w)
	})
}

// publish publishes a document.
func (h *harness) publish(document string) {
	h.t.Helper()
	ctx := h.t.Context()
	checked, problems := flows.Check([]byte(document), "flow.json", flows.Catalog{})
	if checked == nil {
		h.t.Fatalf("the flow is refused: %+v", problems)
	}
	f, err := h.db.SaveDraft(ctx, h.bot.ID, checked.Program.Flow, []byte(document), h.clock.Now())
	must(h.t, err)
	var infos []engine.BlockInfo
	for _, b := range checked.Program.Blocks {
		infos = append(infos, engine.BlockInfo{ID: b.ID, BotID: h.bot.ID, Name: b.Name, FlowID: f.ID, Module: b.Module})
	}
	var attributes []engine.Attribute
	for _, a := range checked.Program.Attributes {
		attributes = append(attributes, engine.Attribute{BotID: h.bot.ID, Name: a.Name, Type: string(a.Type), DeclaredBy: f.Name})
	}
	_, err = h.db.Publish(ctx, engine.FlowVersion{BotID: h.bot.ID, FlowID: f.ID, Document: []byte(document), IDs: checked.IDs, CreatedAt: h.clock.Now()}, 0, infos, attributes)
	must(h.t, err)
}

// heard lets the person have written so long ago.
func (h *windowed) heard(ago time.Duration) {
	h.t.Helper()
	at := h.clock.Now().Add(-ago)
	_, err := h.db.StoreArrivals(h.t.Context(), inbox.Batch{Now: h.clock.Now(), Arrivals: []inbox.Arrival{{BotID: h.bot.ID, AccountID: h.person.AccountID,
		EventKey: at.String(), From: h.person.ExternalID, Kind: engine.DidMessage, OccurredAt: at, ReceivedAt: at}}})
	must(h.t, err)
}

func (h *windowed) order(block string) outbox.Order {
	return outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{IdentityID: h.person.ID}, Block: block,
		Attributes: map[string]any{"order_id": "A1024"}, Intent: engine.IntentUtility}
}

// made tells the calls so far, each by its route and what it carried.
func (h *windowed) made(want ...string) {
	h.t.Helper()
	var got []string
	for _, c := range h.platform.Made() {
		said := strings.Join(c.Texts(), "|")
		if c.Template != nil {
			said = fmt.Sprintf("%s %s %q", c.Template.Name, c.Template.Language, c.Template.Body)
		}
		got = append(got, string(c.Route)+": "+said)
	}
	if !slices.Equal(got, want) {
		h.t.Fatalf("the platform got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestTemplateGoesOutWhereTheWindowIsClosed(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		a := h.accepts(h.order("shipped"))
		if a.Status != engine.Queued || a.Route != policy.RouteTemplate {
			t.Errorf("accepted as %s by %q, want queued by template", a.Status, a.Route)
		}
		h.works(a.DeliveryID)
		h.made(`template: order_shipped en_US ["Mai" "A1024"]`)
		d := h.is(a.DeliveryID, engine.SentOut)
		if d.Route != policy.RouteTemplate || d.VersionID == 0 {
			t.Errorf("went by %q of version %d", d.Route, d.VersionID)
		}
		story, err := h.db.Story(t.Context(), h.bot.ID, a.DeliveryID)
		must(t, err)
		want := `[{"type":"template","name":"order_shipped","language":"en_US","body":["Mai","A1024"]}]`
		if got := string(story.Render.Messages); got != want {
			t.Errorf("the ledger says\n  %s\nwant\n  %s", got, want)
		}
	})
}

// Inside the window the block's own messages go, free and whole.
func TestBlockGoesOutWhereTheWindowIsOpen(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(time.Hour)
		h.works(h.accepts(h.order("shipped")).DeliveryID)
		h.made("push: Order A1024 is on its way.")
	})
}

// Nobody knows when an imported person wrote last: a template is let through in
// any case.
func TestTemplateGoesToTheUnheard(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.works(h.accepts(h.order("shipped")).DeliveryID)
		h.made(`template: order_shipped en_US ["Mai" "A1024"]`)
	})
}

func TestWithoutATemplateTheClosedWindowSkips(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		for _, o := range []outbox.Order{h.order("news"), func() outbox.Order { o := h.order("shipped"); o.InWindow = true; return o }()} {
			a := h.accepts(o)
			if a.Status != engine.Skipped || a.Reason != policy.WindowClosed {
				t.Errorf("%s: accepted as %s %q", o.Block, a.Status, a.Reason)
			}
		}
		h.made()
	})
}

// A template is sent as it is: the block's question is not asked, nothing is
// set, and nobody needs to hold the contact.
func TestTemplateRunsNoBlock(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		a := h.accepts(h.order("rate us"))
		h.works(a.DeliveryID)
		h.made(`template: rate_us en_US []`)
		s, err := h.db.Situation(t.Context(), h.bot.ID, h.person.ID)
		must(t, err)
		if s.Session != nil || s.Contact.Attributes["asked"] != nil {
			t.Errorf("the session is %+v and the attributes %v", s.Session, s.Contact.Attributes)
		}
	})
}

// The window may close between the acceptance and the sending.
func TestTemplateOfASendThatWaited(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(23 * time.Hour)
		o := h.order("shipped")
		o.NotBefore = h.clock.Now().Add(2 * time.Hour)
		a := h.accepts(o)
		if a.Route != policy.RoutePush {
			t.Errorf("accepted by %q", a.Route)
		}
		h.clock.Pass(2 * time.Hour)
		h.works(a.DeliveryID)
		h.made(`template: order_shipped en_US ["Mai" "A1024"]`)
	})
}

// Every attempt sends the same bytes: what is a template stays one when the
// person has written meanwhile, and what is none goes nowhere without one.
func TestWhatIsPreparedStaysWhatItIs(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		h.platform.Answers(down, nil, down)
		template := h.accepts(h.order("shipped")).DeliveryID
		h.works(template)
		h.heard(0)
		h.clock.Pass(22 * time.Hour)
		h.works(template)
		h.is(template, engine.SentOut)

		free := h.accepts(h.order("news")).DeliveryID
		h.works(free)
		h.is(free, engine.Queued)
		h.clock.Pass(2 * time.Hour)
		h.works(free)
		if d := h.is(free, engine.Skipped); d.Reason != policy.WindowClosed {
			t.Errorf("skipped for %q", d.Reason)
		}
		h.made(`template: order_shipped en_US ["Mai" "A1024"]`, `template: order_shipped en_US ["Mai" "A1024"]`, "push: News.")
	})
}

// A lost answer to a template is unknown: the platform has no retry keys.
func TestLostTemplateIsUnknown(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		h.platform.Answers(lost)
		id := h.accepts(h.order("shipped")).DeliveryID
		h.works(id)
		h.is(id, engine.Unknown)
	})
}

func TestDryRunShowsTheTemplate(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		o := h.order("shipped")
		o.DryRun = true
		a := h.accepts(o)
		if len(a.Messages) != 1 {
			t.Fatalf("the dry run shows %+v", a)
		}
		if got, ok := a.Messages[0].Part.(*blocks.ApprovedTemplate); !ok || got.Name != "order_shipped" || !slices.Equal(got.Body, []string{"Mai", "A1024"}) {
			t.Errorf("it shows %+v", a.Messages[0].Part)
		}
	})
}

// A block that says nothing but templates goes out as it is in either case: it
// runs, and its buttons do what they say.
func TestBlockOfTemplates(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		for _, ago := range []time.Duration{2 * day, time.Hour} {
			h.heard(ago)
			a := h.accepts(h.order("ready"))
			h.works(a.DeliveryID)
			if d := h.is(a.DeliveryID, engine.SentOut); d.Route != policy.RouteTemplate {
				t.Errorf("%s after they wrote it went by %q", ago, d.Route)
			}
		}
		h.made(`template: order_ready en_US ["A1024"]`, `template: order_ready en_US ["A1024"]`)
		s, err := h.db.Situation(t.Context(), h.bot.ID, h.person.ID)
		must(t, err)
		if s.Contact.Attributes["asked"] != true {
			t.Errorf("the attributes are %v", s.Contact.Attributes)
		}
		payload := h.platform.Made()[0].Buttons()[0]
		render, index, block, ok := outbox.ReadButtonPayload(payload)
		if !ok || index != 0 || block == "" {
			t.Fatalf("the first button carries %q", payload)
		}
		kept, err := h.db.Render(t.Context(), h.bot.ID, render)
		must(t, err)
		if kept == nil || !strings.Contains(string(kept.Buttons), `"tag":["ready"]`) {
			t.Errorf("a tap on it does %+v", kept)
		}
	})
}

// A dry run shows what the block says, as the template it is.
func TestDryRunOfABlockOfTemplates(t *testing.T) {
	eachWindowed(t, func(t *testing.T, h *windowed) {
		h.heard(2 * day)
		o := h.order("ready")
		o.DryRun = true
		a := h.accepts(o)
		if len(a.Messages) != 1 || a.Route != policy.RouteTemplate {
			t.Fatalf("the dry run shows %+v", a)
		}
		if got, ok := a.Messages[0].Part.(*blocks.ApprovedTemplate); !ok || got.Name != "order_ready" {
			t.Errorf("it shows %+v", a.Messages[0].Part)
		}
	})
}
