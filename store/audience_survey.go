package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// queryCanceled is what Postgres says of a statement that took too long.
const queryCanceled = "57014"

// CountContacts counts a bot's people, with an address and without.
func (d *DB) CountContacts(ctx context.Context, botID string) (int64, error) {
	var n int64
	s := new(script)
	s.query(`SELECT COUNT(*) FROM contacts WHERE bot_id = ? AND merged_into = 0`, botID).one(&n)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("count contacts: %w", err)
	}
	return n, nil
}

// SurveyAudience asks a filter of everybody, or of some. Its
// questions go out together; whom to name is asked when it is known how many
// there are.
func (d *DB) SurveyAudience(ctx context.Context, q broadcast.Survey) (*broadcast.Surveyed, error) {
	out := &broadcast.Surveyed{Conditions: make([]int64, len(q.Conditions))}
	limited, cancel := context.WithTimeout(ctx, q.Within)
	defer cancel()
	v := &surveying{d: d, q: q, out: out, within: limited}
	var together errgroup.Group
	together.SetLimit(surveysAtOnce)
	together.Go(func() error {
		if err := v.ask(ctx, v.routes); err != nil {
			return err
		}
		return v.ask(ctx, v.samples)
	})
	together.Go(func() error { return v.ask(ctx, v.conditions) })
	for i, f := range q.Conditions {
		if f != nil && f.Addresses() {
			together.Go(func() error {
				return v.ask(ctx, func(s *script) error { return v.addressed(s, f, &out.Conditions[i]) })
			})
		}
	}
	err := together.Wait()
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() == nil && (limited.Err() != nil || errors.As(err, &refused) && refused.Code == queryCanceled):
		return nil, broadcast.ErrSlow
	}
	return nil, fmt.Errorf("survey an audience: %w", err)
}

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
}

