package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

const interactionColumns = `id, bot_id, account_id, identity_id, contact_id, kind, occurred_at, received_at, event_key,
	standby, payload, reply_token, attempt, outcome, error`

func scanInteraction(r scanner, i *engine.Interaction) error {
	return r.Scan(&i.ID, &i.BotID, &i.AccountID, &i.IdentityID, &i.ContactID, &i.Kind, moment(&i.OccurredAt), moment(&i.ReceivedAt), &i.EventKey,
		&i.Standby, fromJSON(&i.Inbound), &i.ReplyToken, &i.Attempt, &i.Outcome, &i.Error)
}

// Visit takes the contact's lease and begins its oldest unanswered
// interaction, if there is one, in one commit.
func (d *DB) Visit(ctx context.Context, contactID int64, owner string, now, until time.Time) (*outbox.Lease, *engine.Interaction, time.Time, error) {
	l := outbox.Lease{ContactID: contactID, Owner: owner, Until: until}
	var held time.Time
	var it *engine.Interaction
	err := d.together(ctx, func() (order, error) {
		it = nil
		s := new(script)
		takeLease(s, &l, now, &held)
		s.query(`UPDATE interactions SET attempt = attempt + 1, started_at = ?
			WHERE id = (SELECT MIN(id) FROM interactions WHERE contact_id = ? AND answered_at IS NULL)
			AND EXISTS (SELECT 1 FROM contact_leases l WHERE l.contact_id = ? AND l.owner = ?)
			RETURNING `+interactionColumns, now, contactID, contactID, owner).each(func(r scanner) error {
			it = new(engine.Interaction)
			return scanInteraction(r, it)
		})
		return order{body: s, contact: contactID}, nil
	})
	if err != nil {
		return nil, nil, time.Time{}, fmt.Errorf("visit contact %d: %w", contactID, err)
	}
	if l.Epoch == 0 {
		return nil, nil, held, nil
	}
	return &l, it, time.Time{}, nil
}

// Waits reports whether there is something to do for a contact; each part is
// read by the index its own reader uses. OFFSET is for the reason inFrontOf has.
func (d *DB) Waits(ctx context.Context, contactID, seen int64, now time.Time) (bool, error) {
	var n int64
	err := d.readTogether(ctx, func() *script {
		s := new(script)
		s.query(`SELECT CASE WHEN EXISTS (SELECT 1 FROM interactions WHERE contact_id = ? AND answered_at IS NULL)
		OR EXISTS (SELECT 1 FROM identities i JOIN sessions s ON s.identity_id = i.id WHERE i.contact_id = ? AND s.resume_at <= ?)
		OR EXISTS (SELECT 1 FROM identities i JOIN timers t ON t.identity_id = i.id WHERE i.contact_id = ? AND t.due_at <= ?)
		OR EXISTS (SELECT 1 FROM identities i WHERE i.contact_id = ? AND EXISTS (SELECT 1 FROM deliveries d WHERE d.identity_id = i.id
			AND d.waiting AND d.`+single+` AND d.status IN ('queued', 'sending') AND d.id > ? AND `+due+` LIMIT 1 OFFSET 0))
		THEN 1 ELSE 0 END`, contactID, contactID, now, contactID, now, contactID, seen, now, now).one(&n)
		return s
	})
	if err != nil {
		return false, fmt.Errorf("read what waits for contact %d: %w", contactID, err)
	}
	return n > 0, nil
}

// DueContacts returns contacts with an interaction left unanswered, a session
// whose wait ended, or something planned, before the given time, whose lease is
// free and whose bot is not paused, with ids beyond after.
func (d *DB) DueContacts(ctx context.Context, before time.Time, after int64, limit int) ([]int64, error) {
	s := new(script)
	var ids []int64
	s.query(`SELECT contact_id FROM (
			SELECT contact_id FROM interactions WHERE answered_at IS NULL AND received_at < ?
			UNION ALL
			SELECT i.contact_id FROM sessions s JOIN identities i ON i.id = s.identity_id WHERE s.resume_at < ?
			UNION ALL
			SELECT i.contact_id FROM timers t JOIN identities i ON i.id = t.identity_id WHERE t.due_at < ?
		) due
		WHERE contact_id > ? AND NOT EXISTS (SELECT 1 FROM contact_leases l WHERE l.contact_id = due.contact_id AND l.until > ? AND l.owner <> '')
		AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.bot_id = '' OR p.bot_id = (SELECT c.bot_id FROM contacts c WHERE c.id = due.contact_id))
		GROUP BY contact_id ORDER BY contact_id LIMIT ?`, before, before, before, after, before, limit).each(into(&ids))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due contacts: %w", err)
	}
	return ids, nil
}

// into appends the only column of each row.
func into[T any](list *[]T) func(scanner) error {
	return func(r scanner) error {
		var v T
		if err := r.Scan(&v); err != nil {
			return err
		}
		*list = append(*list, v)
		return nil
	}
}

// EndHandovers gives conversations whose time is over back to the bot.
func (d *DB) EndHandovers(ctx context.Context, now time.Time, limit int) (int, error) {
	var n int64
	s := new(script)
	s.exec(`UPDATE identities SET conversation = '', conversation_until = NULL, conversation_note = ''
		WHERE id IN (SELECT id FROM identities WHERE conversation_until <= ? ORDER BY conversation_until LIMIT ?)
		AND conversation_until <= ?`, now, limit, now).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("end handovers: %w", err)
	}
	return int(n), nil
}
