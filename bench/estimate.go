package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/engine"
)

// estimateGoal is what an estimate may take; estimateTimes is how often one is
// made, and the median counts. In one case of 10,000 a sample is off by more than
// mostMargins of its margins, and in none when everybody was counted.
const (
	estimateGoal  = 1000 // ms
	estimateTimes = 9
	mostMargins   = 2
)

// wanted are five conditions, one of each kind that is kept in another way: a
// tag, a text, a number, a moment of the person and one of the address.
const wanted = `"vip" in tags and city == "Huế" and points >= 100000 and last_seen_at > now - duration("30d") and subscribed_at > now - duration("300d")`

// estimate counts an audience by account and route through the API, with each
// condition alone and people to show, beside one bare count of the same people.
// How many of the answers counted everybody is told apart: those that asked some
// in time are estimates, too.
func estimate(ctx context.Context, l *lab) (rows []Row, err error) {
	w, db, end, err := l.crowded(ctx, l.frozen)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := w.differing(ctx); err != nil {
		return nil, err
	}
	reads, err := w.caller(ctx, db, engine.ScopeRead)
	if err != nil {
		return nil, err
	}
	p, err := l.serve(ctx, w, "--no-worker")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	bare, people, err := w.bareCount(ctx)
	if err != nil {
		return nil, fmt.Errorf("measure the limit: %w", err)
	}
	var got result
	var exact int
	err = l.profiled(ctx, p, "estimate", func() (err error) {
		got, exact, err = w.estimated(ctx, p.address, reads, people)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []Row{below("estimate", got.percentile(50), "ms", estimateGoal).beside(bare.percentile(50)),
		{Name: "estimate exact", Value: rounded(100 * float64(exact) / float64(len(got.took))), Unit: "%", Goal: "–", OK: true}}, nil
}

// differing makes people differ in what the conditions ask: a third are vip,
// half are of the city, and so on, none of it along with another.
func (w *world) differing(ctx context.Context) error {
	return w.database.do(ctx,
		`UPDATE contacts SET last_seen_at = now() - interval '1 day' * (id * 7919 % 60),
			attributes = jsonb_build_object('city', (ARRAY['Huế', 'Taipei', 'Đà Nẵng', 'Huế'])[1 + id * 31 % 4], 'points', id * 104729 % 1000000, 'order_code', 'A' || id)`,
		`UPDATE identities SET subscribed_at = now() - interval '1 day' * (id * 6151 % 400), unsubscribed_at = CASE WHEN id % 20 = 0 THEN now() END`,
		fmt.Sprintf(`INSERT INTO tags (id, bot_id, name, name_key, contacts, created_at) SELECT 1, '%s', 'vip', 'vip', COUNT(*), now() FROM contacts WHERE id %% 3 = 0`, w.bot.ID),
		`INSERT INTO contact_tags (contact_id, tag_id, tagged_at) SELECT id, 1, now() FROM contacts WHERE id % 3 = 0`,
		"VACUUM (FULL, ANALYZE) contacts, identities, contact_tags", // as people leave them who came one by one
		"VACUUM", "CHECKPOINT")
}

// bareCount counts the audience by one statement as one would write it by hand,
// and returns how many people it means.
func (w *world) bareCount(ctx context.Context) (got result, people int64, err error) {
	c, err := pgx.Connect(ctx, w.database.url)
	if err != nil {
		return got, 0, err
	}
	defer c.Close(ctx)
	for range estimateTimes {
		began := time.Now()
		err := c.QueryRow(ctx, `SELECT COUNT(*) FROM contacts c JOIN identities i ON i.contact_id = c.id JOIN contact_tags t ON t.contact_id = c.id AND t.tag_id = 1
			WHERE c.bot_id = $1 AND c.attributes ->> 'city' = 'Huế' AND (c.attributes ->> 'points')::numeric >= 100000
			AND c.last_seen_at > now() - interval '30 days' AND i.subscribed_at > now() - interval '300 days'`, w.bot.ID).Scan(&people)
		if err != nil {
			return got, 0, err
		}
		got.took = append(got.took, time.Since(began))
	}
	slices.Sort(got.took)
	return got, people, nil
}

// estimated asks for the estimate again and again; exact is how many answers
// counted everybody. The first is not measured: a server does not start for it.
func (w *world) estimated(ctx context.Context, address, secret string, people int64) (got result, exact int, err error) {
	question, err := json.Marshal(map[string]any{"audience": map[string]any{"where": wanted}})
	if err != nil {
		return got, 0, err
	}
	for n := range estimateTimes + 1 {
		began := time.Now()
		var a estimateAnswer
		err := w.ask(ctx, address, "/audience/estimate", secret, question, &a)
		if err != nil {
			return got, 0, err
		}
		took := time.Since(began)
		switch {
		case max(a.People-people, people-a.People) > a.Margin*mostMargins:
			return got, 0, fmt.Errorf("%d ± %d people are estimated, %d are counted", a.People, a.Margin, people)
		case len(a.Conditions) != 5 || len(a.Samples) != 5:
			return got, 0, fmt.Errorf("the estimate has %d conditions and %d people", len(a.Conditions), len(a.Samples))
		case n == 0:
			continue
		case a.Exact:
			exact++
		}
		got.took = append(got.took, took)
	}
	slices.Sort(got.took)
	return got, exact, nil
}

// estimateAnswer is what is looked at of an estimate.
type estimateAnswer struct {
	People     int64             `json:"people"`
	Exact      bool              `json:"exact"`
	Margin     int64             `json:"margin"` // 0 when it is exact
	Conditions []json.RawMessage `json:"conditions"`
	Samples    []json.RawMessage `json:"samples"`
}
