package store

import (
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// eventOf says whose events are written.
type eventOf struct {
	bot         string
	contact     int64
	identity    int64
	interaction int64
	delivery    int64
	at          time.Time
}

// saveEvents keeps what happened in a run.
func saveEvents(s *script, events []engine.Event, of eventOf) error {
	if len(events) == 0 {
		return nil
	}
	in := newInput("n bigint", "level text", "code text", "note text", "block text", "extra text")
	for n, e := range events {
		extra, err := toJSON(e.Extra)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Code, err)
		}
		in.add(n, e.Level, e.Code, e.Text, e.Block, extra)
	}
	s.with(in, `INSERT INTO events (bot_id, contact_id, identity_id, interaction_id, delivery_id, at, level, code, text, block, extra)
		SELECT ?, ?, ?, ?, ?, ?, level, code, note, block, extra FROM v ORDER BY n`,
		of.bot, of.contact, of.identity, of.interaction, of.delivery, of.at)
	return nil
}
