package console

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// Limits of a preview.
const (
	sampleContacts = 60 // looked through for samples
	samplesEach    = 3  // of each channel
)

// sample is what one person would get.
type sample struct {
	Person   string            `json:"person"`
	Account  string            `json:"account"`
	Channel  string            `json:"channel"` // line, messenger …
	Variant  string            `json:"variant,omitempty"`
	Messages []json.RawMessage `json:"messages"`
	Warnings []string          `json:"warnings,omitempty"`
	Skipped  string            `json:"skipped,omitempty"` // why they would get nothing
}

// previewed is the answer to a form that is being written.
type previewed struct {
	Samples []sample `json:"samples"`
	Error   string   `json:"error,omitempty"`
}

// preview says what a few people would get of the form as it stands, or of the
// broadcast that id names.
func (k *Console) preview(c *fiber.Ctx, s *session) error {
	f := newForm(s.Bot)
	readForm(c, f)
	if id := c.FormValue("id"); id != "" {
		b, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, id)
		if err != nil {
			return missing(err)
		}
		f = formOf(b, s.Bot)
	}
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	out, err := k.previewOf(c.UserContext(), s, f)
	if refused := refusal(err); refused != nil {
		return c.JSON(previewed{Samples: []sample{}, Error: sentence(refused)})
	}
	if err != nil {
		return err
	}
	return c.JSON(previewed{Samples: out})
}

func (k *Console) previewOf(ctx context.Context, s *session, f *form) ([]sample, error) {
	out := []sample{}
	if k.Preview == nil || f.silent() {
		return out, nil
	}
	parts, err := k.said(ctx, s, f)
	if err != nil {
		return nil, err
	}
	people, err := k.people(ctx, s, f.Accounts)
	if err != nil {
		return nil, err
	}
	for _, of := range parts {
		for _, p := range people {
			one, err := k.sampleOf(ctx, s, engine.Intent(f.Intent), of.block, p)
			if err != nil {
				return nil, err
			}
			one.Variant = of.variant
			out = append(out, *one)
		}
	}
	return out, nil
}

// part is what some people are told: a variant, or everybody.
type part struct{ variant, block string }

// said are the blocks that say a form's content.
func (k *Console) said(ctx context.Context, s *session, f *form) ([]part, error) {
	p := f.kept
	if err := f.into(&p); err != nil {
		return nil, err
	}
	p.AllowQuestions, p.AllowRequests, p.Unsubscribe, p.HoldOut = true, true, f.Farewell, 0
	contents := p.Variants
	if p.Variants = nil; len(contents) == 0 {
		contents = []engine.Variant{{Content: p.Content}}
	}
	var out []part
	for _, v := range contents {
		p.Content = v.Content
		block, err := k.Broadcasts.Says(ctx, s.Bot.ID, &p)
		if err != nil {
			return nil, err
		}
		out = append(out, part{v.Name, block})
	}
	return out, nil
}

// sampled is a person on an account.
type sampled struct {
	name     string
	identity engine.Identity
	account  *engine.Account
}

// people are some who can be reached, of each channel a few.
func (k *Console) people(ctx context.Context, s *session, named []string) ([]sampled, error) {
	contacts, _, err := k.Store.ListContacts(ctx, s.Bot.ID, "", engine.Page{Limit: sampleContacts})
	if err != nil {
		return nil, err
	}
	all, err := k.Store.Accounts(ctx, s.Bot.ID)
	if err != nil {
		return nil, err
	}
	accounts := map[string]*engine.Account{}
	for i := range all {
		if all[i].State == engine.AccountActive && (len(named) == 0 || slices.Contains(named, all[i].ID)) {
			accounts[all[i].ID] = &all[i]
		}
	}
	names, ids := map[int64]string{}, []int64{}
	for _, c := range contacts {
		names[c.ID], ids = c.Name, append(ids, c.ID)
	}
	identities, err := k.Store.IdentitiesOf(ctx, s.Bot.ID, ids)
	if err != nil {
		return nil, err
	}
	var out []sampled
	found := map[string]int{}
	for _, i := range identities {
		a := accounts[i.AccountID]
		if a == nil || i.Group || !i.BlockedAt.IsZero() || i.SubscribedAt.IsZero() || found[a.Channel] == samplesEach {
			continue
		}
		found[a.Channel]++
		out = append(out, sampled{names[i.ContactID], i, a})
	}
	return out, nil
}

// sampleOf is what one person would get.
func (k *Console) sampleOf(ctx context.Context, s *session, intent engine.Intent, block string, p sampled) (*sample, error) {
	out := &sample{Person: p.name, Account: p.account.Name, Channel: p.account.Channel, Messages: []json.RawMessage{}}
	got, err := k.Preview.Accept(ctx, outbox.Order{Bot: s.Bot, Source: "console", Token: s.Token, To: outbox.Recipient{IdentityID: p.identity.ID},
		Block: block, Intent: intent, DryRun: true})
	if err != nil {
		return nil, err
	}
	out.Warnings = got.Warnings
	if got.Status == engine.Skipped {
		out.Skipped = policy.Explain(got.Reason)
		return out, nil
	}
	ch, known := k.Channels[p.account.Channel]
	if !known || len(got.Messages) == 0 {
		return out, nil
	}
	render, _, err := outbox.Render(ch, p.account, got.Messages)
	if err != nil {
		return nil, err
	}
	out.Messages, err = bubbles(render.Payloads)
	return out, err
}

// bubbles are the single messages of rendered payloads: a payload's body is one
// of them, or a list.
func bubbles(rendered json.RawMessage) ([]json.RawMessage, error) {
	var payloads []channels.Payload
	if err := json.Unmarshal(rendered, &payloads); err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for _, p := range payloads {
		var list []json.RawMessage
		if json.Unmarshal(p.Body, &list) != nil {
			list = []json.RawMessage{p.Body}
		}
		out = append(out, list...)
	}
	return out, nil
}
