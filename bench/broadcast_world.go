package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/channels/sandbox"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// news is the flow of the broadcasts.
//
//go:embed broadcast.json
var news []byte

// crowded makes a world of n people who take broadcasts, with its database as
// the program sees it and the flow of the broadcasts. end leaves nothing of it.
func (l *lab) crowded(ctx context.Context, n int) (w *world, db *store.DB, end func() error, err error) {
	if w, err = newWorld(ctx, l.servers); err != nil {
		return nil, nil, nil, err
	}
	if db, err = w.open(ctx); err != nil {
		return nil, nil, nil, errors.Join(err, w.end(ctx))
	}
	end = func() error { return errors.Join(db.Close(), w.end(ctx)) }
	if err := errors.Join(w.publish(ctx, db, "broadcast.json", news), w.crowd(ctx, n)); err != nil {
		return nil, nil, nil, errors.Join(err, end())
	}
	return w, db, end, nil
}

// crowd makes the world's people n, all of whom take broadcasts.
func (w *world) crowd(ctx context.Context, n int) error {
	series := fmt.Sprintf("generate_series(%d, %d) n", people+1, n)
	statements := []string{
		fmt.Sprintf(`INSERT INTO contacts (id, bot_id, first_name, first_name_key, name, name_key, created_at)
			SELECT n, '%s', 'Mai', 'mai', 'Mai ' || n, 'mai ' || n, now() FROM `+series, w.bot.ID),
		fmt.Sprintf(`INSERT INTO identities (id, account_id, external_id, contact_id, subscribed_at, last_inbound_at, profile_at, created_at)
			SELECT n, '%s', 'U' || lpad(to_hex(n), 32, '0'), n, now(), now() - interval '1 hour', now(), now() FROM `+series, w.account.ID),
		fmt.Sprintf(`DELETE FROM identities WHERE id > %d`, n),
		fmt.Sprintf(`DELETE FROM contacts WHERE id > %d`, n),
		`UPDATE contacts SET last_seen_at = created_at, attributes = jsonb_build_object('city', 'Huế', 'points', id, 'order_code', 'A' || id)`,
		"VACUUM ANALYZE",
		"CHECKPOINT",
	}
	return w.database.do(ctx, statements...)
}

// open is the world's database as the program sees it.
func (w *world) open(ctx context.Context) (*store.DB, error) {
	ring, err := keys.Parse(w.key)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{URL: w.database.url, Now: now, NewID: newID, Cipher: ring})
}

// drafts writes a broadcast of a module to everybody down.
func (w *world) drafts(ctx context.Context, db *store.DB, module string) (*engine.Broadcast, error) {
	at := now()
	plan := engine.Plan{Subject: module, Content: engine.Content{Block: module}, Audience: engine.Audience{All: true}, Intent: engine.IntentPromotional}
	b := &engine.Broadcast{ID: newID(), BotID: w.bot.ID, State: engine.BroadcastDraft, Version: 1, Plan: plan, CreatedAt: at, UpdatedAt: at}
	return b, db.CreateBroadcast(ctx, b)
}

