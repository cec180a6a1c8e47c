package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/store"
)

// crowd is a bot's people, generated: attributes of every type, present, empty,
// missing and of the wrong kind.
type crowd struct {
	*world
	r          *rand.Rand
	scope      *expression.People
	contacts   []int64
	broadcasts []string
}

const (
	crowdSize     = 60
	crowdAsked    = 600 // expressions on each database
	crowdQuestion = 3   // how deep and, or and not nest
)

var crowdAttributes = []expression.Declaration{
	{Name: "city", Type: expression.Text}, {Name: "level of \"x\"", Type: expression.Text, Default: "new"}, {Name: "points", Type: expression.Number},
	{Name: "score", Type: expression.Number, Default: 5.0}, {Name: "vip", Type: expression.Boolean}, {Name: "ok", Type: expression.Boolean, Default: true},
	{Name: "due", Type: expression.Date}, {Name: "joined", Type: expression.Date, Default: "2026-11-20"}, {Name: "visit", Type: expression.DateTime},
	{Name: "hobbies", Type: expression.List}, {Name: "sizes", Type: expression.List, Default: []any{1.0, "a"}}, {Name: "extra", Type: expression.JSON},
}

func newCrowd(t *testing.T, db *store.DB, seed uint64) *crowd {
	c := &crowd{world: newWorld(t, db), r: rand.New(rand.NewPCG(seed, 1))}
	must(t, store.Exec(t, db, `INSERT INTO accounts (id, bot_id, channel, external_id, name, state, created_at) VALUES ('second', ?, 'messenger', 'page', 'My Page', 'active', ?)`, c.bot.ID, noon))
	subjects := []string{"Weekly", "Weekly", "Tet"}
	for i := range 3 {
		id := fmt.Sprintf("b%d", i)
		c.broadcasts = append(c.broadcasts, id)
		must(t, store.Exec(t, db, `INSERT INTO broadcasts (id, bot_id, version, plan, state, created_at, updated_at) VALUES (?, ?, 1, ?, 'completed', ?, ?)`, id, c.bot.ID, fmt.Sprintf(`{"subject": %q}`, subjects[i]), noon, noon))
		must(t, store.Exec(t, db, `INSERT INTO broadcast_runs (id, number, bot_id, broadcast_id, n, version, plan, state, created_at) VALUES (?, ?, ?, ?, 1, 1, '{}', 'finished', ?)`, "r-"+id, i+1, c.bot.ID, id, noon))
	}
	for i := range crowdSize {
		c.add(i)
	}
	zone, err := time.LoadLocation(c.bot.TimeZone)
	must(t, err)
	c.scope = expression.NewPeople(expression.PeopleOptions{Attributes: crowdAttributes, Fold: blocks.Fold, Now: noon, Zone: zone,
		Broadcast: func(name string) (ids, near []string) {
			ids, near, err := db.BroadcastsNamed(t.Context(), c.bot.ID, name)
			must(t, err)
			return ids, near
		}})
	return c
}

