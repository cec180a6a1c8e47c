package app

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// demoHandover is how long a person of the shop leads the conversations that
// are with one.
const demoHandover = 12 * time.Hour

// demoAttributes are declared by hand, as an owner does who knows more about
// people than the flows ask for. The visitor's own bot has its names free.
func (s shop) demoAttributes(botID string) []engine.Attribute {
	const by = "demo"
	if s.Flow == "" {
		return nil
	}
	return []engine.Attribute{
		{BotID: botID, Name: "city", Type: "text", DeclaredBy: by},
		{BotID: botID, Name: "vip", Type: "boolean", DeclaredBy: by},
	}
}

// seed makes a shop's people, in one transaction, and lets those leave who
// have blocked the account.
func (d *demo) seed(ctx context.Context, i *instance, s shop, kept *shopKept) error {
	people := s.people()
	err := i.store.Tx(ctx, func(ctx context.Context) error {
		for _, a := range s.demoAttributes(kept.BotID) {
			if err := i.store.DeclareAttribute(ctx, a); err != nil && !engine.IsCode(err, engine.Conflict) {
				return err
			}
		}
		if err := importDemo(ctx, i, s, kept, people); err != nil {
			return err
		}
		for _, p := range people {
			if err := p.settle(ctx, i, s, kept); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed people: %w", err)
	}
	for _, p := range people {
		if !p.Blocked {
			continue
		}
		if _, err := d.sandbox.Unfollow(ctx, s.Key, p.lineID(s)); err != nil {
			return fmt.Errorf("let %s block the account: %w", p.Name, err)
		}
	}
	return d.talk(ctx, s)
}

// importDemo takes people in as an owner does who moves in: by the numbers the
// shop has given them. Who is on both platforms comes twice and is one contact.
func importDemo(ctx context.Context, i *instance, s shop, kept *shopKept, people []demoPerson) error {
	var rows []engine.ImportRow
	for n := range people {
		p := &people[n]
		row := engine.ImportRow{ExternalID: p.Number, Deltas: p.deltas()}
		for _, at := range p.seenAt(s, kept) {
			row.AccountID, row.User = at.account, at.user
			rows = append(rows, row)
			row.Deltas = engine.Deltas{}
		}
	}
	results, err := i.store.ImportContacts(ctx, kept.BotID, rows, i.clock.Now())
	if err != nil {
		return err
	}
	for n, r := range results {
		if r.Refused != nil {
			return fmt.Errorf("%s: %w", rows[n].ExternalID, r.Refused)
		}
	}
	return nil
}

// deltas are what is known of a person wherever they are.
func (p *demoPerson) deltas() engine.Deltas {
	return engine.Deltas{
		Set: p.Attributes,
		Facts: map[string]any{"external_id": p.Number, "name": p.Name, "first_name": p.FirstName, "last_name": p.LastName,
			"language": p.Language, "time_zone": p.TimeZone, "birthday": p.Birthday},
		Phones:  []engine.Phone{{E164: p.Phone, Raw: p.National, Source: engine.PhoneImport}},
		AddTags: p.Tags,
	}
}

// settle writes consent and conversation, which belong to a person's identity
// on each platform.
func (p *demoPerson) settle(ctx context.Context, i *instance, s shop, kept *shopKept) error {
	now := i.clock.Now()
	var deltas engine.Deltas
	if p.Asked {
		deltas.Subscribe = &p.Subscribed
	}
	if p.HandedOver {
		deltas.Handover = &engine.Handover{State: engine.ConversationAgent, Until: now.Add(demoHandover), Note: "demo"}
	}
	for _, at := range p.seenAt(s, kept) {
		id, err := i.store.IdentityByExternal(ctx, at.account, at.user)
		if err != nil {
			return err
		}
		if err := i.store.PatchContact(ctx, kept.BotID, id.ContactID, id.ID, deltas, now); err != nil {
			return err
		}
	}
	return nil
}

// place is an account a person is on, and the platform's id of them.
type place struct{ account, user string }

func (p *demoPerson) seenAt(s shop, kept *shopKept) []place {
	var all []place
	if p.OnLINE {
		all = append(all, place{kept.AccountID, p.lineID(s)})
	}
	if p.OnPage {
		all = append(all, place{kept.Page.AccountID, p.pageID(s)})
	}
	return all
}
