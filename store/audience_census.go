package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// census asks all that a survey has to ask in one pass over each table, and
// gets bits: whom each part of a condition holds for. How the parts are joined
// is worked out on the bits. Asked as one statement for each figure, people
// would be read, and their attributes looked into, as often as there are
// figures. Postgres alone is asked so.
type census struct {
	v        *surveying
	accounts []string // the bot's
	heard    []time.Time

	ofContact, ofAddress, ofOthers []expression.Filter

	contacts  bitBlocks
	addresses map[string]*bitBlocks // by account
	others    []bitBlocks
}

// source is where the answer to a part of a filter is kept.
type source int

const (
	inContacts  source = 1 << iota // in a column of theirs, or looked up for each of them
	inAddresses                    // it may hold for one address and not for another
	inOthers                       // in a table that has a row for those it holds for
)

// part is a filter of a census: a question whose bits are asked for, or how the
// bits of others are joined.
type part struct {
	op       expression.FilterOp // And, Or, Not, Everyone; "" for a question
	args     []*part
	of       source // what the question is about; of what is joined, all
	question int    // its place among those about that
}

// part notes what a filter asks. It is nil for a filter that compares what is
// kept of an address with what is kept of a contact.
func (c *census) part(f *expression.Filter) *part {
	of := sources(f)
	joins := f.Op == expression.And || f.Op == expression.Or || f.Op == expression.Not
	switch {
	case f.Op == expression.Everyone || joins && len(f.Args) == 0:
		return &part{op: expression.Everyone}
	case f.Op == expression.And, joins && of != inContacts && of != inAddresses:
		p := &part{op: f.Op, of: of}
		for i := range f.Args {
			arg := c.part(&f.Args[i])
			if arg == nil {
				return nil
			}
			p.args = append(p.args, arg)
		}
		return p
	case of == inAddresses:
		return &part{of: of, question: placed(&c.ofAddress, f)}
	case of == inOthers:
		return &part{of: of, question: placed(&c.ofOthers, f)}
	case of&inAddresses != 0:
		return nil
	}
	return &part{of: inContacts, question: placed(&c.ofContact, f)}
}

// placed is the place of a filter among some; it is added where it is not there.
func placed(among *[]expression.Filter, f *expression.Filter) int {
	same := func(o expression.Filter) bool { return reflect.DeepEqual(o, *f) }
	if i := slices.IndexFunc(*among, same); i >= 0 {
		return i
	}
	*among = append(*among, *f)
	return len(*among) - 1
}

func sources(f *expression.Filter) (of source) {
	switch f.Op {
	case expression.Tagged, expression.InList, expression.Outcome:
		return inOthers
	case expression.Has:
		if f.Left.Field.Name == "phone" && f.Left.Field.Kind == expression.FactField {
			return inOthers
		}
	}
	for _, t := range []expression.Term{f.Left, f.Right} {
		switch side := (expression.Filter{Left: t}); {
		case side.Addresses():
			of |= inAddresses
		case !t.Constant():
			of |= inContacts
		}
	}
	for i := range f.Args {
		of |= sources(&f.Args[i])
	}
	return of
}

// Words of a pass that come before those of its questions.
const (
	wordEverybody = iota
	wordDoNotContact
	contactWords // how many there are
)

const (
	wordAddress = iota
	wordOdd     // who has one address on the account, or three, and so on
	wordMany    // how many addresses a block has, as a number
	wordBlocked
	wordUnsubscribed
	wordNeverAgreed
	wordHandedOver
	addressWords // how many there are; after them come those not heard since
)

// bitOf is the bit of a contact's id in the word of its block.
func bitOf(id string) string {
	return fmt.Sprintf("CAST(1 AS bigint) << CAST(%s & %d AS integer)", id, 1<<blockBits-1)
}

// oneByOne ends a subquery that Postgres must not merge into the query around
// it: it would take the blocks for as many as there are contacts and group them
// in one process. Written as a number it would not be a constant, and what is
// below could not be parallel.
const oneByOne = ` OFFSET '0'`

// inBlocks is the column of the blocks and those of the words of flags f0 …,
// over rows of block b and bit x.
func inBlocks(first string, flags int) string {
	var out strings.Builder
	out.WriteString(first)
	for i := range flags {
		fmt.Fprintf(&out, ", COALESCE(bit_or(x) FILTER (WHERE f%d), 0)", i)
	}
	return out.String()
}

// flagged names conditions as columns f0 ….
func flagged(conditions []string) string {
	var out strings.Builder
	for i, condition := range conditions {
		fmt.Fprintf(&out, ", %s AS f%d", condition, i)
	}
	return out.String()
}

// asking is a condition that is being written.
func (c *census) asking() *asked {
	return &asked{dialect: audienceDialect{c.v.d.postgres}, botID: c.v.q.BotID, now: c.v.q.Now, joins: new(joins)}
}

