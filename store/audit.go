package store

import (
	"context"
	"fmt"
	"time"
)

// Action is something a person or a token did that somebody may ask about.
type Action struct {
	BotID   string // "" for the instance
	At      time.Time
	Actor   string // a token's name, cli …
	Action  string // account.connect, contact.erase …
	Subject string // whose id
	Detail  any    // JSON, without secrets
}

// NoteAction keeps an action in the audit log. Inside Tx it is kept only with
// what it tells about.
func (d *DB) NoteAction(ctx context.Context, a Action) error {
	detail, err := toJSON(a.Detail)
	if err != nil {
		return fmt.Errorf("note action %s: %w", a.Action, err)
	}
	s := new(script)
	s.exec(`INSERT INTO audit_log (bot_id, at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?)`,
		a.BotID, kept(a.At, d.now()), a.Actor, a.Action, a.Subject, detail)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("note action %s: %w", a.Action, err)
	}
	return nil
}
