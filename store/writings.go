package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

var _ engine.Writings = (*DB)(nil)

// SaveWriting keeps what was written for a broadcast; one that is kept already
// is left as it is.
func (d *DB) SaveWriting(ctx context.Context, w *engine.Writing) error {
	ids, err := toJSON(w.IDs)
	if err != nil {
		return fmt.Errorf("save writing %s: %w", w.ID, err)
	}
	s := new(script)
	s.exec(`INSERT INTO writings (id, bot_id, document, ids, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		w.ID, w.BotID, string(w.Document), ids, w.CreatedAt)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("save writing %s: %w", w.ID, err)
	}
	return nil
}

// Writing returns one of the bot's writings, nil when there is none.
func (d *DB) Writing(ctx context.Context, botID, id string) (*engine.Writing, error) {
	var out *engine.Writing
	s := new(script)
	s.query(`SELECT id, bot_id, document, ids, created_at FROM writings WHERE id = ? AND bot_id = ?`, id, botID).each(func(r scanner) error {
		out = new(engine.Writing)
		var document string
		err := r.Scan(&out.ID, &out.BotID, &document, fromJSON(&out.IDs), moment(&out.CreatedAt))
		out.Document = []byte(document)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read writing %s: %w", id, err)
	}
	return out, nil
}
