package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// working are the accounts whose deliveries may be worked on: neither they nor
// their bot nor the instance is stopped. The table of pauses is empty or tiny.
const working = `a.state = 'active' AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.bot_id IN ('', a.bot_id))`

// stopped holds for a contact nobody may answer now; it takes the contact.
const stopped = `EXISTS (SELECT 1 FROM pauses p WHERE p.bot_id = '' OR p.bot_id = (SELECT c.bot_id FROM contacts c WHERE c.id = ?))`

// Pause stops a bot, or with an empty BotID the instance: from its commit on
// nothing more is claimed. A second call changes reason, actor and time.
func (d *DB) Pause(ctx context.Context, p engine.Pause) error {
	s := new(script)
	s.exec(`INSERT INTO pauses (bot_id, reason, actor, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (bot_id) DO UPDATE SET reason = excluded.reason, actor = excluded.actor, at = excluded.at`, p.BotID, p.Reason, p.Actor, kept(p.At, d.now()))
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	return d.NoteAction(ctx, Action{BotID: p.BotID, At: p.At, Actor: p.Actor, Action: "pause", Subject: p.BotID, Detail: map[string]any{"reason": p.Reason}})
}

// Resume ends a pause and reports whether there was one. A bot's own does not
// end with the instance's, nor the other way round.
func (d *DB) Resume(ctx context.Context, botID, actor string, now time.Time) (bool, error) {
	var n int64
	s := new(script)
	s.exec(`DELETE FROM pauses WHERE bot_id = ?`, botID).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return false, fmt.Errorf("resume: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	return true, d.NoteAction(ctx, Action{BotID: botID, At: now, Actor: actor, Action: "resume", Subject: botID})
}

// Pauses returns what is stopped, the instance first.
func (d *DB) Pauses(ctx context.Context) ([]engine.Pause, error) {
	var out []engine.Pause
	s := new(script)
	readPauses(s, &out)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read pauses: %w", err)
	}
	return out, nil
}

func readPauses(s *script, out *[]engine.Pause) {
	s.query(`SELECT bot_id, reason, actor, at FROM pauses ORDER BY bot_id`).each(func(r scanner) error {
		var p engine.Pause
		err := r.Scan(&p.BotID, &p.Reason, &p.Actor, moment(&p.At))
		*out = append(*out, p)
		return err
	})
}
