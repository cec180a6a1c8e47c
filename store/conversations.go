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
	before, limit, err := numbered(p)
	if err != nil {
		return nil, "", err
	}
	where, args := `a.bot_id = ? AND i.conversation = ? AND i.conversation_until > ?`, []any{botID, string(engine.ConversationAgent), now}
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
