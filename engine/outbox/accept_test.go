package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/engine/policy"
)

// A caller may wish not to cut into a talk between people, and may override it.
func TestOrderMayYieldToAnAgent(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.identity.ContactID, h.identity.ID,
			engine.Deltas{Handover: &engine.Handover{State: engine.ConversationAgent, Until: h.clock.Now().Add(time.Hour)}}, h.clock.Now()))
		for _, c := range []struct {
			yields, force bool
			want          engine.Status
		}{{false, false, engine.Queued}, {true, false, engine.Skipped}, {true, true, engine.Queued}} {
			o := h.order(1)
			o.RefuseHandedOver, o.Force = c.yields, c.force
			a := h.accepts(o)
			if a.Status != c.want || a.Status == engine.Skipped && a.Reason != policy.HandedOver {
				t.Errorf("yields %v, forced %v: %s %q, want %s", c.yields, c.force, a.Status, a.Reason, c.want)
			}
			h.is(a.DeliveryID, c.want)
		}
	})
}

// Tags that follow a message are put on nobody whom policy keeps it from.
func TestAddedTagsFollowWhatGoesOut(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		tags := func() []string {
			c, err := h.db.Contact(t.Context(), h.bot.ID, h.identity.ContactID)
			must(t, err)
			return c.Tags
		}
		must(t, h.db.SetAlias(t.Context(), h.bot.ID, "tag", "t-9", "autumn"))
		h.accepts(with(h.order(1), func(o *outbox.Order) { o.AddTags = []string{"vip", "t-9"} }))
		h.accepts(with(h.order(1), func(o *outbox.Order) { o.AddTags = []string{"late"} }))
		if got := tags(); !slices.Contains(got, "vip") || !slices.Contains(got, "autumn") || !slices.Contains(got, "late") {
			t.Errorf("the tags are %v", got)
		}
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.identity.ContactID, h.identity.ID, engine.Deltas{Facts: map[string]any{"do_not_contact": true}}, h.clock.Now()))
		if a := h.accepts(with(h.order(1), func(o *outbox.Order) { o.AddTags, o.Intent = []string{"missed"}, engine.IntentDirect })); a.Status != engine.Skipped {
			t.Fatalf("%+v", a)
		}
		if got := tags(); slices.Contains(got, "missed") {
			t.Errorf("who got nothing has the tags %v", got)
		}
	})
}

func with(o outbox.Order, change func(*outbox.Order)) outbox.Order {
	change(&o)
	return o
}

// knowing is a platform that can be asked who somebody is.
type knowing struct{ *outboxtest.Platform }

func (knowing) Profile(_ context.Context, _ channels.Account, id string) (*channels.Profile, error) {
	if id == "Unobody" {
		return nil, &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Code: "404", Message: "Not found"}
	}
	return &channels.Profile{Name: "Lan"}, nil
}

// Whom the platform confirms is made known by a send, and by nothing less.
func TestSendMakesKnownWhomThePlatformKnows(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.Channels = map[string]channels.Channel{"line": knowing{h.platform}}
		o := h.order(1)
		o.To = outbox.Recipient{AccountID: h.account.ID, User: "Ulan"}
		o.DryRun = true
		var e *engine.Error
		if _, err := h.Accept(t.Context(), o); !errors.As(err, &e) || e.Code != engine.NotFound || e.Reason != "not_met" {
			t.Errorf("a dry run: %v", err)
		}
		if i, err := h.db.IdentityByExternal(t.Context(), h.account.ID, "Ulan"); i != nil || err != nil {
			t.Errorf("a dry run made %+v, %v", i, err)
		}
		o.DryRun = false
		a := h.accepts(o)
		i, err := h.db.IdentityByExternal(t.Context(), h.account.ID, "Ulan")
		must(t, err)
		if i == nil || i.ID != a.IdentityID {
			t.Errorf("a send to %d made %+v", a.IdentityID, i)
		}
		o.To.User = "Unobody"
		if _, err := h.Accept(t.Context(), o); !errors.As(err, &e) || e.Code != engine.NotFound || e.Reason != "" {
			t.Errorf("to nobody: %v", err)
		}
	})
}

