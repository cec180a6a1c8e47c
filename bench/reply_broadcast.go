package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/channels/sandbox"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// Goals of replies while broadcasts go out, and the rate at which people write
// then.
const (
	besideRate = 100 // a second
	besideP99  = 100 // ms
	fairShare  = 0.5 // of the faster broadcast that the slower one has
)

// neighbourName is what the sandbox calls the other bot's account.
const neighbourName = "neighbour"

// replyDuringBroadcasts lets people write while their own bot and another one
// send a broadcast to everybody, as fast as they can, from the process that
// answers.
func replyDuringBroadcasts(ctx context.Context, l *lab) (rows []Row, err error) {
	w, db, end, err := l.crowded(ctx, l.people)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	other, err := w.neighbour(ctx, db, l.people)
	if err != nil {
		return nil, fmt.Errorf("make another bot: %w", err)
	}
	line, err := newCounted(w, l.people)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, line.close()) }()
	if err := line.knows(other, neighbourName, l.people); err != nil {
		return nil, err
	}
	unlimited, err := l.unlimited(ctx)
	if err != nil {
		return nil, err
	}
	p, err := unlimited.serve(ctx, w, "--channel-url", "line="+line.url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	var got beside
	err = l.profiled(ctx, p, "reply-broadcast", func() (err error) {
		got, err = w.amid(ctx, db, other, l.span(), line.platform, p.address)
		return err
	})
	if err != nil {
		return nil, err
	}
	slower, faster := slices.Min(got.sent[:]), slices.Max(got.sent[:])
	both := Row{Name: "broadcasts meanwhile", Value: rounded(perSecond(slower+faster, got.elapsed)), Unit: "people/s", Goal: "–", OK: true}
	return []Row{
		{Name: "reply amid broadcasts p50", Value: rounded(got.percentile(50)), Unit: "ms", Goal: "–", OK: true},
		below("reply amid broadcasts p99", got.percentile(99), "ms", besideP99),
		both,
		ratio("two bots' share", perSecond(slower, got.elapsed), perSecond(faster, got.elapsed), "people/s", fairShare),
	}, nil
}

// neighbour makes another bot with an account of its own and as many people,
// who are told the same.
func (w *world) neighbour(ctx context.Context, db *store.DB, n int) (*world, error) {
	other := *w
	other.bot.ID, other.bot.Name = newID(), neighbourName
	other.account = engine.Account{ID: newID(), BotID: other.bot.ID, Channel: "line", ExternalID: userID(2 * n), Name: neighbourName, State: engine.AccountActive, CreatedAt: now(),
		Secrets: map[string]string{"channel_secret": newID(), "channel_access_token": newID()}}
	if err := errors.Join(db.CreateBot(ctx, other.bot), db.CreateAccount(ctx, other.account, nil), other.publish(ctx, db, "broadcast.json", news)); err != nil {
		return nil, err
	}
	return &other, w.database.do(ctx,
		fmt.Sprintf(`INSERT INTO contacts (id, bot_id, first_name, first_name_key, name, name_key, attributes, last_seen_at, created_at)
			SELECT id + %d, '%s', first_name, first_name_key, name, name_key, attributes, last_seen_at, created_at FROM contacts`, n, other.bot.ID),
		fmt.Sprintf(`INSERT INTO identities (id, account_id, external_id, contact_id, subscribed_at, last_inbound_at, profile_at, created_at)
			SELECT id + %d, '%s', external_id, contact_id + %[1]d, subscribed_at, last_inbound_at, profile_at, created_at FROM identities`, n, other.account.ID),
		"VACUUM ANALYZE contacts, identities",
		"CHECKPOINT")
}

// knows plays another bot's account and n people of it.
func (c *counted) knows(w *world, name string, n int) error {
	err := c.AddLINEAccount(sandbox.LINEAccount{Name: name, UserID: w.account.ExternalID,
		ChannelSecret: w.account.Secrets["channel_secret"], AccessToken: w.account.Secrets["channel_access_token"]})
	if err != nil {
		return fmt.Errorf("play LINE: %w", err)
	}
	return c.meet(name, 0, n)
}

// beside is how long replies took, and how many people each of two broadcasts
// reached meanwhile.
type beside struct {
	result
	sent [2]int
}

// amid lets people write once both broadcasts send. One that ends before the
// last reply is an error.
func (w *world) amid(ctx context.Context, db *store.DB, other *world, s span, platform *platform, address string) (got beside, err error) {
	runs := make([]string, 2)
	for i, of := range []*world{w, other} {
		if runs[i], err = of.begins(ctx, db, "personal news", address); err != nil {
			return got, err
		}
	}
	c, err := pgx.Connect(ctx, w.database.url)
	if err != nil {
		return got, err
	}
	defer c.Close(ctx)
	if err := underWay(ctx, c, runs); err != nil {
		return got, err
	}
	began := now().Add(s.warm)
	if got.result, err = w.converse(ctx, s, besideRate, platform, address); err != nil {
		return got, err
	}
	ended := now()
	got.elapsed = ended.Sub(began)
	for i, id := range runs {
		var state string
		err := c.QueryRow(ctx, `SELECT state, (SELECT COUNT(*) FROM deliveries WHERE run_id = r.id AND sent_at >= $2 AND sent_at < $3) FROM broadcast_runs r WHERE id = $1`,
			id, began, ended).Scan(&state, &got.sent[i])
		switch {
		case err != nil:
			return got, err
		case state != string(engine.RunRunning):
			return got, fmt.Errorf("a broadcast is %s before the last reply: let it go to more -people", state)
		}
	}
	return got, nil
}

// begins starts a broadcast that nobody has checked, and returns its run's id.
func (w *world) begins(ctx context.Context, db *store.DB, module, address string) (string, error) {
	b, err := w.drafts(ctx, db, module)
	if err != nil {
		return "", err
	}
	secret, err := w.caller(ctx, db, engine.ScopeBroadcasts)
	if err != nil {
		return "", err
	}
	r, err := w.starts(ctx, db, b, nil, secret, address)
	if err != nil {
		return "", err
	}
	return r.ID, nil
}

// underWay waits until every run has sent something.
func underWay(ctx context.Context, c *pgx.Conn, runs []string) error {
	began := time.Now()
	for {
		var n int
		if err := c.QueryRow(ctx, `SELECT COUNT(*) FROM broadcast_runs r WHERE id = ANY($1) AND state = $2
			AND EXISTS (SELECT 1 FROM deliveries WHERE run_id = r.id AND status = 'sent')`, runs, string(engine.RunRunning)).Scan(&n); err != nil {
			return fmt.Errorf("watch the broadcasts: %w", err)
		}
		switch {
		case n == len(runs):
			return nil
		case time.Since(began) > broadcastPatience:
			return fmt.Errorf("%d of %d broadcasts have begun within %v", n, len(runs), broadcastPatience)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
