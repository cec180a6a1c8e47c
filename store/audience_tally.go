package store

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// mostDoubled is how many people with two addresses on one account are asked
// about apart; where there are more, all are asked as they are.
const mostDoubled = 2_000

// tally is a census that is counted: its bits, in one order.
type tally struct {
	*census
	filter     *part
	conditions []*part // as the survey's

	places    bitPlaces
	everybody peopleBits
	contact   []peopleBits // by word
	other     []peopleBits // by question
	lines     []line       // the accounts of the survey in their order, and then the bot's others
	doubled   peopleBits   // who has several addresses on one account, which bits do not tell apart
}

// line is one account's addresses. Who is not doubled has one address there and
// so one bit.
type line struct {
	surveyed bool
	on       broadcast.Surveying
	words    []peopleBits
}

// census asks everything at once, and afterwards what bits do not tell: about
// people with two addresses on an account, and what compares an address with
// its contact.
func (v *surveying) census(ctx context.Context) error {
	t := &tally{census: &census{v: v, addresses: map[string]*bitBlocks{}}}
	everyone := &expression.Filter{Op: expression.Everyone}
	noted := func(f *expression.Filter) *part {
		if f == nil {
			f = everyone
		}
		return t.part(f)
	}
	t.filter = noted(v.q.Filter)
	for _, f := range v.q.Conditions {
		t.conditions = append(t.conditions, noted(f))
	}
	if err := t.read(ctx); err != nil {
		return err
	}
	t.order()
	if err := t.alone(ctx); err != nil {
		return err
	}
	return t.together(ctx)
}

// read makes the passes.
func (c *census) read(ctx context.Context) error {
	for _, a := range c.v.q.Accounts {
		for _, since := range []time.Time{a.Skip.HeardSince, a.Skip.TemplateSince} {
			if !since.IsZero() && c.since(since) < 0 {
				c.heard = append(c.heard, since)
			}
		}
	}
	err := c.v.ask(ctx, func(s *script) error {
		s.query(`SELECT id FROM accounts WHERE bot_id = ? ORDER BY id`, c.v.q.BotID).each(into(&c.accounts))
		return nil
	})
	if err != nil {
		return err
	}
	c.others = make([]bitBlocks, len(c.ofOthers))
	var passes errgroup.Group
	passes.SetLimit(surveysAtOnce)
	passes.Go(func() error { return c.v.ask(ctx, c.askContacts) })
	passes.Go(func() error { return c.v.ask(ctx, c.askAddresses) })
	for i := range c.ofOthers {
		passes.Go(func() error { return c.v.ask(ctx, func(s *script) error { return c.askOther(s, i) }) })
	}
	return passes.Wait()
}

// since is the place of a moment among those that are asked about.
func (c *census) since(at time.Time) int { return slices.IndexFunc(c.heard, at.Equal) }

// order brings what was read into one order.
func (t *tally) order() {
	t.places = placesOf(t.contacts.blocks)
	t.contact = t.put(&t.contacts, contactWords+len(t.ofContact))
	t.everybody = t.contact[wordEverybody]
	for i := range t.others {
		t.other = append(t.other, t.put(&t.others[i], 1)[0])
	}
	accounts := slices.Clone(t.accounts)
	add := func(id string, l line) {
		l.words = t.put(t.addresses[id], addressWords+len(t.heard)+len(t.ofAddress))
		t.lines = append(t.lines, l)
	}
	for _, on := range t.v.q.Accounts {
		add(on.AccountID, line{surveyed: true, on: on})
		accounts = slices.DeleteFunc(accounts, func(id string) bool { return id == on.AccountID })
	}
	for _, id := range accounts {
		add(id, line{})
	}
	t.doubled = t.places.nobody()
	for _, l := range t.lines {
		t.doubled = t.doubled.or(l.doubled())
	}
	t.doubled = t.doubled.and(t.everybody)
}

// put is a pass's words; of a pass that met nobody they are empty.
func (t *tally) put(b *bitBlocks, words int) []peopleBits {
	out := make([]peopleBits, words)
	for i := range out {
		if b == nil || b.words == nil {
			out[i] = t.places.nobody()
		} else {
			out[i] = t.places.put(b, i)
		}
	}
	return out
}

// doubled are people with several addresses on an account. Who has two is not
// odd; where somebody has three or more the numbers do not add up, and all of
// the block are taken.
func (l *line) doubled() peopleBits {
	one := l.words[wordAddress]
	out := one.without(l.words[wordOdd])
	for n := range out {
		if l.words[wordMany][n] != uint64(one[n:n+1].count()+out[n:n+1].count()) {
			out[n] = one[n]
		}
	}
	return out
}

// holds are whom a part holds for: of what asks about addresses on a line.
func (t *tally) holds(p *part, l *line) peopleBits {
	switch p.op {
	case expression.Everyone:
		return t.everybody
	case expression.Not:
		return t.everybody.without(t.holds(p.args[0], l))
	case expression.And:
		out := t.everybody
		for _, arg := range p.args {
			out = out.and(t.holds(arg, l))
		}
		return out
	case expression.Or:
		out := t.places.nobody()
		for _, arg := range p.args {
			out = out.or(t.holds(arg, l))
		}
		return out
	}
	switch p.of {
	case inAddresses:
		return l.words[addressWords+len(t.heard)+p.question].and(t.everybody)
	case inOthers:
		return t.other[p.question].and(t.everybody)
	}
	return t.contact[contactWords+p.question]
}

