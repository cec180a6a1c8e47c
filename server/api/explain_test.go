package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/api"
)

// What became of a delivery is told in words that say who, why, when, by which
// route and what to do.
func TestExplain(t *testing.T) {
	t.Parallel()
	asked := time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	hanoi := time.FixedZone("+07", 7*3600)
	for _, c := range []struct {
		name   string
		change func(s *engine.Story)
		want   []string
	}{
		{"sent as a push", func(s *engine.Story) {
			s.Delivery.Status, s.Delivery.Route, s.Delivery.SentAt, s.Delivery.ClickedAt = engine.SentOut, "push", asked.Add(time.Second), asked.Add(time.Hour)
			s.Attempts = []engine.Attempt{
				{At: asked, EndedAt: asked.Add(120 * time.Millisecond), Route: "push", Outcome: "later", Code: "429", Message: "The API rate limit has been exceeded."},
				{At: asked.Add(time.Second), EndedAt: asked.Add(1080 * time.Millisecond), Route: "push", Outcome: "sent", RequestID: "r-2"},
			}
		}, []string{
			"Delivery 7: sent at 2026-11-20 09:00:01 +07 as a push, which counts among the month's paid messages.",
			`Asked at 2026-11-20 09:00:00 +07 by token "shop" through AhaChat's call: block "order shipped" with order_id = A1024, total = 1280000.`,
			`To Mai (contact 3) on line account "Sao Mai", user Umai (identity 5); never heard from.`,
			"Chosen because: their only identity.",
			"Intent: utility, message tag UPDATE.",
			"Attempt 1, at 2026-11-20 09:00:00 +07 by push: later after 120ms; line answered 429 The API rate limit has been exceeded.",
			"Attempt 2, at 2026-11-20 09:00:01 +07 by push: sent after 80ms; its request id is r-2.",
			"Afterwards: tapped at 2026-11-20 10:00:00 +07.",
		}},
		{"read, as a free reply in a conversation", func(s *engine.Story) {
			s.Send = nil
			s.Delivery.Status, s.Delivery.Route, s.Delivery.ReadAt, s.Delivery.Tag = engine.Read, "reply", asked, ""
			s.Delivery.Intent, s.Delivery.Attributes, s.Delivery.ChosenBecause = engine.IntentReply, nil, ""
			s.Identity.LastInboundAt = asked
		}, []string{
			"Delivery 7: read at 2026-11-20 09:00:00 +07 as a reply, which costs nothing.",
			`Said at 2026-11-20 09:00:00 +07 in a conversation: block "order shipped".`,
			`To Mai (contact 3) on line account "Sao Mai", user Umai (identity 5); last heard from at 2026-11-20 09:00:00 +07.`,
			"Intent: reply.",
			"Afterwards: read at 2026-11-20 09:00:00 +07.",
		}},
		{"held out of a broadcast, so that nothing was made", func(s *engine.Story) {
			s.Send, s.Block, s.Delivery.BlockID, s.Delivery.RunID, s.Delivery.Attributes, s.Delivery.ChosenBecause = nil, "", "", "run", nil, ""
			s.Delivery.Status, s.Delivery.Reason, s.Delivery.Intent, s.Delivery.Tag = engine.Skipped, policy.HeldOut, engine.IntentPromotional, ""
			s.Identity.SubscribedAt = asked
		}, []string{
			"Delivery 7: not sent, by policy: hold_out.",
			policy.Explain(policy.HeldOut),
			"Planned by a broadcast at 2026-11-20 09:00:00 +07.",
			`To Mai (contact 3) on line account "Sao Mai", user Umai (identity 5); never heard from.`,
			"Intent: promotional.",
			"Consent: agreed at 2026-11-20 09:00:00 +07.",
		}},
		{"skipped by a broadcast, as they have unsubscribed", func(s *engine.Story) {
			s.Delivery.Status, s.Delivery.RunID = engine.Skipped, "run"
			s.Identity.SubscribedAt, s.Identity.UnsubscribedAt = asked.Add(-time.Hour), asked
		}, []string{"Consent: unsubscribed at 2026-11-20 09:00:00 +07."}},
		{"skipped by a broadcast, as they never agreed", func(s *engine.Story) {
			s.Delivery.Status, s.Delivery.RunID = engine.Skipped, "run"
		}, []string{"Consent: never agreed."}},
		{"failed for its content", func(s *engine.Story) {
			s.Delivery.Status, s.Delivery.Class, s.Delivery.Code, s.Delivery.Error = engine.Failed, "content", "400", "The property 'text' must be shorter."
		}, []string{
			"Delivery 7: failed: content, The property 'text' must be shorter (400).",
			"The platform refuses what the block says. Look at its words below and at the payloads of the send, then mend the block.",
		}},
		{"nobody knows", func(s *engine.Story) { s.Delivery.Status, s.Delivery.Class = engine.Unknown, "lost" }, []string{
			"Delivery 7: nobody knows: the platform's answer was lost after the call had left.",
			"It may have been sent. Look on the platform, then settle the delivery as sent or failed.",
		}},
		{"waiting after a refusal", func(s *engine.Story) {
			s.Delivery.Status, s.Delivery.Class, s.Delivery.NotBefore, s.Delivery.ExpiresAt = engine.Queued, "auth", asked.Add(24*time.Hour), asked.Add(48*time.Hour)
			s.Delivery.Warnings, s.Delivery.Force = []string{"the block needs total"}, true
		}, []string{
			"Delivery 7: waiting.",
			"The platform refuses the account's credentials. Give the account new ones and resume it; what is queued then goes out.",
			"Intent: utility, message tag UPDATE, forced.",
			"It waits until 2026-11-21 09:00:00 +07 and expires at 2026-11-22 09:00:00 +07.",
			"Warning: the block needs total",
		}},
		{"waiting for a paused account", func(s *engine.Story) {
			s.Delivery.Status, s.Delivery.ExpiresAt = engine.Queued, asked.Add(48*time.Hour)
			s.Account.State, s.Account.Reason = engine.AccountPaused, "holiday"
		}, []string{
			"Delivery 7: waiting.",
			"It waits until the account is resumed, which is paused (holiday), and expires at 2026-11-22 09:00:00 +07.",
		}},
		{"to somebody erased", func(s *engine.Story) {
			s.Contact, s.Identity, s.Account, s.Block, s.Delivery.BlockID = nil, nil, nil, "", ""
			s.Delivery.Status, s.Delivery.Reason = engine.Canceled, ""
		}, []string{
			"Delivery 7: canceled.",
			"messages of the caller's with",
			"To contact 3, identity 5.",
		}},
		{"ordered on the command line", func(s *engine.Story) {
			s.Send.Source, s.Send.TokenName = "api", api.CommandLine+" 29cc"
		}, []string{"Asked ", " on the command line: block "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &engine.Story{
				Delivery: engine.Delivery{ID: 7, ContactID: 3, IdentityID: 5, BlockID: "b", Intent: engine.IntentUtility, Tag: "UPDATE", CreatedAt: asked,
					ChosenBecause: "their only identity", Attributes: map[string]any{"total": 1280000.0, "order_id": "A1024"}},
				Send:     &engine.Send{ID: "s", Source: "ahachat", TokenName: "shop", CreatedAt: asked},
				Contact:  &engine.Contact{ID: 3, Name: "Mai"},
				Identity: &engine.Identity{ID: 5, ExternalID: "Umai"},
				Account:  &engine.Account{Channel: "line", Name: "Sao Mai"},
				Block:    "order shipped",
			}
			c.change(s)
			e := api.Explainer{Zone: hanoi, Now: asked, Paid: func(channel, route string) bool { return channel == "line" && route == "push" }}
			got := strings.Join(e.Story(s), "\n")
			from := 0
			for _, line := range c.want {
				at := strings.Index(got[from:], line)
				if at < 0 {
					t.Fatalf("%q is not told, or not in its place:\n%s", line, got)
				}
				from += at + len(line)
			}
		})
	}
}
