package store

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Keys of an account's settings in which the platform's last word about it is
// kept.
const (
	warningCode = "warning_code"
	warningText = "warning"
	warningAt   = "warning_at"
)

// warningIn reads the platform's last word from an account's settings.
func warningIn(settings map[string]string) engine.AccountWarning {
	at, err := time.Parse(time.RFC3339Nano, settings[warningAt])
	if err != nil {
		return engine.AccountWarning{}
	}
	return engine.AccountWarning{Code: settings[warningCode], Message: settings[warningText], At: at.UTC()}
}

// withWarning returns settings with a word in them, or with none.
func withWarning(settings map[string]string, w engine.AccountWarning) map[string]string {
	out := make(map[string]string, len(settings)+3)
	maps.Copy(out, settings)
	for _, key := range []string{warningCode, warningText, warningAt} {
		delete(out, key)
	}
	if w != (engine.AccountWarning{}) {
		out[warningCode], out[warningText], out[warningAt] = w.Code, w.Message, w.At.UTC().Format(time.RFC3339Nano)
	}
	return out
}

// KeepWarning keeps a platform's word about an account, for whoever lists the
// accounts, and in the audit log; pause says that the account takes nothing any
// more and stops its deliveries where they are. A word that came before changes
// nothing, and an older one is only noted.
func (d *DB) KeepWarning(ctx context.Context, account *engine.Account, w engine.AccountWarning, pause bool) error {
	w.At = w.At.UTC().Truncate(time.Microsecond)
	err := d.Tx(ctx, func(ctx context.Context) error {
		locked := 0
		s := new(script)
		s.query(`SELECT 1 FROM accounts WHERE id = ?`+d.forUpdate(), account.ID).one(&locked)
		if err := d.write(ctx, s); err != nil {
			return err
		}
		var row accountRow
		if err := d.look(ctx).Where("id = ? AND bot_id = ?", account.ID, account.BotID).Take(&row).Error; err != nil {
			return err
		}
		last := warningIn(row.Settings)
		if last == w {
			return nil
		}
		if !w.At.Before(last.At) {
			row.Settings = withWarning(row.Settings, w)
			if err := d.nouns(ctx).Where("id = ?", row.ID).Select("settings").Updates(&row).Error; err != nil {
				return err
			}
			if pause {
				if err := d.PauseAccount(ctx, row.BotID, row.ID, w.Code+": "+w.Message); err != nil {
					return err
				}
			}
		}
		return d.NoteAction(ctx, Action{BotID: row.BotID, At: d.now(), Actor: row.Channel, Action: "account.warning", Subject: row.ID,
			Detail: map[string]any{"code": w.Code, "message": w.Message, "at": w.At, "paused": pause}})
	})
	d.accounts.forget(account.ID)
	if err != nil {
		return fmt.Errorf("keep the platform's word about account %s: %w", account.ID, err)
	}
	return nil
}
