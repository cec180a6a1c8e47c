package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

// Accept takes an order: it finds the person and the block, reads the
// attributes, asks policy and stores all of it at once. A refusal by policy is
// no error: it stands in the ledger and in the answer, with its reason. Errors
// are *engine.Error when the caller can mend them; nothing is stored then.
func (o *Outbox) Accept(ctx context.Context, ord Order) (*Accepted, error) {
	p, err := o.plan(ctx, ord)
	if err != nil {
		return nil, err
	}
	if ord.DryRun {
		return o.dryRun(ctx, p)
	}
	r, err := o.accept.Do(ctx, p.stored)
	if err == nil {
		err = r.Err
	}
	switch {
	case errors.Is(err, group.ErrBusy), errors.Is(err, group.ErrStopped):
		return nil, &engine.Error{Code: engine.Unavailable, Message: "the database does not keep up: try again in a moment"}
	case err != nil:
		return nil, err
	}
	a := p.accepted
	a.SendID, a.DeliveryID, a.Repeated = r.SendID, r.DeliveryID, r.Repeated
	if r.Repeated && r.Status != "" { // "": nothing was to go out, now as then
		a.Status, a.Reason = r.Status, r.Reason
	}
	if p.stored.Delivery != nil && r.Status == engine.Queued && !r.Repeated {
		o.announce(p, r.DeliveryID)
	}
	return &a, nil
}

// announce tells whoever works the delivery off: the holder of the contact's lease
// when the block asks, else any worker.
func (o *Outbox) announce(p *plan, deliveryID int64) {
	at := p.stored.Delivery.NotBefore
	if p.block != nil && !p.block.Speaks() {
		o.Bells.RingContact(p.stored.ContactID, at)
		return
	}
	o.Bells.RingDelivery(deliveryID, at)
}

// plan is an order with everybody and everything in it found.
type plan struct {
	order     Order
	library   *engine.Library
	block     *flows.Block
	situation engine.Situation
	stored    Stored
	accepted  Accepted
}

func (o *Outbox) plan(ctx context.Context, ord Order) (*plan, error) {
	p := &plan{order: ord}
	found, direct, err := o.candidates(ctx, ord)
	if err != nil {
		return nil, err
	}
	if err := o.findBlock(ctx, p); err != nil {
		return nil, err
	}
	declared, err := o.Directory.AttributeTypes(ctx, ord.Bot.ID)
	if err != nil {
		return nil, err
	}
	given, err := o.readAttributes(ord.Bot, declared, ord.Attributes)
	if err != nil {
		return nil, err
	}
	if err := o.chooseIdentity(ctx, p, found, direct); err != nil {
		return nil, err
	}
	if err := o.findTrigger(ctx, p); err != nil {
		return nil, err
	}
	if err := p.strict(given); err != nil {
		return nil, err
	}
	if err := o.readTags(ctx, p); err != nil {
		return nil, err
	}
	replaceTags(p, &given.deltas)
	if err := o.nameFiles(ctx, p); err != nil {
		return nil, err
	}
	o.fill(p, given)
	return p, nil
}

func (o *Outbox) findBlock(ctx context.Context, p *plan) error {
	name := p.order.Block
	if name == "" {
		return nil
	}
	lib, err := o.Libraries.Holding(ctx, p.order.Bot.ID, name)
	if err != nil {
		return err
	}
	_, block, err := lib.Find(name)
	if engine.IsCode(err, engine.NotFound) {
		means, failed := o.Directory.Alias(ctx, p.order.Bot.ID, "block", name)
		if failed != nil {
			return failed
		}
		if means != "" {
			_, block, err = lib.Find(means)
		}
	}
	if err != nil {
		return err
	}
	p.library, p.block = lib, block
	return nil
}

// NoTrigger is the reason of an event that starts nothing.
const NoTrigger = "no_trigger"

// findTrigger finds the block that an event starts for the person. That there
// is none is no mistake: what an event means is for the flows to say. While a
// person leads the conversation, triggers made for that time go first, and the
// others wait for nobody.
func (o *Outbox) findTrigger(ctx context.Context, p *plan) error {
	if p.order.Event == "" {
		return nil
	}
	lib, err := o.Libraries.Library(ctx, p.order.Bot.ID)
	if err != nil {
		return err
	}
	a, i := p.situation.Account, p.situation.Identity
	on := engine.On{Kind: engine.OnEvent, Data: p.order.Event, Channel: a.Channel, AccountID: a.ID, AccountExternalID: a.ExternalID,
		Group: i.Group, HandedOver: i.HandedOver(o.Deps.Now())}
	_, t, ok := lib.Match(on)
	if !ok && on.HandedOver {
		on.HandedOver, p.order.RefuseHandedOver = false, true
		_, t, ok = lib.Match(on)
	}
	if !ok {
		p.accepted.Reason = NoTrigger
		p.accepted.Explanation = fmt.Sprintf("no published flow has a trigger for the event %q here: nothing is started", p.order.Event)
		return nil
	}
	_, block, err := lib.Find(t.Block)
	if err != nil {
		return err
	}
	p.library, p.block = lib, block
	return nil
}

