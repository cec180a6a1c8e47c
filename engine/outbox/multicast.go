package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// routeMulticast is the rate multicasts have a place in.
const routeMulticast = "multicast"

// groupRounds is how often the rest of a refused group goes out as another
// group; after that by push.
const groupRounds = 3

// multicast is one call for many people.
type multicast struct {
	Group
	members []*attempt // ours, of those in To
	resumed bool       // the call was made before and its answer not read
}

// grouping collects attempts under keys, in the order of their coming.
type grouping struct {
	keys []string
	of   map[string][]*attempt
}

func (g *grouping) add(key string, a *attempt) {
	if g.of == nil {
		g.of = map[string][]*attempt{}
	}
	if len(g.of[key]) == 0 {
		g.keys = append(g.keys, key)
	}
	g.of[key] = append(g.of[key], a)
}

// groupable reports whether a row may go out with others that are told the
// same: nothing of it went out, and one call is all of it.
func (a *attempt) groupable(w way) bool {
	_, able := a.ch.(channels.Multicaster)
	return able && a.ch.Limits().MulticastSize > 1 && w.route == channels.RoutePush && w.tag == "" &&
		a.d.Status == engine.Queued && a.d.MessagesSent == 0 && len(a.said) == 1
}

// grouped makes multicasts of rows that are told the same, and leaves who is
// told something of their own.
func (v *visit) grouped(fresh *grouping) (groups, alone []*planned) {
	push := way{route: channels.RoutePush}
	for _, key := range fresh.keys {
		members := fresh.of[key]
		for part := range slices.Chunk(members, members[0].ch.Limits().MulticastSize) {
			if len(part) == 1 {
				alone = append(alone, &planned{way: push, one: part[0]})
				continue
			}
			groups = append(groups, &planned{way: push, group: v.group(part, 0)})
		}
	}
	return groups, alone
}

func (v *visit) group(members []*attempt, generation int) *multicast {
	first := members[0]
	g := &multicast{Group: Group{ID: v.o.Deps.NewID(), AccountID: first.s.Account.ID, RenderID: first.d.RenderID, Generation: generation, CreatedAt: v.o.Deps.Now()},
		members: members}
	for _, a := range members {
		g.To = append(g.To, a.s.Identity.ExternalID)
	}
	return g
}

// keep leaves those in a group whose rows were begun. A call that was made
// before goes out whole: its people are what they were.
func (g *multicast) keep() {
	g.members = slices.DeleteFunc(g.members, func(a *attempt) bool { return a.lostRow })
	if g.resumed {
		return
	}
	g.To = g.To[:0]
	for _, a := range g.members {
		g.To = append(g.To, a.s.Identity.ExternalID)
	}
}

// resumed are the multicasts whose answers were lost, as they were. Rows of one
// that is gone are unknown.
func (v *visit) resumed(ctx context.Context, rows *grouping) ([]*planned, error) {
	known, err := v.o.Ledger.Groups(ctx, rows.keys)
	if err != nil {
		return nil, err
	}
	var out []*planned
	for _, id := range rows.keys {
		g, ok := known[id]
		if ok {
			out = append(out, &planned{way: way{route: channels.RoutePush}, group: &multicast{Group: *g, members: rows.of[id], resumed: true}})
			continue
		}
		for _, a := range rows.of[id] {
			if err := a.unknown(ctx, "the answer to the call was lost, and what the call was is no longer kept"); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// groupKey is the retry key of a group: its id is the members, their order, the
// render and the generation, for none of them ever changes.
func groupKey(id string) string {
	return uuid.NewSHA1(retryNamespace, []byte("group."+id)).String()
}

// multicast makes the call of a group. A refusal that names people fails
// theirs, and the others go out as another group.
func (v *visit) multicast(ctx context.Context, g *multicast) error {
	for round := 0; len(g.members) > 0; round++ {
		if v.holds(ctx, g.members[0]) {
			for _, a := range g.members[1:] {
				v.holds(ctx, a)
			}
			return nil
		}
		m := v.cast(ctx, g)
		if e := m.refused; e == nil || e.Kind != channels.KindBlocked {
			return v.settle(ctx, g, m)
		}
		rest, err := v.named(ctx, g, m)
		if err != nil || len(rest) == 0 {
			return err
		}
		if len(rest) == 1 || round == groupRounds || len(rest) == len(g.members) {
			return v.pushAll(ctx, rest)
		}
		next := v.group(rest, g.Generation+1)
		if err := v.begin(ctx, []*planned{{way: way{route: channels.RoutePush}, group: next}}); err != nil {
			return err
		}
		g = next
	}
	return nil
}

// cast makes one call.
func (v *visit) cast(ctx context.Context, g *multicast) made {
	first := g.members[0]
	m := made{attempt: engine.Attempt{At: v.o.Deps.Now(), Route: string(channels.RoutePush), RetryKey: groupKey(g.ID)}}
	sent, err := first.ch.(channels.Multicaster).Multicast(ctx, ChannelAccount(first.s.Account), g.To, first.said[0], channels.Key{Retry: m.attempt.RetryKey})
	v.o.answered(&m, first.s.Account.Channel, sent, err)
	if m.refused != nil {
		v.heard(ctx, first.s.Account, m.refused)
	}
	return m
}

// of is a call as the record of one of the people it was for.
func (m made) of(a *attempt) made {
	m.attempt.ID, m.attempt.DeliveryID = a.d.AttemptID, a.d.ID
	return m
}

// settle records the answer to a call for everybody it was for. Who is to be
// told again by the same call is told at one time.
func (v *visit) settle(ctx context.Context, g *multicast, m made) error {
	var errs []error
	for _, a := range g.members {
		if m.refused == nil {
			errs = append(errs, a.accepted(ctx, m.of(a), a.said[0].Messages, true))
			continue
		}
		_, err := a.refused(ctx, m.of(a), &way{route: channels.RoutePush}, 1)
		errs = append(errs, err)
	}
	v.align(g)
	return errors.Join(errs...)
}

// align lets the rows of a group whose answer was lost be due at one time.
func (v *visit) align(g *multicast) {
	member := map[int64]bool{}
	for _, a := range g.members {
		member[a.d.ID] = true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var at time.Time
	for i := range v.releases {
		r := &v.releases[i]
		if r.Status != engine.Sending || !member[r.Delivery.ID] {
			continue
		}
		if at.IsZero() {
			at = r.NotBefore
		}
		r.NotBefore = at
	}
}

// named fails the people whom a refusal names, and returns the others.
func (v *visit) named(ctx context.Context, g *multicast, m made) (rest []*attempt, err error) {
	named := map[string]bool{}
	for _, i := range m.refused.Recipients {
		if i < len(g.To) {
			named[g.To[i]] = true
		}
	}
	for _, a := range g.members {
		if !named[a.s.Identity.ExternalID] {
			rest = append(rest, a)
			continue
		}
		if _, err := a.refused(ctx, m.of(a), &way{route: channels.RoutePush}, 1); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// pushAll sends to the people of a group one by one.
func (v *visit) pushAll(ctx context.Context, members []*attempt) error {
	w := way{route: channels.RoutePush}
	calls := make([]*planned, len(members))
	for i, a := range members {
		calls[i] = &planned{way: w, one: a}
	}
	if err := v.begin(ctx, calls); err != nil {
		return err
	}
	v.call(ctx, calls)
	return nil
}
