package app

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
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
		for _, p := range people {
			if err := d.seedPerson(ctx, i, s, kept, &p); err != nil {
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
	return nil
}

func (d *demo) seedPerson(ctx context.Context, i *instance, s shop, kept *shopKept, p *demoPerson) error {
	now := i.clock.Now()
	id, err := i.store.CreateIdentity(ctx, kept.BotID, outbox.NewIdentity{
		AccountID: kept.AccountID, ExternalID: p.lineID(s), Now: now,
		Profile: &channels.Profile{Name: p.Name, FirstName: p.FirstName, LastName: p.LastName, Language: p.Language, TimeZone: p.TimeZone},
	})
	if err != nil {
		return err
	}
	subscribed := p.Subscribed
	deltas := engine.Deltas{
		Set:       p.Attributes,
		Facts:     map[string]any{"birthday": p.Birthday},
		Phones:    []engine.Phone{{E164: p.Phone, Raw: p.National, Source: engine.PhoneImport}},
		AddTags:   p.Tags,
		Subscribe: &subscribed,
	}
	if p.HandedOver {
		deltas.Handover = &engine.Handover{State: engine.ConversationAgent, Until: now.Add(demoHandover), Note: "demo"}
	}
	return i.store.PatchContact(ctx, kept.BotID, id.ContactID, id.ID, deltas, now)
}
