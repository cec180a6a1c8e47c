package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
)

// StoreArrivals commits what came in. For people who are known it takes two
// round trips: one that finds what is new and who they are, one that writes.
func (d *DB) StoreArrivals(ctx context.Context, b inbox.Batch) ([]int64, error) {
	var ring []int64
	b.Arrivals = slices.Clone(b.Arrivals)
	for i := range b.Arrivals { // what is compared with rows must be as rows keep it
		a := &b.Arrivals[i]
		a.From, a.EventKey = channels.CleanText(a.From), channels.CleanText(a.EventKey)
	}
	err := d.transact(ctx, func(t transaction) error {
		fresh, found, err := d.sortOut(ctx, t, b)
		if err != nil {
			return err
		}
		s := new(script)
		storeSigns(s, fresh, found)
		if ring, err = storeInteractions(s, fresh, found); err != nil {
			return err
		}
		withdraw(s, fresh)
		storeReceipts(s, b)
		return t.commit(ctx, s)
	})
	if err != nil {
		return nil, fmt.Errorf("store arrivals: %w", err)
	}
	return ring, nil
}

// sortOut returns the arrivals that were not seen before, oldest first, and
// who sent them; who is new is made.
func (d *DB) sortOut(ctx context.Context, t transaction, b inbox.Batch) ([]inbox.Arrival, map[address]person, error) {
	found := map[address]person{}
	if len(b.Arrivals) == 0 {
		return nil, found, nil
	}
	keys := newInput("account_id text", "event_key text", "at timestamptz")
	people := newInput("account_id text", "external_id text")
	asked := map[address]bool{}
	for _, a := range b.Arrivals {
		keys.add(a.AccountID, a.EventKey, b.Now)
		if who := (address{a.AccountID, a.From}); !asked[who] {
			asked[who] = true
			people.add(who.account, who.external)
		}
	}
	type key struct{ account, event string }
	isNew := make(map[key]bool, len(b.Arrivals))
	s := new(script)
	s.with(keys, `INSERT INTO event_keys (account_id, event_key, at)
		SELECT account_id, event_key, at FROM v WHERE true ORDER BY account_id, event_key
		ON CONFLICT (account_id, event_key) DO NOTHING
		RETURNING account_id, event_key`).each(func(r scanner) error {
		var k key
		if err := r.Scan(&k.account, &k.event); err != nil {
			return err
		}
		isNew[k] = true
		return nil
	})
	d.findPeople(s, people, found)
	if err := t.run(ctx, s); err != nil {
		return nil, nil, err
	}

	var fresh []inbox.Arrival
	strangers := map[address]newcomer{}
	for _, a := range b.Arrivals {
		k := key{a.AccountID, a.EventKey}
		if !isNew[k] {
			continue
		}
		delete(isNew, k)
		fresh = append(fresh, a)
		who := address{a.AccountID, a.From}
		if _, known := found[who]; !known {
			strangers[who] = newcomer{who, a.BotID, a.Group}
		}
	}
	slices.SortStableFunc(fresh, func(x, y inbox.Arrival) int { return x.OccurredAt.Compare(y.OccurredAt) })
	if len(strangers) == 0 {
		return fresh, found, nil
	}
	return fresh, found, d.addPeople(ctx, t, sorted(strangers), b.Now, found)
}

func sorted(people map[address]newcomer) []newcomer {
	out := make([]newcomer, 0, len(people))
	for _, n := range people {
		out = append(out, n)
	}
	slices.SortFunc(out, func(x, y newcomer) int {
		return cmp.Or(cmp.Compare(x.account, y.account), cmp.Compare(x.external, y.external))
	})
	return out
}

// sign is what a person's arrivals say about reaching them.
type sign struct {
	heard    time.Time // they did something that opens a window
	left     time.Time // they blocked the account
	followed time.Time
}

