package store

import (
	"context"
	"strconv"
)

// Marks are how far jobs have come that walk a table once, by id.
const (
	markLastSeen     = "last_seen"
	markInteractions = "pruned_interactions"
	markDeliveries   = "pruned_delivery_content"
)

// mark reads a job's place; its row is locked until the transaction ends.
func (d *DB) mark(ctx context.Context, t transaction, name string) (int64, error) {
	value := ""
	s := new(script)
	s.query(`SELECT value FROM meta WHERE name = ?`+d.forUpdate(), "mark:"+name).one(&value)
	if err := t.run(ctx, s); err != nil || value == "" {
		return 0, err
	}
	return strconv.ParseInt(value, 10, 64)
}

func setMark(s *script, name string, id int64) {
	s.exec(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, "mark:"+name, strconv.FormatInt(id, 10))
}
