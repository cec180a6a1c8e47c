package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/worker"
)

// people is how many the bot knows.
const people = 20_000

// document is the flow of all benchmarks.
//
//go:embed flow.json
var document []byte

// world is a database with a bot, its LINE account, its flow and its people,
// and a space on the queue. Nothing of it is left at the end.
type world struct {
	name     string // of database and space
	key      string // the instance's
	database *database
	redis    string
	bot      engine.Bot
	account  engine.Account
	token    string // may send
}

// servers are where databases and queues are made; task bench sets them.
type servers struct{ postgres, redis string }

func serversOf(lookup func(string) string) servers {
	return servers{lookup(postgresVariable), lookup(redisVariable)}
}

// newWorld makes a world of its own for one benchmark.
func newWorld(ctx context.Context, s servers) (*world, error) {
	if s.postgres == "" || s.redis == "" {
		return nil, fmt.Errorf("it needs %s and %s: run task bench, or go run ./scripts/services -durable -- go run ./bench", postgresVariable, redisVariable)
	}
	w := &world{name: "blockcast_bench_" + newID()[:12], key: keys.New(), redis: s.redis, token: token.NewSecret()}
	var err error
	if w.database, err = newDatabase(ctx, s.postgres, w.name); err != nil {
		return nil, err
	}
	if err := w.settle(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make the bot: %w", err), w.end(ctx))
	}
	return w, nil
}

func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// settle migrates the database and fills it.
func (w *world) settle(ctx context.Context) (err error) {
	ring, err := keys.Parse(w.key)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Config{URL: w.database.url, Now: now, NewID: newID, Cipher: ring})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	w.bot = engine.Bot{ID: newID(), Name: "bench", TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: "VN", CreatedAt: now(),
		Settings: engine.BotSettings{AllChannels: true}} // AhaChat's call means Messenger; these people are on LINE
	w.account = engine.Account{ID: newID(), BotID: w.bot.ID, Channel: "line", ExternalID: userID(0), Name: "Bench", State: engine.AccountActive, CreatedAt: now(),
		Secrets: map[string]string{"channel_secret": rand.Text(), "channel_access_token": rand.Text()}}
	right := engine.Token{Hash: token.Hash(w.token), BotID: w.bot.ID, Name: "bench", Scopes: []string{engine.ScopeSend}, CreatedAt: now()}
	if err := errors.Join(db.CreateBot(ctx, w.bot), db.CreateAccount(ctx, w.account, nil), db.CreateToken(ctx, right)); err != nil {
		return err
	}
	if err := w.publish(ctx, db, "flow.json", document); err != nil {
		return err
	}
	return w.database.do(ctx, w.meet()...)
}

// publish checks a flow and makes it the bot's.
func (w *world) publish(ctx context.Context, db *store.DB, name string, document []byte) error {
	checked, problems := flows.Check(document, name, flows.Catalog{})
	for _, p := range problems {
		if !p.Warning {
			return fmt.Errorf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
		}
	}
	f, err := db.SaveDraft(ctx, w.bot.ID, checked.Program.Flow, document, now())
	if err != nil {
		return err
	}
	var blocks []engine.BlockInfo
	for _, b := range checked.Program.Blocks {
		blocks = append(blocks, engine.BlockInfo{ID: b.ID, BotID: w.bot.ID, Name: b.Name, FlowID: f.ID, Module: b.Module, Aliases: b.Aliases})
	}
	var attributes []engine.Attribute
	for _, a := range checked.Program.Attributes {
		attributes = append(attributes, engine.Attribute{BotID: w.bot.ID, Name: a.Name, Type: string(a.Type), DeclaredBy: f.Name})
	}
	version := engine.FlowVersion{BotID: w.bot.ID, FlowID: f.ID, Document: document, IDs: checked.IDs, CreatedAt: now()}
	_, err = db.Publish(ctx, version, 0, blocks, attributes)
	return err
}

// userID is the n-th person's id in LINE's form; the account itself is 0.
func userID(n int) string { return fmt.Sprintf("U%032x", n) }

// phone is the n-th person's number as it is written in Vietnam.
func phone(n int) string { return fmt.Sprintf("091%07d", n) }

