package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/store"
)

// Goals of freeze, and how it is made: contacts in one transaction, as the
// program asks them.
const (
	freezeTimes = 3
	freezeSize  = 10_000
)

// chosen is an audience by tag, last interaction and one attribute. Everybody
// of the crowd is in it, so that as many rows are written as are asked.
const chosen = `"crowd" in tags and last_seen_at > now - duration("30d") and city == "Huế"`

// freeze writes an audience into the ledger, consent and window checked, beside
// the bare INSERT … SELECT of as many rows.
func freeze(ctx context.Context, l *lab) (rows []Row, err error) {
	w, db, end, err := l.crowded(ctx, l.frozen)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := w.tagged(ctx); err != nil {
		return nil, err
	}
	took, err := w.frozen(ctx, db, l.frozen)
	if err != nil {
		return nil, err
	}
	bare, err := w.bareInsert(ctx, l.frozen)
	if err != nil {
		return nil, fmt.Errorf("measure the limit: %w", err)
	}
	row := atMost("freeze", took.Seconds()/bare.Seconds(), "× bare", freezeTimes)
	return []Row{row, {Name: "freeze rows", Value: rounded(perSecond(l.frozen, took)), Unit: "rows/s", Limit: new(rounded(perSecond(l.frozen, bare))),
		Goal: "–", OK: true}}, nil
}

// tagged gives everybody the tag of the audience.
func (w *world) tagged(ctx context.Context) error {
	return w.database.do(ctx,
		fmt.Sprintf(`INSERT INTO tags (id, bot_id, name, name_key, contacts, created_at) SELECT 1, '%s', 'crowd', 'crowd', COUNT(*), now() FROM contacts`, w.bot.ID),
		`INSERT INTO contact_tags (contact_id, tag_id, tagged_at) SELECT id, 1, now() FROM contacts`,
		"VACUUM ANALYZE", "CHECKPOINT")
}

// frozen writes the audience down and holds that it is n people.
func (w *world) frozen(ctx context.Context, db *store.DB, n int) (time.Duration, error) {
	audiences := &broadcast.Audiences{Store: db, Now: now}
	filter, err := audiences.Whole(ctx, w.bot.ID, &engine.Audience{Where: chosen})
	if err != nil {
		return 0, err
	}
	r, err := w.opened(ctx, db, "news for all")
	if err != nil {
		return 0, err
	}
	f := broadcast.Freezing{Run: r, Filter: filter, Size: freezeSize, Status: engine.Queued, Expires: now().Add(time.Hour), Now: now(),
		Accounts: []broadcast.Reach{{AccountID: w.account.ID, BlockID: "block", Skip: policy.Many{DoNotContact: true, Consent: true, HandedOver: true,
			HeardSince: now().Add(-24 * time.Hour)}}}}
	began := time.Now()
	for done := false; !done; {
		if done, err = db.Freeze(ctx, f); err != nil {
			return 0, err
		}
	}
	took := time.Since(began)
	c, err := db.Count(ctx, r.ID)
	if err == nil && c.ByStatus[engine.Queued] != int64(n) {
		err = fmt.Errorf("%d of %d people are in the audience: %v", c.ByStatus[engine.Queued], n, c.Skipped)
	}
	return took, err
}

// opened is a run of a module whose audience nobody writes down but who asks for
// it: no program works on this world.
func (w *world) opened(ctx context.Context, db *store.DB, module string) (*engine.Run, error) {
	b, err := w.drafts(ctx, db, module)
	if err != nil {
		return nil, err
	}
	r := &engine.Run{ID: newID(), Plan: b.Plan, State: engine.RunFreezing, StartedAt: b.CreatedAt, CreatedAt: b.CreatedAt}
	return r, db.OpenRun(ctx, b, r)
}

// bareInsert writes as many rows by one statement, into the same table with
// the same indexes.
func (w *world) bareInsert(ctx context.Context, n int) (time.Duration, error) {
	c, err := pgx.Connect(ctx, w.database.url)
	if err != nil {
		return 0, err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "CHECKPOINT"); err != nil {
		return 0, err
	}
	began := time.Now()
	done, err := c.Exec(ctx, `INSERT INTO deliveries (bot_id, account_id, run_id, contact_id, identity_id, chosen_because, block_id, status, intent, expires_at, created_at)
		SELECT $1, $2, 'bare', contact_id, id, 'the audience of the broadcast', 'block', 'queued', 'promotional', now(), now() FROM identities ORDER BY id`, w.bot.ID, w.account.ID)
	if err == nil && done.RowsAffected() != int64(n) {
		err = fmt.Errorf("%d of %d rows were written", done.RowsAffected(), n)
	}
	return time.Since(began), err
}
