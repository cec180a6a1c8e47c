package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/blockcast/blockcast/app/files"
	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/all"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/clicks"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/engine/notify"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/worker"
)

const databaseFile = "blockcast.db" // in the data folder

// parts says what of an instance a process wants.
type parts struct {
	listener net.Listener // nil: nothing is served
	works    bool         // run jobs and tickers
	role     string       // what the status calls the process; "": a command that ends
	extra    extraRoutes  // what else is served; nil: nothing
}

// instance is one blockcast, wired together. open makes it, start lets it run,
// close ends it.
type instance struct {
	config     *Config
	parts      parts
	log        *slog.Logger
	clock      *clock
	deps       engine.Deps
	name       string // of this process, in leases, locks and the status
	registry   *prometheus.Registry
	keys       *keys.Ring
	keyMade    bool // by this start
	store      *store.DB
	redis      *worker.Redis
	bells      *worker.Bells
	channels   map[string]channels.Channel
	library    *engine.Libraries
	outbox     *outbox.Outbox
	broadcasts *broadcast.Broadcasts
	clicks     *clicks.Clicks
	notify     *notify.Sender
	inbox      *inbox.Inbox
	media      *media.Keeper
	folder     *files.Folder  // of media
	worker     *worker.Worker // nil without parts.works
	server     *server.Server // nil without parts.listener
	undo       []func() error // what was opened or started, in order
}

// open wires an instance on its database and queue. Nothing runs before start.
// On an error nothing stays open.
func open(ctx context.Context, c *Config, p parts, log *slog.Logger) (_ *instance, err error) {
	i := &instance{config: c, parts: p, log: log, clock: &clock{local: time.Now}, registry: newRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.close())
		}
	}()
	i.log = countedLog(log, i.registry)
	i.deps = newDeps(c, i.clock.Now, i.log)
	i.name = i.owner()
	if i.keys, i.keyMade, err = c.ring(); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{i.openStore, i.openRedis, i.openMedia, i.openRooms} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return i, nil
}

func (c *Config) databaseURL() string {
	if c.embedded() {
		return filepath.Join(c.Data, databaseFile)
	}
	return c.DatabaseURL
}

// openStore opens the database and makes sure that it is the one our key and
// our code belong to.
func (i *instance) openStore(ctx context.Context) (err error) {
	conns := 0
	if !i.config.embedded() {
		conns = i.config.DatabaseConns
	}
	i.store, err = store.Open(ctx, store.Config{
		URL: i.config.databaseURL(), Now: i.clock.Now, NewID: i.deps.NewID, Cipher: i.keys, Log: i.log, MaxConns: conns, OnNotice: i.ringWebhooks,
	})
	if err != nil {
		return err
	}
	i.undo = append(i.undo, i.store.Close)
	if err := i.store.Ping(ctx); err != nil {
		return err
	}
	if i.config.embedded() { // and so is its clock
		if err := i.store.Migrate(ctx); err != nil {
			return err
		}
		if err := i.store.FreeLeases(ctx); err != nil {
			return err
		}
		return i.checkKey(ctx)
	}
	if err := i.clock.measure(ctx, i.store.Clock); err != nil {
		return err
	}
	if err := i.store.CheckSchema(ctx); err != nil {
		return err
	}
	return i.checkKey(ctx)
}

// ringWebhooks is heard once there are bells; what was told before is found by
// the ticker.
func (i *instance) ringWebhooks() {
	if i.bells != nil {
		i.bells.RingWebhooks(time.Time{})
	}
}

// ringContact rings for what a person's call has made due.
func (i *instance) ringContact(id int64) { i.bells.RingContact(id, time.Time{}) }

func (i *instance) openRedis(ctx context.Context) (err error) {
	if i.config.RedisURL == "" {
		i.redis, err = worker.Embed()
	} else {
		i.redis, err = worker.Connect(ctx, worker.RedisConfig{
			URL: i.config.RedisURL, Space: i.config.RedisSpace, Log: i.log,
			Pool: i.config.Replies + i.config.Sends + i.config.Bulk,
		})
	}
	if err != nil {
		return err
	}
	i.undo = append(i.undo, i.redis.Close)
	return nil
}

