package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// SurveyAudience asks a filter of everybody, or of every nth contact. Its three
// questions go out together.
func (d *DB) SurveyAudience(ctx context.Context, q broadcast.Survey) (*broadcast.Surveyed, error) {
	out := new(broadcast.Surveyed)
	asked := []func(context.Context, *script, broadcast.Survey, *broadcast.Surveyed) error{d.surveyPeople, d.surveyRoutes, d.surveySamples}
	limited, cancel := context.WithTimeout(ctx, q.Within)
	defer cancel()
	var together errgroup.Group
	for _, ask := range asked {
		together.Go(func() error {
			s := new(script)
			if d.postgres { // it ends there too, and not only here
				s.query(`SELECT set_config('statement_timeout', ?, true)`, fmt.Sprint(q.Within.Milliseconds()))
			}
			if err := ask(ctx, s, q, out); err != nil {
				return err
			}
			if d.postgres {
				return d.read(ctx, s)
			}
			return d.read(limited, s)
		})
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

// some is the condition that only every nth contact meets.
func some(q broadcast.Survey) string {
	if q.Every > 1 {
		return fmt.Sprintf(" AND c.id %% %d = 0", q.Every)
	}
	return ""
}

// surveyPeople counts whom the filter, and each condition alone, holds for. What
// asks about an address holds for whom it does on one of theirs.
func (d *DB) surveyPeople(_ context.Context, s *script, q broadcast.Survey, out *broadcast.Surveyed) error {
	columns := []string{"COUNT(*)"}
	var args []any
	filters := append([]*expression.Filter{q.Filter}, q.Conditions...)
	for _, f := range filters {
		condition, more, err := d.audience(f, q.BotID, q.Now)
		if err != nil {
			return err
		}
		if f != nil && f.Addresses() {
			condition = "EXISTS (SELECT 1 FROM identities i WHERE i.contact_id = c.id AND i.kind = 'person' AND " + condition + ")"
		}
		columns = append(columns, "COUNT(CASE WHEN "+condition+" THEN 1 END)")
		args = append(args, more...)
	}
	out.Conditions = make([]int64, len(q.Conditions))
	into := []any{&out.Asked, &out.People}
	for i := range out.Conditions {
		into = append(into, &out.Conditions[i])
	}
	s.query(`SELECT `+strings.Join(columns, ", ")+` FROM contacts c WHERE c.bot_id = ? AND c.merged_into = 0`+some(q), append(args, q.BotID)...).one(into...)
	return nil
}

// surveyRoutes counts by account and route. Of a person's addresses the one
// counts that a freeze would choose.
func (d *DB) surveyRoutes(_ context.Context, s *script, q broadcast.Survey, out *broadcast.Surveyed) error {
	in := newInput("place bigint", "account_id text", "push text", "no_contact boolean", "consent boolean", "handed_over boolean",
		"heard_since timestamptz", "template_since timestamptz", "now timestamptz")
	for i, a := range q.Accounts {
		push := broadcast.RouteFree
		if a.Skip.Paid {
			push = broadcast.RoutePaid
		}
		in.add(i, a.AccountID, push, a.Skip.DoNotContact, a.Skip.Consent, a.Skip.HandedOver, a.Skip.HeardSince, a.Skip.TemplateSince, q.Now)
	}
	condition, args, err := d.audience(q.Filter, q.BotID, q.Now)
	if err != nil || in.empty() {
		return err
	}
	choice := ""
	if !q.Each {
		choice = "WHERE choice = 1"
	}
	s.with(in, `, reached AS (
			SELECT c.id AS contact_id, i.id AS identity_id, i.last_inbound_at, v.place, v.account_id,
				CASE WHEN v.template_since IS NOT NULL AND (i.last_inbound_at IS NULL OR i.last_inbound_at <= v.template_since) THEN 'template' ELSE v.push END AS route,
				`+skipReason+` AS reason
			FROM contacts c JOIN identities i ON i.contact_id = c.id JOIN v ON v.account_id = i.account_id
			WHERE c.bot_id = ? AND c.merged_into = 0 AND i.kind = 'person' AND `+condition+some(q)+`),
		chosen AS (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY contact_id
				ORDER BY CASE WHEN reason = '' THEN 0 ELSE 1 END, place, last_inbound_at DESC, identity_id) AS choice FROM reached r)
		SELECT account_id, CASE WHEN reason = '' THEN route ELSE '' END, reason, COUNT(*) FROM chosen `+choice+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
		append([]any{q.BotID}, args...)...).each(func(r scanner) error {
		var row broadcast.Routed
		err := r.Scan(&row.AccountID, &row.Route, &row.Skip, &row.Count)
		out.Routes = append(out.Routes, row)
		return err
	})
	return nil
}

// skipReason is why policy.Many skips an address i of a contact c on an account
// v, empty when it does not: in the order in which policy decides.
const skipReason = `CASE WHEN i.blocked_at IS NOT NULL THEN 'blocked'
					WHEN v.no_contact AND c.do_not_contact THEN 'do_not_contact'
					WHEN v.consent AND i.unsubscribed_at IS NOT NULL THEN 'unsubscribed'
					WHEN v.consent AND i.subscribed_at IS NULL THEN 'not_subscribed'
					WHEN v.handed_over AND i.conversation = 'agent' AND i.conversation_until > v.now THEN 'handed_over'
					WHEN v.heard_since IS NOT NULL AND (i.last_inbound_at IS NULL OR i.last_inbound_at <= v.heard_since) THEN 'window_closed'
					ELSE '' END`

// surveySamples names a few of the newest whom the filter holds for.
func (d *DB) surveySamples(_ context.Context, s *script, q broadcast.Survey, out *broadcast.Surveyed) error {
	in := newInput("account_id text")
	for _, a := range q.Accounts {
		in.add(a.AccountID)
	}
	condition, args, err := d.audience(q.Filter, q.BotID, q.Now)
	if err != nil || in.empty() || q.Samples == 0 {
		return err
	}
	seen := map[int64]bool{}
	s.with(in, `SELECT c.id, i.id, i.account_id, CASE WHEN c.name <> '' THEN c.name ELSE trim(c.first_name || ' ' || c.last_name) END
		FROM contacts c JOIN identities i ON i.contact_id = c.id
		WHERE c.bot_id = ? AND c.merged_into = 0 AND i.kind = 'person' AND i.account_id IN (SELECT account_id FROM v) AND `+condition+some(q)+`
		ORDER BY c.id DESC, i.id LIMIT ?`, append(append([]any{q.BotID}, args...), 2*q.Samples)...).each(func(r scanner) error {
		var p broadcast.Sample
		if err := r.Scan(&p.ContactID, &p.IdentityID, &p.AccountID, &p.Name); err != nil {
			return err
		}
		if !seen[p.ContactID] && len(out.Samples) < q.Samples {
			seen[p.ContactID] = true
			out.Samples = append(out.Samples, p)
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