func (o *Outbox) chooseIdentity(ctx context.Context, p *plan, people *People, direct bool) error {
	found := people.Identities
	accounts := make(map[string]*engine.Account, len(found))
	for _, i := range found {
		a, err := o.Directory.Account(ctx, i.AccountID)
		if err != nil {
			return err
		}
		accounts[i.AccountID] = a
	}
	chosen, because := &found[0], "the caller named this identity"
	if !direct {
		var err error
		if chosen, because, err = o.choose(p.order, found, accounts); err != nil {
			return err
		}
	}
	a := accounts[chosen.AccountID]
	contact := people.Contact(chosen.ContactID)
	if contact == nil {
		return unknown("contact", fmt.Sprint(chosen.ContactID))
	}
	p.situation = engine.Situation{Bot: p.order.Bot, Account: a, Contact: contact, Identity: chosen}
	p.accepted.ChosenBecause = because
	return nil
}

// readTags makes tags of an old system's ids, where they are aliases.
func (o *Outbox) readTags(ctx context.Context, p *plan) error {
	var err error
	if p.order.Tags, err = o.tagsMeant(ctx, p.order.Bot.ID, p.order.Tags); err != nil {
		return err
	}
	p.order.AddTags, err = o.tagsMeant(ctx, p.order.Bot.ID, p.order.AddTags)
	return err
}

func (o *Outbox) tagsMeant(ctx context.Context, botID string, names []string) ([]string, error) {
	if names == nil {
		return nil, nil
	}
	tags := make([]string, len(names))
	for i, name := range names {
		means, err := o.Directory.Alias(ctx, botID, "tag", name)
		if err != nil {
			return nil, err
		}
		tags[i] = cmp.Or(means, name)
	}
	return tags, nil
}

// replaceTags makes the contact's tags those of the order, where it names any.
func replaceTags(p *plan, d *engine.Deltas) {
	if p.order.Tags == nil {
		return
	}
	has := p.situation.Contact.Tags
	for _, t := range p.order.Tags {
		if !slices.Contains(has, t) {
			d.AddTags = append(d.AddTags, t)
		}
	}
	for _, t := range has {
		if !slices.Contains(p.order.Tags, t) {
			d.DropTags = append(d.DropTags, t)
		}
	}
}

// fill makes the rows to be stored, with policy's word on them.
func (o *Outbox) fill(p *plan, given attributes) {
	ord, s, now := p.order, &p.situation, o.Deps.Now()
	expires := ord.ExpiresIn
	if expires == 0 {
		expires = DefaultExpiry
	}
	from := now
	if ord.NotBefore.After(from) {
		from = ord.NotBefore
	}
	send := engine.Send{ID: o.Deps.NewID(), BotID: ord.Bot.ID, Source: ord.Source, Request: ord.Request,
		CreatedAt: now, ExpiresAt: from.Add(expires)}
	p.stored = Stored{Send: send, Deltas: given.deltas, ContactID: s.Contact.ID, Key: ord.Key, BodyHash: ord.BodyHash}
	if ord.Token != nil {
		p.stored.Send.TokenName, p.stored.TokenHash = ord.Token.Name, ord.Token.Hash
	}
	p.accepted.ContactID, p.accepted.IdentityID, p.accepted.Channel = s.Contact.ID, s.Identity.ID, s.Account.Channel
	p.accepted.Warnings = append(slices.Clone(ord.Warnings), given.warnings...)
	p.accepted.Status = AttributesSaved
	if p.block == nil && len(ord.Messages) == 0 {
		return
	}
	d := &engine.Delivery{BotID: ord.Bot.ID, AccountID: s.Account.ID, SendID: send.ID, ContactID: s.Contact.ID, IdentityID: s.Identity.ID,
		ChosenBecause: p.accepted.ChosenBecause, Status: engine.Queued, Intent: ord.Intent, Category: ord.Category, Tag: ord.Tag,
		InWindowOnly: ord.InWindow, Attributes: given.values, Force: ord.Force, NotBefore: from, ExpiresAt: send.ExpiresAt, CreatedAt: now}
	if p.block != nil {
		d.BlockID = p.block.ID
		p.accepted.Warnings = append(p.accepted.Warnings, missing(p.block, given.values, s.Contact)...)
	}
	asked := facts(s, d, o.offersTemplate(p.block, s.Account), now)
	asked.RefuseHandedOver = asked.RefuseHandedOver || ord.RefuseHandedOver
	decision := policy.Decide(asked)
	d.Warnings = append(p.accepted.Warnings, decision.Warnings...)
	p.accepted.Warnings = d.Warnings
	p.accepted.Route = decision.Route
	if decision.Skip != "" {
		d.Status, d.Reason, d.ClosedAt = engine.Skipped, decision.Skip, now
		p.accepted.Reason, p.accepted.Route = decision.Skip, ""
		p.accepted.Explanation = policy.Explain(decision.Skip)
	}
	p.accepted.Status = d.Status
	p.stored.Delivery = d
	if len(ord.Messages) > 0 {
		o.prepareMessages(p, d)
	}
	if d.Status == engine.Failed {
		p.accepted.Status, p.accepted.Reason, p.accepted.Explanation, p.accepted.Route = d.Status, d.Class, d.Error, ""
	}
	if d.Status == engine.Queued {
		p.stored.Deltas.AddTags = append(p.stored.Deltas.AddTags, ord.AddTags...)
	}
}

