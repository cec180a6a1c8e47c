package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// planned is one call a visit is about to make: a push to one person, or a
// multicast.
type planned struct {
	way   way
	one   *attempt   // of a push
	group *multicast // nil: a push
}

func (p *planned) attempts() []*attempt {
	if p.group != nil {
		return p.group.members
	}
	return []*attempt{p.one}
}

func (p *planned) account() *engine.Account { return p.attempts()[0].s.Account }

// plan chooses the way of each row, puts equal renders together and takes the
// calls' places in the rates. Rows without a place go back to the next visit.
func (v *visit) plan(ctx context.Context) ([]*planned, error) {
	var singles []*planned
	var fresh, resumed grouping
	for _, a := range v.rows {
		a.before = a.d.Status
		var w way
		err := v.guard(a, func() (err error) {
			w, err = a.way(ctx, a.next(), a.d.MessagesSent)
			return err
		})
		if errors.Is(err, errPanicked) {
			v.failed(errors.Join(err, a.letGo(ctx)))
			continue
		}
		if err != nil {
			return nil, err
		}
		switch {
		case w.route == "":
		case a.group != "" && a.d.Status == engine.Sending:
			resumed.add(a.group, a)
		case a.groupable(w):
			fresh.add(a.s.Account.ID+" "+a.d.RenderID, a)
		default:
			singles = append(singles, &planned{way: w, one: a})
		}
	}
	groups, err := v.resumed(ctx, &resumed)
	if err != nil {
		return nil, err
	}
	more, alone := v.grouped(&fresh)
	return v.paced(ctx, append(append(groups, more...), append(singles, alone...)...)), nil
}

// next is the payload of the attempt's next call.
func (a *attempt) next() channels.Payload {
	first := 0
	for _, p := range a.said {
		if first >= a.d.MessagesSent {
			return p
		}
		first += p.Messages
	}
	return a.said[len(a.said)-1]
}

// paced takes places in the rates for calls, those of each account and route at
// once. What finds none is put back.
func (v *visit) paced(ctx context.Context, calls []*planned) []*planned {
	type rate struct {
		account *engine.Account
		route   string
	}
	wanted := map[rate]int{}
	of := func(p *planned) rate {
		if p.group != nil {
			return rate{p.account(), routeMulticast}
		}
		return rate{p.account(), string(p.way.route)}
	}
	for _, p := range calls {
		wanted[of(p)]++
	}
	least := -1
	for r, n := range wanted {
		granted, wait := v.o.takeMany(ctx, r.account, r.route, n)
		wanted[r] = granted
		if granted < n {
			v.worked.Wait = max(v.worked.Wait, wait, chunkWait)
			if r.route != routeMulticast && (least < 0 || granted < least) {
				least = granted
			}
		}
	}
	if least >= 0 {
		v.o.granted.Store(v.batch.RunID, least)
	} else {
		v.o.granted.Delete(v.batch.RunID)
	}
	var out []*planned
	for _, p := range calls {
		r := of(p)
		if wanted[r] > 0 {
			wanted[r]--
			out = append(out, p)
			continue
		}
		for _, a := range p.attempts() {
			v.putBack(ctx, a)
		}
	}
	return out
}

// takeMany takes places in an account's rate, as many as there are.
func (o *Outbox) takeMany(ctx context.Context, account *engine.Account, route string, n int) (granted int, wait time.Duration) {
	ch, ok := o.Channels[account.Channel]
	if !ok || o.Limiter == nil {
		return n, 0
	}
	perSecond := ch.Limits().PushPerSecond
	if route == routeMulticast {
		perSecond = ch.Limits().MulticastPerSecond
	}
	if perSecond == 0 {
		return n, 0
	}
	granted, wait, err := o.Limiter.TakeMany(ctx, account.ID+":"+route, perSecond, n)
	if err != nil {
		o.log.Warn("rate limit unreadable, going on without", "account_id", account.ID, "error", err)
		return n, 0
	}
	if m := o.Metrics.Waited; m != nil && wait > 0 {
		m(account.Channel, wait)
	}
	return granted, wait
}

// together is how many of the calls may be begun at once: all where a repeat is
// safe, else as many as are under way at once.
func (v *visit) together(calls []*planned) int {
	n := 0
	for i, p := range calls {
		if p.attempts()[0].ch.Limits().RetryKeys && p.way.route == channels.RoutePush {
			continue
		}
		if n++; n > keyless {
			return i
		}
	}
	return len(calls)
}