// add makes a person with one address or two.
func (c *crowd) add(n int) {
	t, db := c.t.(*testing.T), c.db
	p := c.person(fmt.Sprint("U", n))
	c.contacts = append(c.contacts, p.ContactID)
	must(t, store.Exec(t, db, `UPDATE contacts SET attributes = ?, first_name = ?, name = ?, birthday = ?, language = ?, email = ?, last_seen_at = ?, created_at = ?, do_not_contact = ? WHERE id = ?`,
		c.attributes(), c.pick("", "Mai", "Lan"), c.pick("", "Mai Anh", "mai", "Đỗ"), c.pick("", "1990-03-08", "2001-12-31", "junk"), c.pick("", "vi", "zh-TW"),
		c.pick("", "a@b.c"), c.moment(), noon.Add(-time.Duration(c.r.IntN(100))*time.Hour), c.r.IntN(4) == 0, p.ContactID))
	c.address(p.ID)
	if c.r.IntN(3) == 0 {
		must(t, store.Exec(t, db, `INSERT INTO identities (account_id, external_id, contact_id, created_at) VALUES ('second', ?, ?, ?)`, fmt.Sprint("P", n), p.ContactID, noon))
	}
	if c.r.IntN(8) == 0 { // a second one on the same account
		q := c.person(fmt.Sprint("Q", n))
		must(t, store.Exec(t, db, `UPDATE identities SET contact_id = ? WHERE id = ?`, p.ContactID, q.ID))
		must(t, store.Exec(t, db, `DELETE FROM contacts WHERE id = ?`, q.ContactID))
		c.address(q.ID)
	}
	for _, tag := range []string{"VIP", "new shop", "Đại lý"} {
		if c.r.IntN(3) == 0 {
			must(t, store.Exec(t, db, `INSERT INTO tags (bot_id, name, name_key, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.bot.ID, tag, blocks.Fold(tag), noon))
			must(t, store.Exec(t, db, `INSERT INTO contact_tags (contact_id, tag_id, tagged_at) SELECT CAST(? AS bigint), id, ? FROM tags WHERE bot_id = ? AND name_key = ?`,
				p.ContactID, noon.Add(-time.Duration(c.r.IntN(60))*time.Hour), c.bot.ID, blocks.Fold(tag)))
		}
	}
	if c.r.IntN(2) == 0 {
		must(t, store.Exec(t, db, `INSERT INTO contact_phones (contact_id, phone, bot_id, source, added_at) VALUES (?, ?, ?, ?, ?)`, p.ContactID, fmt.Sprintf("+8869%08d", n), c.bot.ID, "import", noon))
	}
	for _, b := range c.broadcasts {
		if c.r.IntN(2) == 0 {
			at := noon.Add(-time.Duration(c.r.IntN(300)) * time.Hour)
			must(t, store.Exec(t, db, `INSERT INTO deliveries (bot_id, account_id, run_id, contact_id, identity_id, status, created_at, sent_at, clicked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				c.bot.ID, c.account.ID, "r-"+b, p.ContactID, p.ID, c.pick("sent", "read", "failed", "skipped"), noon, at, c.moment()))
		}
	}
}

func (c *crowd) address(id int64) {
	must(c.t, store.Exec(c.t.(*testing.T), c.db, `UPDATE identities SET subscribed_at = ?, unsubscribed_at = ?, blocked_at = ? WHERE id = ?`, c.moment(), c.moment(), c.moment(), id))
}

// moment is a time around now, often none.
func (c *crowd) moment() any {
	if c.r.IntN(2) == 0 {
		return nil
	}
	return noon.Add(-time.Duration(c.r.IntN(96)) * time.Hour).Add(time.Duration(c.r.IntN(2)) * 500 * time.Millisecond)
}

func (c *crowd) pick(of ...string) string { return of[c.r.IntN(len(of))] }

// attributes is a JSON object in which each attribute is there or not, and now
// and then of another kind than it is declared.
func (c *crowd) attributes() string {
	var parts []string
	kept := map[string][]string{
		`city`: {`"Taipei"`, `"taipei"`, `""`, `"Đà Nẵng"`, `"100%_\\ O'Brien"`, `7`, `null`, `["Taipei"]`}, `level of \"x\"`: {`"gold"`, `""`, `"new"`},
		`points`: {`0`, `5`, `5.5`, `-3`, `1e3`, `0.1`, `"12"`, `9007199254740992`, `[5]`, `null`, `true`}, `score`: {`0`, `5`, `7.25`}, `vip`: {`true`, `false`, `"yes"`}, `ok`: {`true`, `false`},
		`due`: {`"2026-11-20"`, `"2026-11-21"`, `"2026-11-22"`, `"soon"`, `20261121`}, `joined`: {`"2026-11-21"`, `"2020-02-29"`},
		`visit`:   {`"2026-11-21T03:00:00Z"`, `"2026-11-21T03:00:00.5Z"`, `"2026-11-20T15:59:59Z"`, `"2026-11-20T16:00:00Z"`, `"never"`, `true`},
		`hobbies`: {`[]`, `["tea"]`, `["tea","go",1]`, `[null]`, `[true,0]`, `"tea"`, `[["tea"]]`}, `sizes`: {`[2]`, `[1.0]`, `[]`},
		`extra`: {`{}`, `{"a":1}`, `""`, `0`, `false`, `[]`, `null`, `"x"`}, `loose`: {`"a"`, `"B"`, `1`},
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if c.r.IntN(4) > 0 {
			parts = append(parts, `"`+name+`":`+c.pick(kept[name]...))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// question is a random expression over people.
func (c *crowd) question(depth int) string {
	if depth > 0 {
		switch c.r.IntN(5) {
		case 0:
			return "not (" + c.question(depth-1) + ")"
		case 1, 2:
			return "(" + c.question(depth-1) + " and " + c.question(depth-1) + ")"
		case 3:
			return "(" + c.question(depth-1) + " or " + c.question(depth-1) + ")"
		}
	}
	compare := c.pick("==", "!=", "<", "<=", ">", ">=")
	texts := []string{"city", `attr["level of \"x\""]`, "first_name", "name", "language", "channel", "account", "phone", "email", `attr["loose"]`, "user_id", "external_id"}
	text := c.pick(`"Taipei"`, `"taipei"`, `""`, `"gold"`, `"new"`, `"Mai"`, `"mai"`, `"vi"`, `"line"`, `"My Page"`, `"a"`, `"Đà Nẵng"`, `"100%_\\ O'Brien"`, `"%"`, `upper("b")`, `"+8869"`)
	number := c.pick("0", "5", "5.5", "-3", "1000", "0.1", "2 + 3", "7.25", "-0.0", "9007199254740992")
	date := c.pick(`"2026-11-21"`, `date("2026-11-20")`, "now", "today", `now - duration("12h")`, `today + days(1)`, `"2026-11-21 11:00"`, `"2026-11-21T03:00:00.5Z"`, `now - duration("2d")`)
	moments := []string{"due", "joined", "visit", "birthday", "created_at", "last_seen_at", "subscribed_at", "unsubscribed_at", "last_broadcast_at", `tagged_at("vip")`, `tagged_at("nobody")`}
	numbers := []string{"points", "score", "birthday_month", "len(tags)", "days_since_broadcast"}
	truths := []string{"vip", "ok", "do_not_contact", "subscribed", "unsubscribed", "blocked"}
	switch c.r.IntN(16) {
	case 0, 1:
		return c.pick(texts...) + " " + compare + " " + text
	case 2:
		return c.pick(texts...) + " " + c.pick("contains", "startsWith", "endsWith", "in") + " " + text
	case 3:
		return c.pick(texts...) + " " + compare + " " + c.pick(texts...)
	case 4, 5:
		return c.pick(numbers...) + " " + compare + " " + number
	case 6:
		return number + " " + compare + " " + c.pick(numbers...)
	case 7, 8:
		return c.pick(moments...) + " " + compare + " " + date
	case 9:
		return date + " " + compare + " " + c.pick(moments...)
	case 10:
		return c.pick(truths...) + c.pick("", " == true", " != true", " == nil")
	case 11:
		return c.pick(`"vip"`, `"VIP"`, `"Đại lý"`, `"new  shop"`, `"other"`) + " in tags"
	case 12:
		return c.pick(`"tea" in hobbies`, `hobbies contains 1`, `0 in hobbies`, `true in hobbies`, `"" in hobbies`, `1 in sizes`, `sizes contains "a"`, `2 in sizes`)
	case 13:
		all := slices.Concat(texts, moments[:9], numbers[:2], truths, []string{"tags", "hobbies", "sizes", "extra"})
		return c.pick("has(", "not has(") + c.pick(all...) + ")"
	case 14:
		return c.pick(slices.Concat(texts, moments, numbers, []string{"extra", "hobbies", "tags"})...) + c.pick(" == nil", " != nil")
	}
	return c.pick(`received("b0")`, `read("b1")`, `clicked("b2")`, `replied("b0")`, `received("Weekly")`, `clicked("Weekly")`, `read("Tet")`, `city in ["Taipei", "", 3]`, `points in [5, "x", nil, 0]`, `due in ["2026-11-21", today]`,
		`vip ? points > 3 : city == "Taipei"`, `now > today`, `first_name == last_name`, `created_at < last_seen_at`, `points < score`, `subscribed_at <= tagged_at("vip")`)
}

// Everybody a database finds is who an evaluation finds, person by person.
func TestAudienceAgreesWithEvaluation(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db, 7)
		all, err := db.Addresses(t.Context(), c.bot.ID, c.contacts, noon)
		must(t, err)
		if len(all) <= crowdSize {
			t.Fatalf("%d addresses: nobody has two", len(all))
		}
		some := 0
		for range crowdAsked {
			text := c.question(crowdQuestion)
			q, problems := c.scope.Question(text)
			if q == nil {
				if problems[0].Code == expression.CodeAudience && strings.Contains(problems[0].Message, "kept in different ways") {
					continue
				}
				t.Fatalf("%s: %v", text, problems)
			}
			var want []broadcast.Matched
			for _, a := range all {
				holds, err := q.Holds(&a.Person)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				if holds {
					want = append(want, a.Matched)
				}
			}
			got, err := db.Matching(t.Context(), c.bot.ID, &q.Filter, noon, 1000)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			by := func(a, b broadcast.Matched) int { return int(a.IdentityID - b.IdentityID) }
			slices.SortFunc(got, by)
			slices.SortFunc(want, by)
			if !slices.Equal(got, want) {
				for _, a := range all {
					if slices.Contains(got, a.Matched) != slices.Contains(want, a.Matched) {
						t.Fatalf("%s\nthe database finds %d, the evaluation %d; they differ about %v\n%v %v", text, len(got), len(want), a.Person.Facts, a.Person.Attributes, a.Person.Tags)
					}
				}
			}
			if len(got) > 0 && len(got) < len(all) {
				some++
			}
		}
		if some < crowdAsked/3 {
			t.Errorf("only %d of %d expressions part people", some, crowdAsked)
		}
	})
}