// AttributesSaved is the status of an order without a block: nothing goes out.
const AttributesSaved engine.Status = "saved"

// prepareMessages renders what the caller gave; it is final text already.
func (o *Outbox) prepareMessages(p *plan, d *engine.Delivery) {
	ch, err := o.channel(p.situation.Account)
	if err != nil {
		d.Status, d.Class, d.Error, d.ClosedAt = engine.Failed, "unsupported", err.Error(), d.CreatedAt
		return
	}
	render, warnings, err := Render(ch, p.situation.Account, p.order.Messages)
	if err != nil {
		d.Status, d.Class, d.Error, d.ClosedAt = engine.Failed, "render", err.Error(), d.CreatedAt
		return
	}
	d.RenderID, d.PreparedAt = render.ID, d.CreatedAt
	d.Warnings = append(d.Warnings, warnings...)
	p.accepted.Warnings = d.Warnings
	p.stored.Render = render
}

// strict refuses an order that wants to be refused where its block needs what
// neither the call nor the person has.
func (p *plan) strict(given attributes) error {
	if !p.order.Strict || p.block == nil {
		return nil
	}
	lacking := missing(p.block, given.values, p.situation.Contact)
	if len(lacking) == 0 {
		return nil
	}
	return &engine.Error{Code: engine.Invalid, Field: "attributes", Message: strings.Join(lacking, "; "),
		Hint: "bring it, or leave out strict to send the block all the same"}
}

// missing lists the attributes a block needs that neither the call nor the
// person has. Phones are not read for an order: nothing is said about them.
func missing(b *flows.Block, given map[string]any, c *engine.Contact) []string {
	var out []string
	for _, name := range b.Needs {
		if _, ok := given[name]; ok {
			continue
		}
		if name == "phone" || c.Has(name) {
			continue
		}
		out = append(out, fmt.Sprintf("the block needs the attribute %q, which the call does not bring", name))
	}
	return out
}

// dryRun tells what an order would come to and stores nothing.
func (o *Outbox) dryRun(ctx context.Context, p *plan) (*Accepted, error) {
	a := p.accepted
	switch {
	case len(p.order.Messages) > 0:
		a.Messages = p.order.Messages
	case p.block != nil && a.Route == policy.RouteTemplate && hasClosed(p.block, p.situation.Account):
		return &a, o.dryTemplate(ctx, p, &a)
	case p.block != nil && p.block.Requests:
		a.Warnings = append(a.Warnings, "the block calls an address of yours, which a dry run does not: its messages are not shown")
	case p.block != nil && a.Status == engine.Queued:
		s, err := o.drySituation(ctx, p)
		if err != nil {
			return nil, err
		}
		turn := o.Engine.Start(ctx, *s, engine.Start{Block: p.block.ID, Attributes: p.stored.Delivery.Attributes, Seed: 1})
		if turn.Failed != nil {
			return nil, &engine.Error{Code: engine.Invalid, Field: "block", Message: turn.Failed.Error()}
		}
		a.Messages = turn.Messages
		if ch, err := o.channel(s.Account); err == nil {
			if _, warnings, err := Render(ch, s.Account, turn.Messages); err == nil {
				a.Warnings = append(a.Warnings, warnings...)
			}
		}
	}
	return &a, nil
}

// dryTemplate tells which template an order would go out as.
func (o *Outbox) dryTemplate(ctx context.Context, p *plan, a *Accepted) error {
	s, err := o.drySituation(ctx, p)
	if err != nil {
		return err
	}
	t, err := o.Engine.Closed(ctx, *s, engine.Start{Block: p.block.ID, Attributes: p.stored.Delivery.Attributes, Seed: 1})
	if err != nil {
		return &engine.Error{Code: engine.Invalid, Field: "block", Message: err.Error()}
	}
	if t != nil {
		a.Messages = []blocks.Message{{Part: t}}
	}
	return nil
}

// drySituation is what a turn would start from if the order had been stored.
func (o *Outbox) drySituation(ctx context.Context, p *plan) (*engine.Situation, error) {
	s, err := o.Directory.Situation(ctx, p.order.Bot.ID, p.situation.Identity.ID)
	if err != nil {
		return nil, err
	}
	s.Library = p.library
	engine.Merge(&p.stored.Deltas, s.Contact)
	return s, nil
}