// ask runs one question. Postgres is told when to give up, so that it ends
// there too and not only here; and not to compile what runs for a second.
func (v *surveying) ask(ctx context.Context, question func(*script) error) error {
	if err := v.within.Err(); err != nil {
		return err
	}
	s := new(script)
	if v.d.postgres {
		ends, _ := v.within.Deadline()
		left := max(1, time.Until(ends).Milliseconds())
		s.query(`SELECT set_config('statement_timeout', ?, true), set_config('work_mem', ?, true), set_config('jit', 'off', true)`, fmt.Sprint(left), surveyMemory)
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

// some is the condition that only those meet who are asked.
func (v *surveying) some(contact string) string {
	if sampled := v.q.Sampled(contact); sampled != "" {
		return " AND " + sampled
	}
	return ""
}

// conditions counts who is asked, and whom each condition alone holds for that
// does not ask about an address.
func (v *surveying) conditions(s *script) error {
	columns, into := []string{"COUNT(*)"}, []any{&v.out.Asked}
	q := &asked{dialect: audienceDialect{v.d.postgres}, botID: v.q.BotID, now: v.q.Now}
	if v.d.postgres {
		q.joins = new(joins)
	}
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
	joined := ""
	if q.joins != nil {
		joined = q.joins.sql.String()
		q.args = append(q.args, q.joins.args...)
	}
	s.query(`SELECT `+strings.Join(columns, ", ")+` FROM contacts c`+joined+` WHERE c.bot_id = ? AND c.merged_into = 0`+v.some("c.id"), append(q.args, v.q.BotID)...).one(into...)
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
	s.query(`SELECT COUNT(*) FROM contact_tags ct WHERE ct.tag_id = (SELECT t.id FROM tags t WHERE t.bot_id = ? AND t.name_key = ?)`+v.some("ct.contact_id"),
		v.q.BotID, name).each(func(r scanner) error {
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
	s.query(`SELECT COUNT(*) FROM contacts c WHERE c.bot_id = ? AND c.merged_into = 0`+v.some("c.id")+`
		AND EXISTS (SELECT 1 FROM identities i WHERE i.contact_id = c.id AND i.kind = 'person' AND `+condition+`)`, append([]any{v.q.BotID}, args...)...).one(into)
	return nil
}

// routes counts whom the filter holds for, by account and route. Of a person's
// addresses the one counts that a freeze would choose; one on none of the
// accounts, or none at all, counts as a person only.
func (v *surveying) routes(s *script) error {
	in := newInput("place bigint", "account_id text", "push text", "no_contact boolean", "consent boolean", "handed_over boolean",
		"heard_since timestamptz", "template_since timestamptz", "now timestamptz")
	for i, a := range v.q.Accounts {
		push := broadcast.RouteFree
		if a.Skip.Paid {
			push = broadcast.RoutePaid
		}
		in.add(i, a.AccountID, push, a.Skip.DoNotContact, a.Skip.Consent, a.Skip.HandedOver, a.Skip.HeardSince, a.Skip.TemplateSince, v.q.Now)
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
	s.with(in, `, reached AS (
			SELECT c.id AS contact_id, i.id AS identity_id, i.last_inbound_at, v.place, v.account_id,
				CASE WHEN v.template_since IS NOT NULL AND (i.last_inbound_at IS NULL OR i.last_inbound_at <= v.template_since) THEN 'template' ELSE v.push END AS route,
				CASE `+skipReasons+` ELSE '' END AS reason
			FROM contacts c `+join+` identities i ON i.contact_id = c.id AND i.kind = 'person' LEFT JOIN v ON v.account_id = i.account_id
			WHERE c.bot_id = ? AND c.merged_into = 0 AND `+condition+v.some("c.id")+`),
		chosen AS (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY contact_id
				ORDER BY CASE WHEN place IS NULL THEN 2 WHEN reason = '' THEN 0 ELSE 1 END, place, last_inbound_at DESC, identity_id) AS choice FROM reached r)
		SELECT COALESCE(account_id, ''), CASE WHEN reason = '' AND place IS NOT NULL THEN route ELSE '' END, CASE WHEN place IS NULL THEN '' ELSE reason END,
			COUNT(*), COUNT(CASE WHEN choice = 1 THEN 1 END) FROM chosen WHERE `+counts+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
		append([]any{v.q.BotID}, args...)...).each(func(r scanner) error {
		var row broadcast.Routed
		var people int64
		err := r.Scan(&row.AccountID, &row.Route, &row.Skip, &row.Count, &people)
		v.out.People += people
		if row.AccountID != "" {
			v.out.Routes = append(v.out.Routes, row)
		}
		return err
	})
	return nil
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
	s.with(in, `SELECT c.id, i.id, i.account_id, CASE WHEN c.name <> '' THEN c.name ELSE trim(c.first_name || ' ' || c.last_name) END
		FROM contacts c JOIN identities i ON i.contact_id = c.id
		WHERE c.bot_id = ? AND c.merged_into = 0 AND i.kind = 'person' AND i.account_id IN (SELECT account_id FROM v) AND `+condition+v.some("c.id")+`
		ORDER BY `+newest+` DESC, i.id LIMIT ?`, append(append([]any{v.q.BotID}, args...), 2*v.q.Samples)...).each(func(r scanner) error {
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

// BroadcastsNamed finds broadcasts by id or subject; near are subjects of the
// newest ones where there are none.
func (d *DB) BroadcastsNamed(ctx context.Context, botID, name string) (ids, near []string, err error) {
	s := new(script)
	subject := `(plan ->> '$.subject')`
	if d.postgres {
		subject = `(CAST(plan AS json) ->> 'subject')`
	}
	s.query(`SELECT id FROM broadcasts WHERE bot_id = ? AND (id = ? OR `+subject+` = ?) ORDER BY id LIMIT ?`, botID, name, name, maxNamed).each(into(&ids))
	s.query(`SELECT `+subject+` FROM broadcasts WHERE bot_id = ? ORDER BY created_at DESC, id LIMIT ?`, botID, maxNamed).each(into(&near))
	if err := d.read(ctx, s); err != nil {
		return nil, nil, fmt.Errorf("find broadcasts named %q: %w", name, err)
	}
	return ids, near, nil
}

// maxNamed is how many broadcasts of one subject are told apart no more, and
// how many subjects are looked at for one that is misspelt.
const maxNamed = 200
