package main

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/channels/sandbox"
	"github.com/blockcast/blockcast/worker"
)

// people is how many the bot has on each platform.
const people = 60

// Settings of the processes, and how many calls one has under way at most by
// them.
const (
	concurrency = 16 // of replies and of sends
	bulk        = 4  // batches of a broadcast at once
	keyless     = 32 // calls of a batch at once that cannot be repeated safely

	inFlight = 2*concurrency + bulk*keyless
)

// document is the flow of all scenarios. Everything it says has a mark.
//
//go:embed flow.json
var document []byte

// world is an instance with a bot, its accounts and its people, and all that
// stands around it.
type world struct {
	lab      *lab
	name     string
	folder   string // the embedded data folder, and the programs' logs
	embedded bool
	program  string
	platform *platform
	receiver *receiver
	cluster  *cluster
	database *database // nil before the instance has made it
	postgres *gate     // nil when embedded
	redis    *gate
	disk     *disk // nil where the data folder has none of its own
	env      []string

	bot, token string
	accounts   map[string]string // id by name
	crowd      int               // people a broadcast goes to besides those who write
	broadcast  string            // its id, once it was started
}

// newWorld sets up an instance as a person would, by its command line, and
// starts it.
func newWorld(ctx context.Context, l *lab, s scenario) (_ *world, err error) {
	if !s.embedded && (l.postgres == "" || l.redis == "") {
		return nil, fmt.Errorf("%w: it needs %s and %s: run task soak, or go run ./scripts/services -- go run ./soak", errCannot, postgresVariable, redisVariable)
	}
	w := &world{lab: l, name: "blockcast_soak_" + randomHex(6), embedded: s.embedded, cluster: &cluster{client: &http.Client{Timeout: callTime}}, accounts: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.end())
		}
	}()
	if w.program, err = l.build(ctx, s.clock); err != nil {
		return nil, err
	}
	w.folder = filepath.Join(l.scratch, w.name)
	if err := os.MkdirAll(filepath.Join(w.folder, "data"), 0o700); err != nil {
		return nil, err
	}
	if s.disk {
		if w.disk, err = mountDisk(filepath.Join(w.folder, "data")); err != nil {
			return nil, err
		}
	}
	if s.broadcast {
		w.crowd = l.people
	}
	if w.platform, err = newPlatform(l.seed, spread{w.cluster}); err != nil {
		return nil, err
	}
	if w.receiver, err = newReceiver(); err != nil {
		return nil, err
	}
	w.env = append(cleanEnvironment(), "BLOCKCAST_DATA="+filepath.Join(w.folder, "data"), "BLOCKCAST_PUBLIC_URL=http://127.0.0.1:1", // spread finds the servers
		"BLOCKCAST_CHANNEL_URL="+w.platform.urls("cli"), "BLOCKCAST_LOG_FORMAT=json", "BLOCKCAST_ALLOW_HOST="+w.receiver.address,
		fmt.Sprintf("BLOCKCAST_REPLIES=%d", concurrency), fmt.Sprintf("BLOCKCAST_SENDS=%d", concurrency), fmt.Sprintf("BLOCKCAST_BULK=%d", bulk))
	if w.embedded {
		err = w.hireOne()
	} else {
		err = w.hire(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := w.settle(ctx); err != nil {
		return nil, fmt.Errorf("set up the instance: %w", err)
	}
	return w, nil
}

// hireOne makes the one process of an embedded instance.
func (w *world) hireOne() error {
	return w.add("serve1", "serve")
}

// hire makes the processes of an instance on Postgres and Redis, and gates
// before both.
func (w *world) hire(ctx context.Context) (err error) {
	if w.database, err = makePostgres(ctx, w.lab.postgres, w.name); err != nil {
		return err
	}
	pg, err := url.Parse(w.lab.postgres)
	if err != nil {
		return errors.New(postgresVariable + " is no URL")
	}
	redis, err := url.Parse(w.lab.redis)
	if err != nil {
		return errors.New(redisVariable + " is no URL")
	}
	if w.postgres, err = newGate(pg.Host); err != nil {
		return err
	}
	if w.redis, err = newGate(redis.Host); err != nil {
		return err
	}
	pg.Path, pg.Host, redis.Host = "/"+w.name, w.postgres.address, w.redis.address
	w.env = append(w.env, "BLOCKCAST_DATABASE_URL="+pg.String(), "BLOCKCAST_REDIS_URL="+redis.String(),
		"BLOCKCAST_REDIS_SPACE="+w.name, "BLOCKCAST_SECRET_KEY="+keys.New(), "BLOCKCAST_DATABASE_CONNS=12")
	if _, err := w.cli(ctx, "migrate"); err != nil {
		return err
	}
	return errors.Join(w.add("serve1", "serve", "--no-worker"), w.add("serve2", "serve", "--no-worker"), w.add("work1", "work"), w.add("work2", "work"))
}

// add makes a process that is not started yet.
func (w *world) add(name string, args ...string) error {
	p := &process{name: name, program: w.program, args: args, log: filepath.Join(w.folder, name+".log"), clock: filepath.Join(w.folder, name+".clock")}
	p.env = append(slices.Clone(w.env), "BLOCKCAST_CHANNEL_URL="+w.platform.urls(name), "SOAK_CLOCK="+p.clock)
	if args[0] == "serve" {
		var err error
		if p.address, err = w.lab.freeAddress(); err != nil {
			return err
		}
		p.args = append(p.args, "--listen", p.address)
	}
	w.cluster.processes = append(w.cluster.processes, p)
	return nil
}

// settle makes the bot and starts everything.
func (w *world) settle(ctx context.Context) (err error) {
	flow := filepath.Join(w.folder, "flow.json")
	if err := os.WriteFile(flow, document, 0o600); err != nil {
		return err
	}
	if w.bot, err = w.field(ctx, "id", "bots", "create", "soak", "--json"); err != nil {
		return err
	}
	if w.token, err = w.field(ctx, "token", "tokens", "create", "soak", "--scope", "send,read,contacts,broadcasts,admin", "--json"); err != nil {
		return err
	}
	if _, err = w.cli(ctx, "flows", "push", flow, "--publish"); err != nil {
		return err
	}
	if err := w.cluster.start(ctx); err != nil {
		return err
	}
	if w.database == nil {
		if w.database, err = openSQLite(filepath.Join(w.folder, "data", "blockcast.db")); err != nil {
			return err
		}
	}
	connect := []string{"accounts", "connect", "--json"}
	s := w.platform.secrets
	if w.accounts[lineName], err = w.field(ctx, "id", append(connect, "line", "channel_secret="+s["channel_secret"], "channel_access_token="+s["channel_access_token"])...); err != nil {
		return err
	}
	if w.accounts[pageName], err = w.field(ctx, "id", append(connect, "messenger", "page_access_token="+s["page_access_token"], "app_secret="+s["app_secret"],
		"verify_token="+s["verify_token"])...); err != nil {
		return err
	}
	secret, err := w.field(ctx, "secret", "webhooks", "create", "http://"+w.receiver.address+"/told", "--topic", saidEvent+",delivery.skipped", "--json")
	if err != nil {
		return err
	}
	w.receiver.trust(secret)
	return w.meet(ctx)
}

// meet brings the people, as another system would export them: with their
// phones, the crowd without.
func (w *world) meet(ctx context.Context) error {
	var rows bytes.Buffer
	for i, account := range []string{lineName, pageName} {
		var list []sandbox.Person
		for n := range w.crowded(account) {
			list = append(list, sandbox.Person{Account: account, Name: fmt.Sprintf("Mai %d", n), Phone: phone(i, n), Friend: true, Wrote: time.Now()})
			id := personID(account, n)
			row := map[string]any{"attributes": map[string]string{"code": codeOf(account, n)},
				"identities": []any{map[string]any{"account": w.accounts[account], "user": id, "subscribed": true}}}
			if n < people {
				row["phone"] = phone(i, n)
			}
			text, err := json.Marshal(row)
			if err != nil {
				return err
			}
			rows.Write(append(text, '\n'))
		}
		if err := w.platform.AddPeople(list); err != nil {
			return err
		}
	}
	file := filepath.Join(w.folder, "people.ndjson")
	if err := os.WriteFile(file, rows.Bytes(), 0o600); err != nil {
		return err
	}
	_, err := w.cli(ctx, "contacts", "import", file)
	return err
}

// personID is the platform's id of the n-th person of an account.
func personID(account string, n int) string {
	name := fmt.Sprintf("Mai %d", n)
	if account == pageName {
		return sandbox.MessengerUserID(account + "\x00" + phone(1, n) + "\x00" + name)
	}
	return sandbox.LINEUserID(account + "\x00" + phone(0, n) + "\x00" + name)
}

// phone is the number of the n-th person of the i-th account.
func phone(i, n int) string { return fmt.Sprintf("09%d%07d", 1+i, n) }

// cli runs a command to its end and returns what it printed.
func (w *world) cli(ctx context.Context, args ...string) (string, error) {
	c := exec.CommandContext(ctx, w.program, args...)
	c.Env = w.env
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("blockcast %s %s: %w: %s%s", args[0], args[1:min(2, len(args))], err, out, errs.String())
	}
	return string(out), nil
}