// openRooms makes everything that stands on database and queue.
func (i *instance) openRooms(context.Context) error {
	i.registry.MustRegister(newSurveyMetrics(i))
	metrics := worker.NewMetrics(i.registry)
	rooms := newRoomMetrics(i.registry)
	i.bells = worker.NewBells(worker.BellsConfig{Redis: i.redis, Now: i.clock.Now, Log: i.log, Metrics: metrics})
	i.library = engine.NewLibraries(i.store, i.clock.Now)
	core := engine.New(i.deps)
	links := i.openClicks(rooms)
	i.outbox = outbox.New(outbox.Config{
		Deps: i.deps, Engine: core, Libraries: i.library, Ledger: i.store, Directory: i.store, Leases: i.store, Channels: i.channels,
		Bells: i.bells, Limiter: worker.NewLimiter(i.redis, i.clock.Now, metrics), Secrets: i.store.Secrets, Links: links, Metrics: rooms.outbox(),
	})
	i.inbox = inbox.New(inbox.Config{
		Deps: i.deps, Engine: core, Libraries: i.library, Store: i.store, Directory: i.store, Outbox: i.outbox,
		Channels: i.channels, Bells: i.bells, Secrets: i.store.Secrets, Owner: i.name, Metrics: rooms.inbox(), Media: i.receive,
	})
	i.broadcasts = broadcast.New(broadcast.Config{
		Deps: i.deps, Store: i.store, Directory: i.store, Libraries: i.library, Channels: i.channels, Sender: i.outbox, Outbox: i.outbox, Bells: i.bells,
		Audiences: &broadcast.Audiences{Store: i.store, Now: i.deps.Now}, Reachable: links != nil,
	})
	i.notify = notify.New(notify.Config{Deps: newNotifyDeps(i.config, i.deps), Store: i.store, Bells: i.bells, Observe: rooms.notify()})
	if i.parts.works {
		i.worker = i.newWorker(metrics, rooms)
	}
	if i.parts.listener != nil {
		i.server = i.newServer()
	}
	return nil
}

// owner names this process in leases and locks. An embedded instance is alone,
// so that it may go on with what it held before it was killed.
func (i *instance) owner() string {
	if i.config.embedded() {
		return "embedded"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "/" + strconv.Itoa(os.Getpid()) + "/" + i.deps.NewID()
}

// watchClock follows the database's clock until ctx ends. It returns errClock
// when this process must not go on.
func (i *instance) watchClock(ctx context.Context) error {
	if i.config.embedded() {
		<-ctx.Done()
		return nil
	}
	return i.clock.watch(ctx, i.store.Clock, i.log)
}

// start lets everything run. The context of what runs ends with close, not
// with ctx.
func (i *instance) start(ctx context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	i.undo = append(i.undo, func() error { cancel(); return nil })
	if i.parts.role != "" {
		i.undo = append(i.undo, i.appear(ctx))
	}
	i.bells.Start()
	i.undo = append(i.undo, quietly(i.bells.Stop))
	i.outbox.Start(ctx)
	i.undo = append(i.undo, quietly(i.outbox.Stop))
	i.inbox.Start(ctx)
	i.undo = append(i.undo, quietly(i.inbox.Stop))
	i.clicks.Start(ctx)
	i.undo = append(i.undo, quietly(i.clicks.Stop))
	if i.worker == nil {
		return nil
	}
	if err := i.worker.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	i.undo = append(i.undo, quietly(i.worker.Stop))
	i.worker.Hear(i.bells)
	return errors.Join(i.inbox.Recover(ctx), i.outbox.Recover(ctx))
}

// close ends everything in reverse order.
func (i *instance) close() error {
	var errs []error
	for n := len(i.undo) - 1; n >= 0; n-- {
		errs = append(errs, i.undo[n]())
	}
	i.undo = nil
	return errors.Join(errs...)
}

func quietly(stop func()) func() error {
	return func() error { stop(); return nil }
}

func (c *Config) channelURLs() map[channels.Kind]string {
	urls := map[channels.Kind]string{}
	for kind, address := range c.ChannelURL {
		urls[channels.Kind(kind)] = address
	}
	return urls
}

// channelKinds are the names --channel-url knows.
func channelKinds() []string {
	list, err := all.New(all.Config{Client: newPlatformClient(1)})
	if err != nil {
		return nil
	}
	var names []string
	for _, kind := range list.Kinds() {
		names = append(names, string(kind))
	}
	return names
}

// newRegistry has the metrics of the process itself.
func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return r
}