// on are whom a part holds for at their address on a line.
func (t *tally) on(p *part, l *line) peopleBits { return t.holds(p, l).and(l.words[wordAddress]) }

// told reports whether bits answer a part, but for who is doubled.
func (t *tally) told(p *part) bool {
	return p != nil && (p.of&inAddresses == 0 || t.doubled.count() <= mostDoubled)
}

// alone counts each condition.
func (t *tally) alone(ctx context.Context) error {
	t.v.out.Asked = t.everybody.count()
	for i, p := range t.conditions {
		into := &t.v.out.Conditions[i]
		rest := t.v
		switch {
		case t.told(p) && p.of&inAddresses == 0:
			*into = t.holds(p, nil).count()
			continue
		case t.told(p):
			who := t.places.nobody()
			for n := range t.lines {
				who = who.or(t.on(p, &t.lines[n]))
			}
			*into = who.without(t.doubled).count()
			if rest = t.apart(t.doubled); rest == nil {
				continue
			}
		}
		var more int64
		if err := rest.ask(ctx, func(s *script) error { return rest.addressed(s, t.v.q.Conditions[i], &more) }); err != nil {
			return err
		}
		*into += more
	}
	return nil
}

// apart is the survey of some people only, nil of nobody.
func (t *tally) apart(who peopleBits) *surveying { return t.v.among(t.places.ids(who)) }

// together counts whom the filter holds for, by account and route, and names
// some of them.
func (t *tally) together(ctx context.Context) error {
	if t.filter == nil || t.doubled.count() > mostDoubled {
		if err := t.v.ask(ctx, t.v.routes); err != nil {
			return err
		}
		return t.v.ask(ctx, t.v.samples)
	}
	met := make([]peopleBits, len(t.lines))
	people, reachable := t.places.nobody(), t.places.nobody()
	for n := range t.lines {
		l := &t.lines[n]
		met[n] = t.on(t.filter, l).without(t.doubled)
		people = people.or(met[n])
		if l.surveyed {
			reachable = reachable.or(met[n])
		}
	}
	if t.filter.of&inAddresses == 0 { // it holds for who has no address, too
		people = t.holds(t.filter, nil).without(t.doubled)
	}
	t.v.out.People = people.count()
	t.place(met)
	named := t.places.newest(reachable, t.v.q.Samples)
	if rest := t.apart(t.doubled); rest != nil {
		if err := rest.ask(ctx, rest.routes); err != nil {
			return err
		}
		named = append(named, rest.only...)
	}
	if some := t.v.among(named); some != nil {
		return some.ask(ctx, some.samples)
	}
	return nil
}

// place counts people by account and route. Somebody with addresses on several
// accounts is placed on the first where they would be reached, else on the
// first that there is.
func (t *tally) place(met []peopleBits) {
	placed := t.places.nobody()
	count := func(on broadcast.Surveying, way way) {
		who := way.who
		if !t.v.q.Each {
			who = who.without(placed)
			placed = placed.or(who)
		}
		t.v.route(broadcast.Routed{AccountID: on.AccountID, Route: way.route, Skip: way.skip, Count: who.count()})
	}
	var skipped []func()
	for n := range t.lines {
		l := &t.lines[n]
		if !l.surveyed {
			break
		}
		for _, w := range t.ways(l, met[n]) {
			if w.skip == "" {
				count(l.on, w)
			} else {
				skipped = append(skipped, func() { count(l.on, w) })
			}
		}
	}
	for _, later := range skipped {
		later()
	}
}

// way is how some people would be written to, or why not.
type way struct {
	route, skip string
	who         peopleBits
}

// ways part people by what becomes of them on a line, in the order of
// skipReasons.
func (t *tally) ways(l *line, who peopleBits) []way {
	var out []way
	take := func(applies bool, route, skip string, of peopleBits) {
		if applies {
			out = append(out, way{route, skip, who.and(of)})
			who = who.without(of)
		}
	}
	heard := func(since time.Time) peopleBits {
		if since.IsZero() {
			return nil
		}
		return l.words[addressWords+t.since(since)]
	}
	many := l.on.Skip
	take(true, "", "blocked", l.words[wordBlocked])
	take(many.DoNotContact, "", "do_not_contact", t.contact[wordDoNotContact])
	take(many.Consent, "", "unsubscribed", l.words[wordUnsubscribed])
	take(many.Consent, "", "not_subscribed", l.words[wordNeverAgreed])
	take(many.HandedOver, "", "handed_over", l.words[wordHandedOver])
	take(!many.HeardSince.IsZero(), "", "window_closed", heard(many.HeardSince))
	take(!many.TemplateSince.IsZero(), broadcast.RouteTemplate, "", heard(many.TemplateSince))
	return append(out, way{pushOf(l.on), "", who})
}
