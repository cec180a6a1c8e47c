package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// queryCanceled is what Postgres says of a statement that took too long.
const queryCanceled = "57014"

// SurveyAudience asks a filter of everybody, or of some.
func (d *DB) SurveyAudience(ctx context.Context, q broadcast.Survey) (*broadcast.Surveyed, error) {
	out := &broadcast.Surveyed{Conditions: make([]int64, len(q.Conditions))}
	limited, cancel := context.WithTimeout(ctx, q.Within)
	defer cancel()
	v := &surveying{d: d, q: q, out: out, within: limited}
	err := v.draw(ctx)
	switch {
	case err != nil:
	case d.postgres:
		err = v.census(ctx)
	default:
		err = v.asItIs(ctx)
	}
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() == nil && (limited.Err() != nil || errors.As(err, &refused) && refused.Code == queryCanceled):
		return nil, broadcast.ErrSlow
	}
	return nil, fmt.Errorf("survey an audience: %w", err)
}

// SurveysSomeQuickly holds on Postgres, which looks people up by their ids.
func (d *DB) SurveysSomeQuickly() bool { return d.postgres }

// How a survey uses the database: questions at once, and what Postgres may
// keep in memory for each join of one.
const (
	surveysAtOnce = 3
	surveyMemory  = "64MB"
)

// surveying is a survey on its way.
type surveying struct {
	d      *DB
	q      broadcast.Survey
	out    *broadcast.Surveyed
	within context.Context // ends when the survey has taken too long
	only   []int64         // contacts that are asked, nil: everybody; Postgres alone is asked so
	every  int64           // one contact in so many is asked, 0: all; SQLite alone is asked so
}

// asItIs asks one question after another, each of everybody. Whom to name is
// asked when it is known how many there are.
func (v *surveying) asItIs(ctx context.Context) error {
	var together errgroup.Group
	together.SetLimit(surveysAtOnce)
	together.Go(func() error {
		if err := v.ask(ctx, v.routes); err != nil {
			return err
		}
		return v.ask(ctx, v.samples)
	})
	together.Go(func() error { return v.ask(ctx, v.conditions) })
	for i, f := range v.q.Conditions {
		if f != nil && f.Addresses() {
			together.Go(func() error {
				return v.ask(ctx, func(s *script) error { return v.addressed(s, f, &v.out.Conditions[i]) })
			})
		}
	}
	err := together.Wait()
	if v.every > 0 {
		v.out.Drawn = v.out.Asked
	}
	return err
}

// among is the survey of some contacts, nil of none.
func (v *surveying) among(contacts []int64) *surveying {
	if len(contacts) == 0 {
		return nil
	}
	some := *v
	some.only = contacts
	return &some
}

// ask runs one question. Postgres is told when to give up, so that it ends
// there too and not only here; not to compile what runs for a second, and to
// plan for what is asked now: it reads a constant once and a parameter for each
// of a million people. Some people it looks up by their ids, however many of
// them it holds a look through a whole table to be cheaper for.
func (v *surveying) ask(ctx context.Context, question func(*script) error) error {
	if err := v.within.Err(); err != nil {
		return err
	}
	s := new(script)
	if v.d.postgres {
		ends, _ := v.within.Deadline()
		left := max(1, time.Until(ends).Milliseconds())
		through := "on"
		if v.only != nil {
			through = "off"
		}
		s.query(`SELECT set_config('statement_timeout', ?, true), set_config('work_mem', ?, true), set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
			set_config('enable_seqscan', ?, true)`, fmt.Sprint(left), surveyMemory, through)
		if err := question(s); err != nil || len(s.statements) == 1 {
			return err
		}
		return v.d.read(ctx, s)
	}
	if err := question(s); err != nil || len(s.statements) == 0 {
		return err
	}
	return v.d.read(v.within, s)
}

// some is the condition that only those meet who are asked, where these are not
// all, with its arguments.
func (v *surveying) some(contact string) (sql string, args []any) {
	switch {
	case v.only != nil:
		return " AND " + contact + " = ANY(?)", []any{v.only}
	case v.every > 0:
		return " AND " + broadcast.Scattered(contact, v.every), nil
	}
	return "", nil
}

