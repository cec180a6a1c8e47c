package store

import (
	"context"
	"fmt"
	"time"
)

// TakeReplyToken takes the reply token of an interaction for a delivery of the
// same person: its own turn's, or, when that turn is answered, any. "" when it
// may not be had.
func (d *DB) TakeReplyToken(ctx context.Context, interactionID, deliveryID int64, since time.Time) (string, error) {
	return d.takeReplyToken(ctx, interactionID, deliveryID, since)
}

// TakeSpareReplyToken takes the token of the newest interaction of an identity
// whose turn is answered and left it unused: nothing that the turn said is
// still to go out by it.
func (d *DB) TakeSpareReplyToken(ctx context.Context, identityID, deliveryID int64, since time.Time) (string, error) {
	var id int64
	s := new(script)
	s.query(`SELECT i.id FROM interactions i
		WHERE i.contact_id = (SELECT contact_id FROM identities WHERE id = ?) AND i.identity_id = ?
		AND i.reply_token <> '' AND i.received_at >= ? AND i.answered_at IS NOT NULL AND i.reply_used_by IN (0, ?)
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.identity_id = i.identity_id AND d.waiting
			AND d.interaction_id = i.id AND d.id <> ?)
		ORDER BY i.id DESC LIMIT 1`, identityID, identityID, since, deliveryID, deliveryID).one(&id)
	if err := d.read(ctx, s); err != nil {
		return "", fmt.Errorf("find a spare reply token: %w", err)
	}
	if id == 0 {
		return "", nil
	}
	return d.takeReplyToken(ctx, id, deliveryID, since)
}

// takeReplyToken is the compare-and-set: a token serves one delivery.
func (d *DB) takeReplyToken(ctx context.Context, interactionID, deliveryID int64, since time.Time) (string, error) {
	token := ""
	s := new(script)
	s.query(`UPDATE interactions SET reply_used_by = ?
		WHERE id = ? AND reply_token <> '' AND received_at >= ? AND reply_used_by IN (0, ?)
		AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = ? AND d.identity_id = interactions.identity_id
			AND (d.interaction_id = interactions.id OR interactions.answered_at IS NOT NULL))
		RETURNING reply_token`, deliveryID, interactionID, since, deliveryID, deliveryID).one(&token)
	if err := d.write(ctx, s); err != nil {
		return "", fmt.Errorf("take reply token of interaction %d: %w", interactionID, err)
	}
	return token, nil
}