// checked has the program write everybody down and make what a broadcast tells
// them, and returns what starts it.
func (w *world) checked(ctx context.Context, db *store.DB, b *engine.Broadcast, secret, address string) ([]byte, error) {
	if err := w.ask(ctx, address, "/broadcasts/"+b.ID+"/prepare", secret, nil, new(any)); err != nil {
		return nil, fmt.Errorf("check a broadcast: %w", err)
	}
	for {
		runs, err := db.Checks(ctx, w.bot.ID, b.ID)
		if err != nil {
			return nil, err
		}
		if len(runs) == 1 && runs[0].State == engine.RunHeld {
			return json.Marshal(map[string]string{"prepared_id": runs[0].PreparedID})
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// starts starts a broadcast of a module to everybody, as people do, and returns
// its run.
func (w *world) starts(ctx context.Context, db *store.DB, b *engine.Broadcast, question []byte, secret, address string) (*engine.Run, error) {
	if err := w.ask(ctx, address, "/broadcasts/"+b.ID+"/start", secret, question, new(any)); err != nil {
		return nil, fmt.Errorf("start a broadcast: %w", err)
	}
	runs, err := db.ListRuns(ctx, w.bot.ID, b.ID)
	if err != nil {
		return nil, err
	}
	if len(runs) != 1 {
		return nil, fmt.Errorf("the broadcast that was started has %d runs", len(runs))
	}
	return &runs[0], nil
}

// counted is a LINE that counts its calls of each kind.
type counted struct {
	*platform
	url               string
	server            *http.Server
	pushes, multicast atomic.Int64
}

// newCounted plays LINE for n people.
func newCounted(w *world, n int) (*counted, error) {
	inner, err := newPlatform(w)
	if err != nil {
		return nil, err
	}
	c := &counted{platform: inner}
	if err := c.meet(accountName, people, n); err != nil {
		return nil, errors.Join(err, inner.close())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("play LINE: %w", err), inner.close())
	}
	c.url = "http://" + l.Addr().String() + "/line"
	next := inner.noting(inner.Handler())
	c.server = &http.Server{ReadHeaderTimeout: answerTime, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/message/push"):
			c.pushes.Add(1)
		case strings.HasSuffix(r.URL.Path, "/message/multicast"):
			c.multicast.Add(1)
		}
		next.ServeHTTP(w, r)
	})}
	go func() { _ = c.server.Serve(l) }() // ends with Close
	return c, nil
}

// meet plays people of an account, those after the first from up to n.
func (c *counted) meet(account string, from, n int) error {
	const part = 50_000
	for ; from < n; from += part {
		var list []sandbox.Person
		for i := from; i < min(from+part, n); i++ {
			list = append(list, sandbox.Person{Account: account, ID: userID(i + 1), Name: "Mai", Friend: true})
		}
		if err := c.AddPeople(list); err != nil {
			return fmt.Errorf("play LINE: %w", err)
		}
	}
	return nil
}

func (c *counted) close() error { return errors.Join(c.server.Close(), c.platform.close()) }

// broadcastPatience is how long a broadcast may make no progress.
const broadcastPatience = time.Minute

// lookTime is between two looks at a broadcast: a fraction of the seconds it is
// measured by.
const lookTime = 20 * time.Millisecond

// finished waits until a run has ended, and returns how many rows of it are
// sent. watch is called with each look.
func (w *world) finished(ctx context.Context, r *engine.Run, watch func()) (sent int64, err error) {
	c, err := pgx.Connect(ctx, w.database.url)
	if err != nil {
		return 0, err
	}
	defer c.Close(ctx)
	moved, place := time.Now(), int64(-1)
	for {
		var state, reason string
		var at int64
		err := c.QueryRow(ctx, `SELECT state, reason, frozen_to + COALESCE((SELECT SUM(next_id) FROM run_ranges WHERE run_id = r.id), 0) FROM broadcast_runs r WHERE id = $1`, r.ID).
			Scan(&state, &reason, &at)
		if err != nil {
			return 0, fmt.Errorf("watch the broadcast: %w", err)
		}
		if at != place {
			moved, place = time.Now(), at
		}
		switch {
		case state == string(engine.RunFinished):
			err := c.QueryRow(ctx, `SELECT COUNT(*) FROM deliveries WHERE run_id = $1 AND status = 'sent'`, r.ID).Scan(&sent)
			return sent, err
		case state == string(engine.RunPaused), state == string(engine.RunCanceled):
			return 0, fmt.Errorf("the broadcast is %s: %s", state, reason)
		case time.Since(moved) > broadcastPatience:
			return 0, fmt.Errorf("the broadcast stands still at %d", place)
		}
		watch()
		select {
		case <-time.After(lookTime):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