// picky is a platform whose ids are of one form; it keeps whom it was asked about.
type picky struct {
	*outboxtest.Platform
	letter string
	asked  []string
}

func (p *picky) Recognizes(id string) bool { return strings.HasPrefix(id, p.letter) }

func (p *picky) Profile(_ context.Context, _ channels.Account, id string) (*channels.Profile, error) {
	p.asked = append(p.asked, id)
	return nil, &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Code: "404", Message: "Not found"}
}

// Of an id without an account only that platform is asked whose ids look so.
func TestOnlyThePlatformOfAnIDIsAsked(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		line, page := &picky{Platform: h.platform, letter: "U"}, &picky{Platform: h.platform, letter: "7"}
		h.Channels = map[string]channels.Channel{"line": line, "messenger": page}
		must(t, h.db.CreateAccount(t.Context(), engine.Account{ID: "65f0c0ffee000000000000a2", BotID: h.bot.ID, Channel: "messenger", ExternalID: "1064",
			Name: "Page", State: engine.AccountActive, CreatedAt: h.clock.Now()}, nil))
		o := h.order(1)
		for _, user := range []string{"Unobody", "700", "nothing of the kind"} {
			o.To = outbox.Recipient{User: user, Prefer: "messenger"}
			if _, err := h.Accept(t.Context(), o); !engine.IsCode(err, engine.NotFound) {
				t.Errorf("%s: %v, want not found", user, err)
			}
		}
		if !slices.Equal(line.asked, []string{"Unobody"}) || !slices.Equal(page.asked, []string{"700"}) {
			t.Errorf("LINE was asked about %q, Messenger about %q", line.asked, page.asked)
		}
	})
}

// Somebody on a disconnected account is known, but not to be reached.
func TestDisconnectedIsNotUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		a := *h.account
		a.State = engine.AccountDisconnected
		must(t, h.db.UpdateAccount(t.Context(), a))
		for _, c := range []struct {
			name   string
			to     outbox.Recipient
			code   engine.ErrorCode
			reason string
		}{
			{"identity", outbox.Recipient{IdentityID: h.identity.ID}, engine.Conflict, "disconnected"},
			{"contact", outbox.Recipient{ContactID: h.identity.ContactID}, engine.NotFound, ""},
			{"nobody", outbox.Recipient{IdentityID: h.identity.ID + 1000}, engine.NotFound, ""},
		} {
			o := h.order(1)
			o.To = c.to
			var e *engine.Error
			if _, err := h.Accept(t.Context(), o); !errors.As(err, &e) || e.Code != c.code || e.Reason != c.reason {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

// A foreign id of a person on one account is nobody on another.
func TestAliasOfAnotherAccountIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		must(t, h.db.SetAlias(t.Context(), h.bot.ID, "identity", "old-7", fmt.Sprint(h.identity.ID)))
		other := engine.Account{ID: "65f0c0ffee000000000000a2", BotID: h.bot.ID, Channel: "line", ExternalID: "Uother", Name: "Other", State: engine.AccountActive, CreatedAt: h.clock.Now()}
		must(t, h.db.CreateAccount(t.Context(), other, nil))
		o := h.order(1)
		o.To = outbox.Recipient{AccountID: h.account.ID, User: "old-7"}
		if a := h.accepts(o); a.IdentityID != h.identity.ID {
			t.Errorf("the alias means identity %d, want %d", a.IdentityID, h.identity.ID)
		}
		o.To.AccountID = other.ID
		if _, err := h.Accept(t.Context(), o); !engine.IsCode(err, engine.NotFound) {
			t.Errorf("on the other account it is %v, want not found", err)
		}
	})
}