// storeSigns writes last_inbound_at, blocked and consent before any turn runs.
// Events may come out of order: the newer word counts, and following is
// consent unless it was withdrawn.
func storeSigns(s *script, fresh []inbox.Arrival, found map[address]person) {
	signs := map[int64]*sign{}
	for _, a := range fresh {
		id := found[address{a.AccountID, a.From}].identity
		g := signs[id]
		if g == nil {
			g = new(sign)
			signs[id] = g
		}
		switch a.Kind {
		case engine.DidUnfollow:
			g.left = later(g.left, a.OccurredAt)
		case engine.DidTimer:
		case engine.DidOther:
			if a.Opens {
				g.heard = later(g.heard, a.OccurredAt)
			}
		case engine.DidFollow:
			g.followed = later(g.followed, a.OccurredAt)
			g.heard = later(g.heard, a.OccurredAt)
		default:
			g.heard = later(g.heard, a.OccurredAt)
		}
	}
	in := newInput("id bigint", "heard timestamptz", "gone timestamptz", "followed timestamptz")
	for id, g := range signs {
		if g.heard.IsZero() && g.left.IsZero() {
			continue
		}
		gone := g.left
		if !g.heard.Before(g.left) {
			gone = time.Time{}
		}
		in.add(id, g.heard, gone, g.followed)
	}
	if in.empty() {
		return
	}
	s.with(in, `UPDATE identities SET
		last_inbound_at = CASE WHEN v.heard IS NULL OR last_inbound_at >= v.heard THEN last_inbound_at ELSE v.heard END,
		blocked_at = CASE
			WHEN v.gone IS NOT NULL AND (last_inbound_at IS NULL OR last_inbound_at <= v.gone) THEN COALESCE(blocked_at, v.gone)
			WHEN v.heard >= blocked_at THEN NULL
			ELSE blocked_at END,
		subscribed_at = CASE WHEN v.followed IS NOT NULL AND unsubscribed_at IS NULL THEN COALESCE(subscribed_at, v.followed) ELSE subscribed_at END
		FROM v WHERE identities.id = v.id`)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Outcomes of interactions nobody answers.
const (
	outcomeKept    = "kept"
	outcomeStandby = "standby"
)

// storeInteractions adds the interactions, oldest first so that their ids are,
// and returns the contacts with something to be answered.
func storeInteractions(s *script, fresh []inbox.Arrival, found map[address]person) ([]int64, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	in := newInput("n bigint", "bot_id text", "account_id text", "identity_id bigint", "contact_id bigint", "kind text", "occurred_at timestamptz",
		"received_at timestamptz", "event_key text", "standby boolean", "payload text", "reply_token text", "answered_at timestamptz", "outcome text")
	var ring []int64
	for n, a := range fresh {
		payload, err := json.Marshal(a.Inbound)
		if err != nil {
			return nil, fmt.Errorf("write event %q: %w", a.EventKey, err)
		}
		who := found[address{a.AccountID, a.From}]
		answered, outcome := time.Time{}, ""
		switch {
		case a.Standby:
			answered, outcome = a.ReceivedAt, outcomeStandby
		case a.Kind == engine.DidOther:
			answered, outcome = a.ReceivedAt, outcomeKept
		default:
			ring = append(ring, who.contact)
		}
		in.add(n, a.BotID, a.AccountID, who.identity, who.contact, a.Kind, a.OccurredAt,
			a.ReceivedAt, a.EventKey, a.Standby, payload, a.ReplyToken, answered, outcome)
	}
	s.with(in, `INSERT INTO interactions (bot_id, account_id, identity_id, contact_id, kind, occurred_at,
			received_at, event_key, standby, payload, reply_token, answered_at, outcome)
		SELECT bot_id, account_id, identity_id, contact_id, kind, occurred_at,
			received_at, event_key, standby, payload, reply_token, answered_at, outcome FROM v ORDER BY n`)
	slices.Sort(ring)
	return slices.Compact(ring), nil
}

// storeReceipts keeps platforms' words until ApplyReceipts.
func storeReceipts(s *script, b inbox.Batch) {
	if len(b.Receipts) == 0 {
		return
	}
	in := newInput("account_id text", "kind text", "recipient text", "message_id text", "metadata text", "watermark timestamptz",
		"foreign_echo boolean", "at timestamptz", "received_at timestamptz", "class text", "code text", "error text")
	for _, r := range b.Receipts {
		at := r.At
		if at.IsZero() {
			at = b.Now
		}
		class, code, message := "", "", ""
		if r.Error != nil {
			class, code, message = string(r.Error.Kind), r.Error.Code, r.Error.Message
		}
		in.add(r.AccountID, r.Kind, r.To, r.MessageID, r.Metadata, r.Watermark, r.Foreign, at, b.Now, class, code, message)
	}
	s.with(in, `INSERT INTO receipts (account_id, kind, recipient, message_id, metadata, watermark, foreign_echo, at, received_at, class, code, error)
		SELECT account_id, kind, recipient, message_id, metadata, watermark, foreign_echo, at, received_at, class, code, error FROM v`)
}

// StorePoison keeps an event no row could be made of, quoted so that it can be
// stored whatever bytes it has, and its key so that it comes back to nobody.
func (d *DB) StorePoison(ctx context.Context, a inbox.Arrival, cause string) error {
	arrival := fmt.Sprintf("%+v", a)
	if data, err := json.Marshal(a); err == nil {
		arrival = string(data)
	}
	if len(arrival) > maxPoison {
		arrival = arrival[:maxPoison]
	}
	account, key := quoted(a.AccountID), quoted(a.EventKey)
	key = key[:min(len(key), maxPoisonKey)]
	s := new(script)
	s.exec(`INSERT INTO event_keys (account_id, event_key, at) VALUES (?, ?, ?) ON CONFLICT (account_id, event_key) DO NOTHING`, account, key, a.ReceivedAt)
	s.exec(`INSERT INTO poison (account_id, event_key, arrival, error, at) VALUES (?, ?, ?, ?, ?)`, account, key, quoted(arrival), quoted(cause), a.ReceivedAt)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("store poison: %w", err)
	}
	return nil
}

// How much of an event that cannot be stored is kept, and of its key.
const (
	maxPoison    = 64 << 10
	maxPoisonKey = 1 << 10 // an index takes no more than a third of a page
)

// quoted is s as any database takes it: as it is when it is plain, else with
// its odd bytes spelt out.
func quoted(s string) string {
	q := strconv.QuoteToASCII(s)
	if plain := q[1 : len(q)-1]; plain == s {
		return s
	}
	return q
}
