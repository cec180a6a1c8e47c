package inbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Accept stores what a webhook brought and returns when it is committed;
// events that were seen before change nothing. ErrBusy asks the platform to
// send it again. Updates and receipts must be the account's own.
func (in *Inbox) Accept(ctx context.Context, a *engine.Account, r *channels.Received) error {
	now := in.Deps.Now()
	for _, n := range r.Notices {
		if err := in.warned(ctx, a, n, now); err != nil {
			return err
		}
	}
	b := Batch{Now: now}
	for _, u := range r.Updates {
		b.Arrivals = append(b.Arrivals, arrival(a, u, now))
	}
	for _, c := range r.Receipts {
		b.Receipts = append(b.Receipts, Receipt{AccountID: a.ID, Receipt: c})
	}
	if len(b.Arrivals) == 0 && len(b.Receipts) == 0 {
		return nil
	}
	_, err := in.accept.Do(ctx, b)
	if errors.Is(err, group.ErrStopped) {
		return errStopping
	}
	return err
}

// warned keeps a platform's word about an account.
func (in *Inbox) warned(ctx context.Context, a *engine.Account, n channels.Notice, now time.Time) error {
	w := engine.AccountWarning{Code: n.Code, Message: n.Message, At: n.At}
	if w.At.IsZero() {
		w.At = now
	}
	err := in.Store.KeepWarning(ctx, a, w, n.Barred)
	if err != nil && in.away(ctx, err) {
		return errors.Join(ErrBusy, err)
	}
	return err
}

// arrival translates a channel's update into what is kept.
func arrival(a *engine.Account, u channels.Update, now time.Time) Arrival {
	out := Arrival{BotID: a.BotID, AccountID: a.ID, EventKey: u.Key, From: u.From, Group: u.Group,
		OccurredAt: u.At, ReceivedAt: now, ReplyToken: u.ReplyToken, Standby: u.Standby, Opens: u.Opens, Kind: engine.DidOther}
	if u.At.IsZero() || u.At.After(now) {
		out.OccurredAt = now
	}
	said := func(kind string) *blocks.Input {
		out.Kind = engine.DidMessage
		return &blocks.Input{Kind: kind, Text: u.Text, Media: u.Media, Location: u.Location}
	}
	switch u.Kind {
	case channels.Message:
		out.Inbound.Input = said(blocks.InputText)
	case channels.MediaMessage:
		out.Inbound.Input = said(blocks.InputMedia)
	case channels.LocationSent:
		out.Inbound.Input = said(blocks.InputLocation)
	case channels.StickerSent:
		out.Inbound.Input = said(blocks.InputSticker)
	case channels.Postback:
		out.Kind, out.Inbound.Data = engine.DidPostback, u.Data
		if u.Picked != "" {
			out.Inbound.Input = &blocks.Input{Kind: blocks.InputPicked, Text: u.Picked}
		}
		if render, index, block, ok := outbox.ReadButtonPayload(u.Data); ok {
			out.Kind = engine.DidTap
			out.Inbound.Render, out.Inbound.Button, out.Inbound.Block = render, index, block
		}
	case channels.Follow:
		out.Kind = engine.DidFollow
	case channels.Unfollow:
		out.Kind = engine.DidUnfollow
	case channels.Referral:
		out.Kind, out.Inbound.Data = engine.DidReferral, u.Data
	case channels.Unsent:
		out.Inbound.Event, out.Inbound.Data = Withdrawn, u.MessageID
	default:
		out.Inbound.Event = string(u.Kind)
		if u.Kind == channels.OtherEvent {
			out.Inbound.Event, out.Inbound.Data = u.Text, u.Data
		}
	}
	return out
}

// commit stores many webhooks' events in one transaction and rings for their
// contacts. A batch that fails for its data is stored event by event, and what
// fails alone is kept as poison, so that it comes back to nobody.
func (in *Inbox) commit(ctx context.Context, webhooks []Batch) ([]struct{}, error) {
	b := fold(webhooks)
	contacts, err := in.Store.StoreArrivals(ctx, b)
	if err != nil && in.away(ctx, err) {
		return nil, errors.Join(ErrBusy, err)
	}
	if err != nil {
		if contacts, err = in.oneByOne(ctx, b); err != nil {
			return nil, err
		}
	}
	if m := in.Metrics.Stored; m != nil {
		m(len(b.Arrivals))
	}
	for _, id := range contacts {
		in.Bells.RingContact(id, time.Time{})
	}
	return make([]struct{}, len(webhooks)), nil
}

// fold joins webhooks to one batch without duplicates, sorted so that locks
// are taken in one order.
func fold(webhooks []Batch) Batch {
	b := webhooks[0]
	for _, w := range webhooks[1:] {
		b.Arrivals = append(b.Arrivals, w.Arrivals...)
		b.Receipts = append(b.Receipts, w.Receipts...)
		if w.Now.After(b.Now) {
			b.Now = w.Now
		}
	}
	slices.SortStableFunc(b.Arrivals, func(x, y Arrival) int {
		return cmp.Or(cmp.Compare(x.AccountID, y.AccountID), cmp.Compare(x.EventKey, y.EventKey))
	})
	b.Arrivals = slices.CompactFunc(b.Arrivals, func(x, y Arrival) bool {
		return x.AccountID == y.AccountID && x.EventKey == y.EventKey
	})
	return b
}

// oneByOne stores the events and receipts of a batch that failed as a whole.
func (in *Inbox) oneByOne(ctx context.Context, b Batch) ([]int64, error) {
	var contacts []int64
	for i, a := range b.Arrivals {
		ids, err := in.Store.StoreArrivals(ctx, Batch{Arrivals: b.Arrivals[i : i+1], Now: b.Now})
		if err == nil {
			contacts = append(contacts, ids...)
			continue
		}
		if in.away(ctx, err) {
			return nil, errors.Join(ErrBusy, err)
		}
		in.log.Error("event cannot be stored", "account_id", a.AccountID, "event_key", a.EventKey, "error", err)
		if err := in.Store.StorePoison(ctx, a, err.Error()); err != nil {
			return nil, errors.Join(ErrBusy, err)
		}
		in.poisoned()
	}
	for i, r := range b.Receipts {
		_, err := in.Store.StoreArrivals(ctx, Batch{Receipts: b.Receipts[i : i+1], Now: b.Now})
		switch {
		case err == nil:
		case in.away(ctx, err):
			return nil, errors.Join(ErrBusy, err)
		default: // dropped: it would come back for ever, and nobody waits for it
			in.log.Error("receipt cannot be stored", "account_id", r.AccountID, "kind", r.Kind, "error", err)
			in.poisoned()
		}
	}
	return contacts, nil
}

func (in *Inbox) poisoned() {
	if m := in.Metrics.Poison; m != nil {
		m()
	}
}

// away reports whether an error is the database's absence rather than the
// fault of what was to be stored.
func (in *Inbox) away(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || in.Store.Away(err)
}