// field reads one member of what a command printed as JSON.
func (w *world) field(ctx context.Context, name string, args ...string) (string, error) {
	out, err := w.cli(ctx, args...)
	if err != nil {
		return "", err
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		return "", fmt.Errorf("blockcast %s printed %s: %w", args[0], out, err)
	}
	text, _ := v[name].(string)
	if text == "" {
		return "", fmt.Errorf("blockcast %s printed no %s: %s", args[0], name, out)
	}
	return text, nil
}

// flush forgets every bell and every rate, as a Redis does that was restarted
// without its data.
func (w *world) flush(ctx context.Context) error {
	r, err := worker.Connect(ctx, worker.RedisConfig{URL: w.lab.redis, Pool: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("flush the queue: %w", err)
	}
	defer r.Close()
	const batch = 1000
	for cursor := uint64(0); ; {
		found, next, err := r.Client.Scan(ctx, cursor, "*"+w.name+"*", batch).Result()
		if err == nil && len(found) > 0 {
			err = r.Client.Unlink(ctx, found...).Err()
		}
		if err != nil {
			return fmt.Errorf("flush the queue: %w", err)
		}
		if cursor = next; cursor == 0 {
			break
		}
	}
	const list = "asynq:queues" // asynq's list of all queues
	all, err := r.Client.SMembers(ctx, list).Result()
	if err != nil {
		return fmt.Errorf("flush the queue: %w", err)
	}
	for _, q := range all {
		if strings.HasPrefix(q, w.name) {
			if err := r.Client.SRem(ctx, list, q).Err(); err != nil {
				return fmt.Errorf("flush the queue: %w", err)
			}
		}
	}
	return nil
}

// end stops everything and leaves nothing behind but the logs that are kept.
func (w *world) end() error {
	w.cluster.killAll()
	var errs []error
	if w.platform != nil {
		errs = append(errs, w.platform.close())
	}
	if w.receiver != nil {
		errs = append(errs, w.receiver.close())
	}
	if w.database != nil {
		errs = append(errs, w.database.end())
	}
	if w.redis != nil {
		w.redis.close()
		w.postgres.close()
		ctx, cancel := context.WithTimeout(context.Background(), dropTime)
		defer cancel()
		errs = append(errs, w.flush(ctx))
	}
	if w.disk != nil {
		errs = append(errs, w.disk.unmount())
	}
	errs = append(errs, w.keepLogs(), os.RemoveAll(w.folder))
	return errors.Join(errs...)
}

func (w *world) keepLogs() error {
	if w.lab.keep == "" {
		return nil
	}
	var errs []error
	for _, p := range w.cluster.processes {
		text, err := os.ReadFile(p.log)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		errs = append(errs, err, os.WriteFile(filepath.Join(w.lab.keep, w.name+"."+p.name+".log"), text, 0o600))
	}
	return errors.Join(errs...)
}

// cleanEnvironment is ours without settings of blockcast that stand in it.
func cleanEnvironment() []string {
	var out []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BLOCKCAST_") {
			out = append(out, v)
		}
	}
	return out
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return hex.EncodeToString(b)
}

// spread sends the platforms' webhooks to the servers in turn, as a balancer
// in front of them would.
type spread struct{ cluster *cluster }

func (s spread) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Host = s.cluster.server()
	return http.DefaultTransport.RoundTrip(r)
}