// conditions counts who is asked, and whom each condition alone holds for that
// does not ask about an address.
func (v *surveying) conditions(s *script) error {
	columns, into := []string{"COUNT(*)"}, []any{&v.out.Asked}
	q := &asked{dialect: audienceDialect{v.d.postgres}, botID: v.q.BotID, now: v.q.Now}
	tags := map[int]*expression.Filter{}
	for i, f := range v.q.Conditions {
		switch {
		case f == nil || f.Addresses():
		case tagging(f):
			tags[i] = f
		default:
			columns = append(columns, "COUNT(CASE WHEN "+q.filter(f)+" THEN 1 END)")
			into = append(into, &v.out.Conditions[i])
		}
	}
	if q.err != nil {
		return q.err
	}
	some, who := v.some("c.id")
	s.query(`SELECT `+strings.Join(columns, ", ")+` FROM contacts c WHERE c.bot_id = ? AND c.merged_into = 0`+some, slices.Concat(q.args, []any{v.q.BotID}, who)...).one(into...)
	for i, f := range tags {
		v.tagged(s, f, &v.out.Conditions[i])
	}
	return nil
}

// tagging holds for the conditions that somebody has a tag, or has not.
func tagging(f *expression.Filter) bool {
	return f.Op == expression.Tagged || f.Op == expression.Not && f.Args[0].Op == expression.Tagged
}

// tagged counts whom a tag is on, or not, without a look at them: merged and
// erased people have no tags. It comes after the count of all who are asked.
func (v *surveying) tagged(s *script, f *expression.Filter, into *int64) {
	name := f.Name
	if f.Op == expression.Not {
		name = f.Args[0].Name
	}
	some, who := v.some("ct.contact_id")
	s.query(`SELECT COUNT(*) FROM contact_tags ct WHERE `+ofTag+some, append([]any{v.q.BotID, name}, who...)...).each(func(r scanner) error {
		var n int64
		err := r.Scan(&n)
		if f.Op == expression.Not {
			n = v.out.Asked - n
		}
		*into = n
		return err
	})
}

// addressed counts the people for one of whose addresses a filter holds.
func (v *surveying) addressed(s *script, f *expression.Filter, into *int64) error {
	condition, args, err := v.d.audience(f, v.q.BotID, v.q.Now)
	if err != nil {
		return err
	}
	some, who := v.some("c.id")
	s.query(`SELECT COUNT(*) FROM contacts c WHERE c.bot_id = ? AND c.merged_into = 0
		AND EXISTS (SELECT 1 FROM identities i WHERE i.contact_id = c.id AND i.kind = 'person' AND `+condition+`)`+some, slices.Concat([]any{v.q.BotID}, args, who)...).one(into)
	return nil
}

// routes counts whom the filter holds for, by account and route. Of a person's
// addresses the one counts that a freeze would choose; one on none of the
// accounts, or none at all, counts as a person only.
func (v *surveying) routes(s *script) error {
	in := newInput("place bigint", "account_id text", "push text", "no_contact boolean", "consent boolean", "handed_over boolean",
		"heard_since timestamptz", "template_since timestamptz", "now timestamptz")
	for i, a := range v.q.Accounts {
		in.add(i, a.AccountID, pushOf(a), a.Skip.DoNotContact, a.Skip.Consent, a.Skip.HandedOver, a.Skip.HeardSince, a.Skip.TemplateSince, v.q.Now)
	}
	if in.empty() { // nobody has an address on no account
		in.add(0, "", "", false, false, false, time.Time{}, time.Time{}, v.q.Now)
	}
	condition, args, err := v.d.audience(v.q.Filter, v.q.BotID, v.q.Now)
	if err != nil {
		return err
	}
	join, counts := "LEFT JOIN", "choice = 1"
	if v.q.Filter != nil && v.q.Filter.Addresses() {
		join = "JOIN"
	}
	if v.q.Each {
		counts = "choice = 1 OR place IS NOT NULL"
	}
	some, who := v.some("c.id")
	s.with(in, `, reached AS (
			SELECT c.id AS contact_id, i.id AS identity_id, i.last_inbound_at, v.place, v.account_id,
				CASE WHEN v.template_since IS NOT NULL AND (i.last_inbound_at IS NULL OR i.last_inbound_at <= v.template_since) THEN 'template' ELSE v.push END AS route,
				CASE `+skipReasons+` ELSE '' END AS reason
			FROM contacts c `+join+` identities i ON i.contact_id = c.id AND i.kind = 'person' LEFT JOIN v ON v.account_id = i.account_id
			WHERE c.bot_id = ? AND c.merged_into = 0 AND `+condition+some+`),
		chosen AS (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY contact_id
				ORDER BY CASE WHEN place IS NULL THEN 2 WHEN reason = '' THEN 0 ELSE 1 END, place, last_inbound_at DESC, identity_id) AS choice FROM reached r)
		SELECT COALESCE(account_id, ''), CASE WHEN reason = '' AND place IS NOT NULL THEN route ELSE '' END, CASE WHEN place IS NULL THEN '' ELSE reason END,
			COUNT(*), COUNT(CASE WHEN choice = 1 THEN 1 END) FROM chosen WHERE `+counts+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
		slices.Concat([]any{v.q.BotID}, args, who)...).each(func(r scanner) error {
		var row broadcast.Routed
		var people int64
		err := r.Scan(&row.AccountID, &row.Route, &row.Skip, &row.Count, &people)
		v.out.People += people
		v.route(row)
		return err
	})
	return nil
}

