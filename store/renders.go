package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// saveRenders keeps renders once by their id, with their links, and notes the
// day of their use.
// One of several rows that is noted for today already is only looked at: ON
// CONFLICT would lock its row until the commit, and everybody who is told the
// same would wait in a line, one after another. What many rows are told each of
// their own is mostly new, and is not looked for.
func saveRenders(s *script, renders []engine.Render, now time.Time) {
	if len(renders) == 0 {
		return
	}
	saveLinks(s, renders, now)
	renders = slices.Clone(renders)
	slices.SortFunc(renders, func(x, y engine.Render) int { return cmp.Compare(x.ID, y.ID) })
	rows := len(renders)
	renders = slices.CompactFunc(renders, func(x, y engine.Render) bool { return x.ID == y.ID })
	look := `WHERE NOT EXISTS (SELECT 1 FROM renders r WHERE r.id = v.id AND r.used_on >= v.used_on)`
	if rows > fewRenders && len(renders) == rows {
		look = `WHERE true`
	}
	day := now.UTC().Truncate(24 * time.Hour)
	in := newInput("id text", "bot_id text", "account_id text", "messages text", "payloads text", "buttons text", "used_on timestamptz")
	for _, r := range renders {
		in.add(r.ID, r.BotID, r.AccountID, []byte(r.Messages), []byte(r.Payloads), []byte(r.Buttons), day)
	}
	s.with(in, `INSERT INTO renders (id, bot_id, account_id, messages, payloads, buttons, used_on)
		SELECT id, bot_id, account_id, messages, payloads, buttons, used_on FROM v `+look+` ORDER BY id
		ON CONFLICT (id) DO UPDATE SET used_on = excluded.used_on WHERE renders.used_on < excluded.used_on`)
}

// fewRenders are so few that looking for them costs nothing.
const fewRenders = 20

// Render returns a render, nil when it is gone.
func (d *DB) Render(ctx context.Context, botID, id string) (*engine.Render, error) {
	var out *engine.Render
	s := new(script)
	s.query(`SELECT id, bot_id, account_id, messages, payloads, buttons, used_on FROM renders WHERE id = ? AND bot_id = ?`, id, botID).each(func(r scanner) error {
		out = new(engine.Render)
		return r.Scan(&out.ID, &out.BotID, &out.AccountID, fromJSON(&out.Messages), fromJSON(&out.Payloads), fromJSON(&out.Buttons), moment(&out.UsedOn))
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read render %s: %w", id, err)
	}
	return out, nil
}

// DeliveryOfRender finds the newest delivery of a render to an identity, 0
// when there is none.
func (d *DB) DeliveryOfRender(ctx context.Context, renderID string, identityID int64) (int64, error) {
	var id int64
	s := new(script)
	s.query(`SELECT id FROM deliveries WHERE `+toIdentity+` AND render_id = ? ORDER BY id DESC LIMIT 1`, identityID, identityID, renderID).one(&id)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("find delivery of render %s: %w", renderID, err)
	}
	return id, nil
}