// meet returns the statements that add the people: the n-th of them is contact
// and identity n. Each has written once and was answered, so that Postgres
// plans for tables in use rather than for empty ones; their profiles are fresh.
func (w *world) meet() []string {
	series := fmt.Sprintf("generate_series(1, %d) n", people)
	return []string{
		fmt.Sprintf(`INSERT INTO contacts (id, bot_id, first_name, first_name_key, name, name_key, attributes, created_at)
			SELECT n, '%s', 'Mai', 'mai', 'Mai ' || n, 'mai ' || n, '{"city": "Huế", "points": 120}', now() FROM `+series, w.bot.ID),
		fmt.Sprintf(`INSERT INTO identities (id, account_id, external_id, contact_id, subscribed_at, last_inbound_at, profile_at, created_at)
			SELECT n, '%s', 'U' || lpad(to_hex(n), 32, '0'), n, now(), now() - interval '1 hour', now(), now() FROM `+series, w.account.ID),
		fmt.Sprintf(`INSERT INTO contact_phones (contact_id, phone, bot_id, raw, source, added_at)
			SELECT n, '+8491' || lpad(n::text, 7, '0'), '%s', '091' || lpad(n::text, 7, '0'), 'import', now() FROM `+series, w.bot.ID),
		fmt.Sprintf(`INSERT INTO interactions (id, bot_id, account_id, identity_id, contact_id, kind, occurred_at, received_at, event_key, payload, reply_token, reply_used_by, attempt, answered_at, outcome)
			SELECT n, '%s', '%s', n, n, 'message', now(), now(), 'earlier-' || n, '{"input":{"kind":"text","text":"Hi"}}', 'earlier-' || n, n, 1, now(), 'default' FROM `+series, w.bot.ID, w.account.ID),
		fmt.Sprintf(`INSERT INTO event_keys (account_id, event_key, at) SELECT '%s', 'earlier-' || n, now() FROM `+series, w.account.ID),
		`INSERT INTO contact_leases (contact_id, owner, epoch, until) SELECT n, '', 1, 'epoch' FROM ` + series,
		fmt.Sprintf(`INSERT INTO sends (id, bot_id, source, created_at) SELECT 'earlier-' || n, '%s', 'api', now() FROM `+series, w.bot.ID),
		fmt.Sprintf(`INSERT INTO deliveries (id, bot_id, account_id, send_id, contact_id, identity_id, render_id, status, route, created_at, prepared_at, sent_at, closed_at)
			SELECT n, '%s', '%s', 'earlier-' || n, n, n, 'earlier', 'sent', 'push', now(), now(), now(), now() FROM `+series, w.bot.ID, w.account.ID),
		`INSERT INTO attempts (id, delivery_id, at, ended_at, route, outcome) SELECT 'earlier-' || n, n, now(), now(), 'push', 'sent' FROM ` + series,
		fmt.Sprintf(`INSERT INTO delivery_messages (account_id, message_id, delivery_id) SELECT '%s', 'earlier-' || n, n FROM `+series, w.account.ID),
		from("contacts"), from("identities"), from("interactions"), from("deliveries"),
		"VACUUM ANALYZE",
		"CHECKPOINT",
	}
}

// from lets a table's ids go on after the people's.
func from(table string) string {
	return fmt.Sprintf("ALTER TABLE %s ALTER COLUMN id RESTART WITH %d", table, people+1)
}

// end drops the database and clears the space on the queue.
func (w *world) end(ctx context.Context) error {
	return errors.Join(w.database.drop(ctx), w.clearQueue(ctx))
}

// clearQueue removes the bells nobody has heard, and what else has the space
// in its name.
func (w *world) clearQueue(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
	defer cancel()
	r, err := worker.Connect(ctx, worker.RedisConfig{URL: w.redis, Pool: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("clear the queue: %w", err)
	}
	defer r.Close()
	const batch = 1000
	for cursor := uint64(0); ; {
		found, next, err := r.Client.Scan(ctx, cursor, "*"+w.name+"*", batch).Result()
		if err == nil && len(found) > 0 {
			err = r.Client.Unlink(ctx, found...).Err()
		}
		if err != nil {
			return fmt.Errorf("clear the queue: %w", err)
		}
		if cursor = next; cursor == 0 {
			return w.forgetQueues(ctx, r)
		}
	}
}

// forgetQueues takes the space's queues out of asynq's list of all queues.
func (w *world) forgetQueues(ctx context.Context, r *worker.Redis) error {
	const list = "asynq:queues"
	all, err := r.Client.SMembers(ctx, list).Result()
	if err != nil {
		return fmt.Errorf("clear the queue: %w", err)
	}
	for _, q := range all {
		if strings.HasPrefix(q, w.name) {
			if err := r.Client.SRem(ctx, list, q).Err(); err != nil {
				return fmt.Errorf("clear the queue: %w", err)
			}
		}
	}
	return nil
}
