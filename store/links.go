package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/clicks"
)

var _ clicks.Store = (*DB)(nil)

// maxTaps is how many taps on links are kept of one delivery: more is no person.
const maxTaps = 100

// saveLinks keeps the links of renders, each once. One that a second person is
// given is nobody's own any more. What is kept as it should be is only looked
// at, so that those who are told the same do not wait for each other.
func saveLinks(s *script, renders []engine.Render, now time.Time) {
	links := map[string]engine.Link{}
	for _, r := range renders {
		for _, l := range r.Links {
			if known, ok := links[l.ID]; ok && known.ContactID != l.ContactID {
				l.ContactID = 0
			}
			links[l.ID] = l
		}
	}
	if len(links) == 0 {
		return
	}
	in := newInput("id text", "bot_id text", "run_id text", "place text", "title text", "target text", "contact_id bigint", "created_at timestamptz")
	for _, id := range slices.Sorted(maps.Keys(links)) { // in which order locks are taken
		l := links[id]
		in.add(l.ID, l.BotID, l.RunID, l.Place, l.Title, l.Target, l.ContactID, now)
	}
	s.with(in, `INSERT INTO links (id, bot_id, run_id, place, title, target, contact_id, created_at)
		SELECT id, bot_id, run_id, place, title, target, contact_id, created_at FROM v
		WHERE NOT EXISTS (SELECT 1 FROM links l WHERE l.id = v.id AND l.contact_id IN (0, v.contact_id)) ORDER BY id
		ON CONFLICT (id) DO UPDATE SET contact_id = 0 WHERE links.contact_id NOT IN (0, excluded.contact_id)`)
}

// Link returns where an address leads, nil when it is kept no more.
func (d *DB) Link(ctx context.Context, id string) (*engine.Link, error) {
	var out *engine.Link
	s := new(script)
	s.query(`SELECT id, bot_id, run_id, place, title, target, contact_id FROM links WHERE id = ?`, id).each(func(r scanner) error {
		out = new(engine.Link)
		return r.Scan(&out.ID, &out.BotID, &out.RunID, &out.Place, &out.Title, &out.Target, &out.ContactID)
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read link %s: %w", id, err)
	}
	return out, nil
}

// SaveClicks keeps taps on links. The first one of a person is noted at their
// delivery; one of a delivery that is gone is nobody's and is not kept.
func (d *DB) SaveClicks(ctx context.Context, taps []engine.Click) error {
	persons := newInput("delivery_id bigint", "run_id text", "place text", "title text", "at timestamptz")
	nobodys := newInput("run_id text", "place text", "title text", "at timestamptz")
	first := map[int64]engine.Click{}
	for _, c := range taps {
		if c.DeliveryID == 0 {
			nobodys.add(c.Link.RunID, c.Link.Place, c.Link.Title, c.At)
			continue
		}
		persons.add(c.DeliveryID, c.Link.RunID, c.Link.Place, c.Link.Title, c.At)
		if known, ok := first[c.DeliveryID]; !ok || c.At.Before(known.At) {
			first[c.DeliveryID] = c
		}
	}
	s := new(script)
	if !nobodys.empty() {
		s.with(nobodys, `INSERT INTO taps (delivery_id, run_id, render_id, button, place, title, at) SELECT 0, run_id, '', 0, place, title, at FROM v`)
	}
	if !persons.empty() {
		s.with(persons, `INSERT INTO taps (delivery_id, run_id, render_id, button, place, title, at)
			SELECT d.id, d.run_id, d.render_id, 0, v.place, v.title, v.at FROM v JOIN deliveries d ON d.id = v.delivery_id AND d.run_id = v.run_id
			WHERE (SELECT COUNT(*) FROM taps t WHERE t.delivery_id = d.id) < ?`, maxTaps)
		in := newInput("id bigint", "run_id text", "at timestamptz")
		for _, id := range slices.Sorted(maps.Keys(first)) {
			in.add(id, first[id].Link.RunID, first[id].At)
		}
		s.with(in, `UPDATE deliveries SET clicked_at = v.at FROM v WHERE deliveries.id = v.id AND deliveries.run_id = v.run_id AND clicked_at IS NULL`)
	}
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("keep taps on links: %w", err)
	}
	return nil
}
