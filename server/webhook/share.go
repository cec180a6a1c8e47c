package webhook

import (
	"context"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// share is one account's part of a webhook.
type share struct {
	account  *engine.Account
	received *channels.Received
}

// share gives each account what is meant for it. One secret signs for every
// account of a platform's application, so what is meant for another account
// than the addressed one is taken only when the same bot has connected it with
// the same application; all else is dropped and counted.
func (w *Webhooks) share(ctx context.Context, a *engine.Account, r *channels.Received) (shares []share, dropped int, err error) {
	if meantFor(a, r) {
		return []share{{a, r}}, 0, nil
	}
	own := &channels.Received{Ignored: r.Ignored, Answer: r.Answer}
	shares = []share{{a, own}}
	of := map[string]*channels.Received{"": own, a.ExternalID: own}
	find := func(platformID string) (*channels.Received, error) {
		if part, known := of[platformID]; known {
			return part, nil
		}
		other, err := w.Accounts.AccountByAlias(ctx, a.Channel, platformID)
		if err != nil && !engine.IsCode(err, engine.NotFound) {
			return nil, err
		}
		var part *channels.Received
		if other != nil && related(a, other) {
			part = new(channels.Received)
			shares = append(shares, share{other, part})
		}
		of[platformID] = part
		return part, nil
	}
	give := func(platformID string, add func(part *channels.Received)) error {
		part, err := find(platformID)
		switch {
		case err != nil:
			return err
		case part == nil:
			dropped++
		default:
			add(part)
		}
		return nil
	}
	for _, u := range r.Updates {
		if err := give(u.Account, func(p *channels.Received) { p.Updates = append(p.Updates, u) }); err != nil {
			return nil, 0, err
		}
	}
	for _, c := range r.Receipts {
		if err := give(c.Account, func(p *channels.Received) { p.Receipts = append(p.Receipts, c) }); err != nil {
			return nil, 0, err
		}
	}
	for _, n := range r.Notices {
		if err := give(n.Account, func(p *channels.Received) { p.Notices = append(p.Notices, n) }); err != nil {
			return nil, 0, err
		}
	}
	return shares, dropped, nil
}

// meantFor reports whether all of a webhook is for the account, as it mostly is.
func meantFor(a *engine.Account, r *channels.Received) bool {
	own := func(platformID string) bool { return platformID == "" || platformID == a.ExternalID }
	for i := range r.Updates {
		if !own(r.Updates[i].Account) {
			return false
		}
	}
	for i := range r.Receipts {
		if !own(r.Receipts[i].Account) {
			return false
		}
	}
	for i := range r.Notices {
		if !own(r.Notices[i].Account) {
			return false
		}
	}
	return true
}

// related reports whether what is signed for one account may speak for another.
func related(a, other *engine.Account) bool {
	return other.BotID == a.BotID && other.Fingerprint != "" && other.Fingerprint == a.Fingerprint &&
		other.State != engine.AccountDisconnected
}