// begin claims the rows of the calls, and with the first of them those that go
// alone, and writes what was prepared, also for rows whose turn has not come.
func (v *visit) begin(ctx context.Context, calls []*planned) error {
	b := Beginning{Claim: v.claim, Caps: v.batch.Caps, Now: v.o.Deps.Now()}
	prepared := v.unwritten()
	begun := map[int64]bool{}
	var claims []*attempt
	add := func(a *attempt, one Begun) {
		begun[a.d.ID] = true
		one.Delivery, one.Prepared, one.Claims = a.d, prepared[a.d.ID], !v.has(a)
		if one.Claims {
			claims = append(claims, a)
		}
		b.Rows = append(b.Rows, one)
	}
	for _, p := range calls {
		id := ""
		if p.group != nil {
			id = p.group.ID
			if !p.group.resumed {
				b.Groups = append(b.Groups, p.group.Group)
			}
		}
		for _, a := range p.attempts() {
			add(a, Begun{Route: string(p.way.route), GroupID: id, To: a.s.Identity.ExternalID})
		}
	}
	for _, a := range v.alone {
		if !v.has(a) {
			add(a, Begun{})
		}
	}
	for id, p := range prepared {
		if !begun[id] {
			b.Rows = append(b.Rows, Begun{Delivery: p.Delivery, Prepared: p})
		}
	}
	ours, err := v.o.Ledger.BeginMany(ctx, b)
	if err != nil {
		return err
	}
	v.have(claims, ours)
	for _, p := range calls {
		for _, a := range p.attempts() {
			if a.lostRow = !ours[a.d.ID]; !a.lostRow {
				a.d.Status, a.d.Route = engine.Sending, string(p.way.route)
			}
		}
		if p.group != nil {
			p.group.keep()
		}
	}
	return nil
}

// call makes the calls, on each channel as many at once as it lets: an account
// on one does not wait for those on another.
func (v *visit) call(ctx context.Context, calls []*planned) {
	lanes := map[channels.Kind][]*planned{}
	for _, p := range calls {
		kind := p.attempts()[0].ch.Kind()
		lanes[kind] = append(lanes[kind], p)
	}
	var all sync.WaitGroup
	for _, lane := range lanes {
		n := callsAtOnce
		if most := lane[0].attempts()[0].ch.Limits().InFlight; most > 0 {
			n = min(n, most)
		}
		all.Go(func() { side(lane, n, func(p *planned) { v.callOne(ctx, p) }) })
	}
	all.Wait()
}

// callOne makes one of the calls.
func (v *visit) callOne(ctx context.Context, p *planned) {
	v.failed(v.guard(p.attempts()[0], func() error {
		if p.group != nil {
			return v.multicast(ctx, p.group)
		}
		v.push(ctx, p.one, p.way)
		return nil
	}))
}

// push sends to one person, unless the account's calls have come to a halt.
func (v *visit) push(ctx context.Context, a *attempt, w way) {
	if a.lostRow || v.holds(ctx, a) {
		return
	}
	a.begun = &w
	if err := a.send(ctx); err != nil && !errors.Is(err, ErrLost) {
		v.failed(fmt.Errorf("deliver %d: %w", a.d.ID, err))
	}
}

// holds gives a row back whose call is not made: it is too late for this
// visit, or the account has come to a halt.
func (v *visit) holds(ctx context.Context, a *attempt) bool {
	v.mu.Lock()
	h, halted := v.halted[a.s.Account.ID]
	v.mu.Unlock()
	switch {
	case !halted && !v.over(ctx):
		return false
	case !halted && v.late() && !a.ch.Limits().RetryKeys:
		v.failed(passedOver(a.stoodStill(ctx)))
		v.backTo(a)
	case !halted || h.kind == channels.KindThrottled:
		v.putBack(ctx, a)
	default:
		r := Release{Delivery: a.d, Status: a.before, Class: string(h.kind), Uncounted: true, Now: v.o.Deps.Now()}
		if h.wait > 0 {
			r.NotBefore = r.Now.Add(h.wait)
		}
		v.failed(a.to.Release(ctx, r))
	}
	return true
}

// heard notes a refusal that concerns the whole account: nothing more goes out
// on it in this visit.
func (v *visit) heard(ctx context.Context, account *engine.Account, e *channels.SendError) {
	var h halt
	switch {
	case e.Kind == channels.KindThrottled && e.Scope != channels.ScopeRecipient:
		h = halt{e.Kind, max(e.RetryAfter, throttleWait)}
	case e.Kind == channels.KindQuota:
		h = halt{e.Kind, max(quotaBackoff, e.RetryAfter)}
	case e.Kind == channels.KindAuth, e.Kind == channels.KindRestricted && e.Scope != channels.ScopeRecipient:
		h = halt{kind: e.Kind}
	default:
		return
	}
	if !v.halt(account, h, e.Message) || h.kind != channels.KindThrottled || v.o.Limiter == nil {
		return
	}
	limits := v.o.Channels[account.Channel].Limits()
	for route, perSecond := range map[string]int{string(channels.RoutePush): limits.PushPerSecond, routeMulticast: limits.MulticastPerSecond} {
		if perSecond == 0 {
			continue
		}
		if err := v.o.Limiter.Slow(ctx, account.ID+":"+route, perSecond); err != nil {
			v.o.log.Warn("rate limit not lowered", "account_id", account.ID, "error", err)
		}
	}
}

// halt ends the calls of an account; false when they had come to a halt before.
func (v *visit) halt(account *engine.Account, h halt, words string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, again := v.halted[account.ID]; again {
		return false
	}
	v.halted[account.ID] = h
	if h.kind == channels.KindThrottled {
		v.worked.Wait = max(v.worked.Wait, h.wait)
	}
	v.worked.Troubles = append(v.worked.Troubles, Trouble{Kind: string(h.kind), AccountID: account.ID, Message: words})
	return true
}
