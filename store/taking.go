package store

import (
	"slices"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// insertTaken adds the only row of a turn, claimed where nothing comes before
// it, and begun as a reply where the turn's token is to be had: to claim and
// begin it by statements of their own would write it three times.
//
// The token's interaction is the turn's own, whose row the commit has written
// already: nobody takes the token between the two statements here. That of an
// earlier one is left to the attempt. MATERIALIZED keeps Postgres from asking
// anew for each column.
func insertTaken(s *script, row *engine.Delivery, t inbox.Turn, ids *[]int64, out **outbox.Taken) error {
	values, err := madeValues(0, row)
	if err != nil {
		return err
	}
	own := !t.Take.Since.IsZero() && row.InteractionID == t.InteractionID
	in := newInput(append(slices.Clone(madeFields), "by_token boolean", "since timestamptz", "attempt_id text", "lease_until timestamptz", "now timestamptz")...)
	in.add(append(values, own, t.Take.Since, t.Take.AttemptID, t.Take.LeaseUntil, t.Take.Now)...)
	taken := &outbox.Taken{Delivery: new(engine.Delivery)}
	*taken.Delivery = *row
	taken.Delivery.Warnings = orEmpty(row.Warnings)
	st := s.with(in, `, made AS MATERIALIZED (SELECT v.*,
			CASE WHEN EXISTS (SELECT 1 FROM accounts a WHERE a.id = v.account_id AND `+working+`) AND `+first("v")+` THEN 1 ELSE 0 END AS free,
			CASE WHEN by_token AND EXISTS (SELECT 1 FROM interactions i WHERE i.id = v.interaction_id AND i.identity_id = v.identity_id AND i.reply_token <> ''
				AND i.reply_used_by = 0 AND i.received_at >= v.since) THEN 1 ELSE 0 END AS token FROM v)
		INSERT INTO deliveries (`+madeColumns+`, status, route, attempt_id, lease_until, attempt, called_at)
		SELECT `+madeColumns+`, CASE WHEN free * token = 1 THEN 'sending' ELSE status END, CASE WHEN free * token = 1 THEN '`+policy.RouteReply+`' ELSE route END,
			CASE WHEN free = 1 THEN attempt_id ELSE '' END, CASE WHEN free = 1 THEN lease_until END, free, CASE WHEN free * token = 1 THEN now END
		FROM made RETURNING id, status, route, attempt`, t.Take.Now, t.Take.Now, t.Take.Now)
	st.each(func(r scanner) error {
		d := taken.Delivery
		if err := r.Scan(&d.ID, &d.Status, &d.Route, &d.Attempt); err != nil {
			return err
		}
		*ids = append(*ids, d.ID)
		if d.Attempt > 0 {
			d.AttemptID, d.LeaseUntil, *out = t.Take.AttemptID, t.Take.LeaseUntil, taken
		}
		return nil
	})
	if !own {
		return nil
	}
	s.query(`UPDATE interactions SET reply_used_by = COALESCE((SELECT MAX(d.id) FROM deliveries d WHERE d.identity_id = ? AND d.waiting AND d.`+single+`
			AND d.interaction_id = interactions.id AND d.attempt_id = ? AND d.status = 'sending'), 0)
		WHERE id = ? AND reply_used_by = 0 RETURNING CASE WHEN reply_used_by > 0 THEN reply_token ELSE '' END`,
		row.IdentityID, t.Take.AttemptID, row.InteractionID).one(&taken.Token)
	return nil
}
