package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// ListHandedOver returns the bot's conversations that a person of its owner's
// leads at now, the newest identity first.
func (d *DB) ListHandedOver(ctx context.Context, botID string, now time.Time, p engine.Page) ([]engine.Talk, string, error) {
	return d.listTalks(ctx, `a.bot_id = ? AND i.conversation = ? AND i.conversation_until > ?`, []any{botID, string(engine.ConversationAgent), now}, p)
}

// ListWithBot returns those that the bot leads at now, of people who ever wrote.
func (d *DB) ListWithBot(ctx context.Context, botID string, now time.Time, p engine.Page) ([]engine.Talk, string, error) {
	return d.listTalks(ctx, `a.bot_id = ? AND i.last_inbound_at IS NOT NULL AND NOT (i.conversation = ? AND i.conversation_until > ?)`,
		[]any{botID, string(engine.ConversationAgent), now}, p)
}

// CloseConversation gives a conversation back to the bot and forgets what the
// bot had asked there: the next thing the person writes begins anew, and what
// waited for the end of what was asked is due.
func (d *DB) CloseConversation(ctx context.Context, botID string, identityID int64) error {
	i, err := d.Identity(ctx, botID, identityID)
	if err == nil && i == nil {
		err = unknown("identity", fmt.Sprint(identityID))
	}
	if err != nil {
		return err
	}
	s := new(script)
	fence(s, i.ContactID)
	wake(s, identityID, d.now())
	s.exec(`DELETE FROM sessions WHERE identity_id = ?`, identityID)
	s.exec(`UPDATE identities SET conversation = '', conversation_until = NULL, conversation_note = '' WHERE id = ?`, identityID)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("close conversation %d: %w", identityID, err)
	}
	return nil
}

func (d *DB) listTalks(ctx context.Context, where string, args []any, p engine.Page) ([]engine.Talk, string, error) {
	before, limit, err := numbered(p)
	if err != nil {
		return nil, "", err
	}
	if before > 0 {
		where += ` AND i.id < ?`
		args = append(args, before)
	}
	var rows []engine.Talk
	s := new(script)
	s.query(`SELECT `+identityColumns+`, c.name FROM identities i JOIN accounts a ON a.id = i.account_id JOIN contacts c ON c.id = i.contact_id
		WHERE `+where+` ORDER BY i.id DESC LIMIT ?`, append(args, limit+1)...).each(func(r scanner) error {
		var t engine.Talk
		err := scanIdentity(alongside{r, &t.ContactName}, &t.Identity)
		rows = append(rows, t)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	rows, next := cut(rows, limit, func(t engine.Talk) string { return fmt.Sprint(t.ID) })
	return rows, next, nil
}

// alongside is a row that has one column more than those scanned.
type alongside struct {
	scanner
	last any
}

func (a alongside) Scan(dest ...any) error { return a.scanner.Scan(append(dest, a.last)...) }