// route adds people to those who are counted by account and route; who is on
// none of the accounts is not.
func (v *surveying) route(r broadcast.Routed) {
	if r.AccountID == "" || r.Count == 0 {
		return
	}
	for i := range v.out.Routes {
		if o := &v.out.Routes[i]; o.AccountID == r.AccountID && o.Route == r.Route && o.Skip == r.Skip {
			o.Count += r.Count
			return
		}
	}
	v.out.Routes = append(v.out.Routes, r)
}

// pushOf is the route of who is written to without a template.
func pushOf(on broadcast.Surveying) string {
	if on.Skip.Paid {
		return broadcast.RoutePaid
	}
	return broadcast.RouteFree
}

// skipReasons are why policy.Many skips an address i of a contact c on an
// account v, in the order in which policy decides: the WHENs of a CASE.
const skipReasons = `WHEN i.blocked_at IS NOT NULL THEN 'blocked'
					WHEN v.no_contact AND c.do_not_contact THEN 'do_not_contact'
					WHEN v.consent AND i.unsubscribed_at IS NOT NULL THEN 'unsubscribed'
					WHEN v.consent AND i.subscribed_at IS NULL THEN 'not_subscribed'
					WHEN v.handed_over AND i.conversation = 'agent' AND i.conversation_until > v.now THEN 'handed_over'
					WHEN v.heard_since IS NOT NULL AND (i.last_inbound_at IS NULL OR i.last_inbound_at <= v.heard_since) THEN 'window_closed'`

// fewPeople is below how many who are meant they are looked for among everybody
// and not from the newest on: in a large crowd the way to five of them is long.
const fewPeople = 5_000

// samples names a few of the newest whom the filter holds for.
func (v *surveying) samples(s *script) error {
	in := newInput("account_id text")
	for _, a := range v.q.Accounts {
		in.add(a.AccountID)
	}
	condition, args, err := v.d.audience(v.q.Filter, v.q.BotID, v.q.Now)
	if err != nil || in.empty() || v.q.Samples == 0 || v.out.People == 0 {
		return err
	}
	newest := "c.id"
	if v.out.People < fewPeople {
		newest = "c.id + 0" // no index has this order
	}
	seen := map[int64]bool{}
	some, who := v.some("c.id")
	s.with(in, `SELECT c.id, i.id, i.account_id, CASE WHEN c.name <> '' THEN c.name ELSE trim(c.first_name || ' ' || c.last_name) END
		FROM contacts c JOIN identities i ON i.contact_id = c.id
		WHERE c.bot_id = ? AND c.merged_into = 0 AND i.kind = 'person' AND i.account_id IN (SELECT account_id FROM v) AND `+condition+some+`
		ORDER BY `+newest+` DESC, i.id LIMIT ?`, append(slices.Concat([]any{v.q.BotID}, args, who), 2*v.q.Samples)...).each(func(r scanner) error {
		var p broadcast.Sample
		if err := r.Scan(&p.ContactID, &p.IdentityID, &p.AccountID, &p.Name); err != nil {
			return err
		}
		if !seen[p.ContactID] && len(v.out.Samples) < v.q.Samples {
			seen[p.ContactID] = true
			v.out.Samples = append(v.out.Samples, p)
		}
		return nil
	})
	return nil
}

// BroadcastsNamed finds broadcasts by id or subject, the newest first; near are
// subjects of the newest ones where there are none.
func (d *DB) BroadcastsNamed(ctx context.Context, botID, name string) (ids, near []string, err error) {
	s := new(script)
	subject := `(plan ->> '$.subject')`
	if d.postgres {
		subject = `(CAST(plan AS json) ->> 'subject')`
	}
	s.query(`SELECT id FROM broadcasts WHERE bot_id = ? AND (id = ? OR `+subject+` = ?) ORDER BY created_at DESC, id DESC LIMIT ?`, botID, name, name, maxNamed).each(into(&ids))
	s.query(`SELECT `+subject+` FROM broadcasts WHERE bot_id = ? ORDER BY created_at DESC, id LIMIT ?`, botID, maxNamed).each(into(&near))
	if err := d.read(ctx, s); err != nil {
		return nil, nil, fmt.Errorf("find broadcasts named %q: %w", name, err)
	}
	return ids, near, nil
}

// maxNamed is how many broadcasts of one subject are meant by it, and how many
// subjects are looked at for one that is misspelt.
const maxNamed = 200