// words scans a row into numbers after what stands before them.
func words(r scanner, into []int64, before ...any) error {
	for i := range into {
		before = append(before, &into[i])
	}
	return r.Scan(before...)
}

// askContacts asks the questions about contacts.
func (c *census) askContacts(s *script) error {
	q := c.asking()
	flags := []string{"c.do_not_contact"}
	for i := range c.ofContact {
		flags = append(flags, q.filter(&c.ofContact[i]))
	}
	row := make([]int64, 1+len(flags))
	some, who := c.v.some("c.id")
	args := slices.Concat(q.args, q.joins.args, []any{c.v.q.BotID}, who)
	s.query(`SELECT b, `+inBlocks("bit_or(x)", len(flags))+`
		FROM (SELECT c.id >> `+fmt.Sprint(blockBits)+` AS b, `+bitOf("c.id")+` AS x`+flagged(flags)+`
			FROM contacts c`+q.joins.sql.String()+` WHERE c.bot_id = ? AND c.merged_into = 0`+some+oneByOne+`) o GROUP BY b`, args...).each(func(r scanner) error {
		var block int64
		err := words(r, row, &block)
		c.contacts.add(block, row)
		return err
	})
	return q.err
}

// askAddresses asks the questions about addresses, and what policy looks at.
// Blocks of several accounts are told apart by numbers: grouped by the accounts'
// ids, a million addresses take half as long again.
func (c *census) askAddresses(s *script) error {
	if len(c.accounts) == 0 {
		return nil
	}
	q := c.asking()
	number := "0"
	if len(c.accounts) > 1 {
		number = "CASE i.account_id"
		for n, id := range c.accounts {
			number += q.give(fmt.Sprintf(" WHEN ? THEN %d", n), id)
		}
		number += " END"
	}
	flags := []string{"i.blocked_at IS NOT NULL", "false", "false", "false"}
	if c.any(func(m policy.Many) bool { return m.Consent }) {
		flags[wordUnsubscribed-wordBlocked], flags[wordNeverAgreed-wordBlocked] = "i.unsubscribed_at IS NOT NULL", "i.subscribed_at IS NULL"
	}
	if c.any(func(m policy.Many) bool { return m.HandedOver }) {
		flags[wordHandedOver-wordBlocked] = q.give("i.conversation = 'agent' AND i.conversation_until > ?", c.v.q.Now)
	}
	for _, since := range c.heard {
		flags = append(flags, q.give("(i.last_inbound_at IS NULL OR i.last_inbound_at <= ?)", since))
	}
	for i := range c.ofAddress {
		flags = append(flags, q.filter(&c.ofAddress[i]))
	}
	row := make([]int64, wordBlocked+len(flags))
	some, who := c.v.some("i.contact_id")
	var on []any
	for _, id := range c.accounts {
		on = append(on, id)
	}
	s.query(`SELECT b, `+inBlocks("bit_or(x), bit_xor(x), COUNT(*)", len(flags))+`
		FROM (SELECT (i.contact_id >> `+fmt.Sprint(blockBits)+`) * `+fmt.Sprint(len(c.accounts))+` + `+number+` AS b, `+bitOf("i.contact_id")+` AS x`+flagged(flags)+`
			FROM identities i WHERE i.account_id IN (`+places(len(on))+`) AND i.kind = 'person'`+some+oneByOne+`) o GROUP BY b`, slices.Concat(q.args, on, who)...).each(func(r scanner) error {
		var block int64
		if err := words(r, row, &block); err != nil {
			return err
		}
		account := c.accounts[block%int64(len(c.accounts))]
		if c.addresses[account] == nil {
			c.addresses[account] = new(bitBlocks)
		}
		c.addresses[account].add(block/int64(len(c.accounts)), row)
		return nil
	})
	return q.err
}

// any reports whether some account of the survey asks for that.
func (c *census) any(asks func(policy.Many) bool) bool {
	return slices.ContainsFunc(c.v.q.Accounts, func(a broadcast.Surveying) bool { return asks(a.Skip) })
}

// askOther asks a question of which the contacts are listed that it holds for.
func (c *census) askOther(s *script, question int) error {
	q := c.asking()
	rows := q.listed(&c.ofOthers[question])
	row := make([]int64, 1)
	some, who := c.v.some("o.contact_id")
	s.query(`SELECT b, bit_or(x) FROM (SELECT o.contact_id >> `+fmt.Sprint(blockBits)+` AS b, `+bitOf("o.contact_id")+` AS x FROM (`+rows+`) o WHERE true`+some+oneByOne+`) o GROUP BY b`,
		append(q.args, who...)...).each(func(r scanner) error {
		var block int64
		err := words(r, row, &block)
		c.others[question].add(block, row)
		return err
	})
	return q.err
}
