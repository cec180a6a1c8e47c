package app

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// addToSandbox puts a shop's accounts and people on the pretend platforms,
// which forget when they end. Of whom the bot has heard on the Page, the Page
// has heard, too: else it would refuse what the bot may send.
func (d *demo) addToSandbox(ctx context.Context, s shop, kept *shopKept, i *instance) error {
	webhooks := i.config.publicURL(i.parts.listener.Addr()) + "/webhooks/"
	a := sandbox.LINEAccount{Name: s.Key, Title: s.Bot, ChannelSecret: kept.ChannelSecret, AccessToken: kept.AccessToken}
	if kept.AccountID != "" {
		a.WebhookURL = webhooks + "line/" + kept.AccountID
	}
	if err := d.sandbox.AddLINEAccount(a); err != nil {
		return err
	}
	if p := kept.Page; p != nil {
		a := sandbox.MessengerAccount{Name: s.Page, Title: s.Bot, AppSecret: p.AppSecret, AccessToken: p.AccessToken}
		if p.AccountID != "" {
			a.WebhookURL = webhooks + "messenger/" + p.AccountID
		}
		if err := d.sandbox.AddMessengerAccount(a); err != nil {
			return err
		}
	}
	now := i.clock.Now()
	var people []sandbox.Person
	for n, p := range s.people() {
		seen := sandbox.Person{Account: s.Key, ID: p.lineID(s), Name: p.Name, Phone: p.National, Language: p.Language, Friend: !p.Blocked || !kept.Seeded}
		if p.OnLINE {
			people = append(people, seen)
		}
		if p.OnPage {
			seen.Account, seen.ID, seen.Wrote = s.Page, p.pageID(s), now.Add(-wroteAgo(n))
			known, err := i.store.IdentityByExternal(ctx, kept.Page.AccountID, seen.ID)
			if err != nil {
				return err
			}
			if known != nil && !known.LastInboundAt.IsZero() {
				seen.Wrote = known.LastInboundAt
			}
			people = append(people, seen)
		}
	}
	return d.sandbox.AddPeople(people)
}

// wroteAgo is how long ago the nth person last wrote to the Page: most within
// Messenger's 24 hours, the others days ago.
func wroteAgo(n int) time.Duration {
	if n%4 == 3 {
		return time.Duration(2+n%7) * 24 * time.Hour
	}
	return time.Duration(n%20) * time.Hour
}

// people are those of the made-up ones who speak a shop's language. A bot
// without a flow knows a few of them, by name and phone alone.
func (s shop) people() []demoPerson {
	var out []demoPerson
	for _, p := range madeUp() {
		if s.Page == "" {
			p.OnLINE, p.OnPage = true, false
		}
		switch {
		case p.Language != s.Language:
		case s.Flow != "":
			out = append(out, p)
		case !p.Blocked && !p.HandedOver && len(out) < ownPeople:
			p.Attributes, p.Tags = nil, nil
			out = append(out, p)
		}
	}
	return out
}

// lineID is a person's id on the pretend LINE.
func (p *demoPerson) lineID(s shop) string {
	return sandbox.LINEUserID("demo\x00" + s.Key + "\x00" + p.Phone)
}

// pageID is a person's id on the pretend Messenger.
func (p *demoPerson) pageID(s shop) string {
	return sandbox.MessengerUserID("demo\x00" + s.Page + "\x00" + p.Phone)
}
