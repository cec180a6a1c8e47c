package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// saidEvent is what the flow tells of a block that was said.
const saidEvent = "event:said"

// posting is a row of what webhooks are told.
type posting struct {
	id     string // of the notice
	topic  string
	status string
	error  string
	mark   string // of what was said
}

func (l *ledger) readPostings(ctx context.Context, db *database) error {
	return db.each(ctx, `SELECT message_id, topic, status, error, CAST(body AS text) FROM webhook_postings ORDER BY id`, func(rows *sql.Rows) error {
		p := &posting{}
		var text string
		if err := rows.Scan(&p.id, &p.topic, &p.status, &p.error, &text); err != nil {
			return err
		}
		var body struct {
			Data struct {
				Data struct{ Mark string }
			}
		}
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			return fmt.Errorf("the notice %s: %w", p.id, err)
		}
		p.mark = body.Data.Data.Mark
		l.postings = append(l.postings, p)
		return nil
	})
}

// noticed holds that whatever was to be told was told: one notice for each
// block that tells and for each delivery that was skipped, and every notice
// taken at least once, under one id and with one body.
func (a *audit) noticed() {
	byMark, byID := map[string]int{}, map[string]*posting{}
	for _, p := range a.ledger.postings {
		byID[p.id] = p
		if p.topic == saidEvent {
			byMark[p.mark]++
		}
		t := a.notices[p.id]
		switch {
		case p.status != "delivered":
			a.bad("notice %s (%s) is %s: %s", p.id, p.topic, p.status, p.error)
		case t == nil || t.taken == 0:
			a.bad("notice %s (%s) is called delivered, and nobody got it", p.id, p.topic)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.notices)) {
		if byID[id] == nil {
			a.bad("notice %s came and stands nowhere: %s", id, a.notices[id].body)
		}
	}
	said := map[string]bool{}
	for _, d := range a.ledger.deliveries {
		for _, mark := range d.tells {
			if said[mark] = true; byMark[mark] != 1 {
				a.bad("%s was said and is told by %d notices: %v", mark, byMark[mark], d)
			}
		}
		if d.status == "skipped" && byID[fmt.Sprintf("msg_skipped_%d", d.id)] == nil {
			a.bad("nothing is told of a delivery that was skipped: %v", d)
		}
	}
	for _, mark := range slices.Sorted(maps.Keys(byMark)) {
		if !said[mark] {
			a.bad("it is told that %s was said, and it was not", mark)
		}
	}
}

// noticed fills in what webhooks were told.
func (r *report) noticed(a *audit, unsure int) {
	topics, again := tally{}, 0
	for _, p := range a.ledger.postings {
		topics[p.topic]++
	}
	for _, n := range a.notices {
		again += n.tries - 1
	}
	r.add("webhooks were told", "%v; called again %d times, %d answers lost", topics, again, unsure)
}
