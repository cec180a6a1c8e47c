package app

import (
	"cmp"
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/app/fetch"
	"github.com/blockcast/blockcast/console"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/clicks"
	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/firstline"
	"github.com/blockcast/blockcast/server/compat/omnichat"
	"github.com/blockcast/blockcast/server/media"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/server/webhook"
	"github.com/blockcast/blockcast/worker"
)

// extraRoutes mounts what belongs to no surface.
type extraRoutes func(fiber.Router)

func (i *instance) newServer() *server.Server {
	return server.New(server.Config{
		Surfaces: i.surfaces(),
		Extra:    i.parts.extra,
		Checks: []server.Check{
			i.check("database", i.store.Ping, "it does not answer"),
			i.check("migrations", i.store.CheckSchema, "they cannot be read, or some are missing: run blockcast migrate"),
			i.check("queue", i.redis.Ping, "it does not answer"),
		},
		Notes:    []server.Note{{Name: "paused", Run: i.pausedNote}},
		Registry: i.registry, Log: i.log, Now: i.clock.Now, NewID: i.deps.NewID, Away: i.store.Away,
	})
}

// check is one look at what the server needs. Anybody may see /readyz: the
// error, which names hosts and users, is for the log.
func (i *instance) check(name string, run func(context.Context) error, said string) server.Check {
	return server.Check{Name: name, Run: func(ctx context.Context) error {
		err := run(ctx)
		if err == nil {
			return nil
		}
		i.log.Warn("not_ready", "check", name, "error", err)
		return errors.New(said)
	}}
}

// surfaces lists everything outsiders can call, one line each.
func (i *instance) surfaces() []server.Surface {
	counter := worker.NewCalls(i.redis, i.clock.Now)
	native := &token.Limited{Finder: i.store, Counter: counter, PerSecond: i.config.Calls, Log: i.log}
	foreign := &token.Limited{Finder: i.store, Counter: counter, PerSecond: i.config.ForeignCalls, Log: i.log}
	told := &token.Limited{Finder: i.store, Counter: counter, PerSecond: cmp.Or(i.config.ForeignCalls, omnichat.PerSecond), PerBot: true, Log: i.log} // its callers know 429, for a whole team
	calls := api.New(api.Config{
		Store: i.store, Tokens: native, Outbox: i.outbox, Libraries: i.library, Channels: i.channels, Poster: i.notify, Media: i.media, Broadcasts: i.broadcasts,
		PublicURL: i.config.publicURL(i.parts.listener.Addr()), Version: version(), Wake: i.wake, Ring: i.ringContact, Guarded: fetch.New(fetch.Config{Allow: i.config.AllowHost}).Guarded, Now: i.clock.Now, NewID: i.deps.NewID, Log: i.log,
	})
	return []server.Surface{
		webhook.New(webhook.Config{Accounts: i.store, Channels: i.channels, Inbox: i.inbox, Now: i.clock.Now, Registry: i.registry, Log: i.log}),
		ahachat.New(ahachat.Config{Bots: i.store, Tokens: foreign, Outbox: i.outbox, Now: i.clock.Now, Log: i.log}),
		botbonnie.New(botbonnie.Config{Bots: i.store, Tokens: foreign, Directory: i.store, Libraries: i.library, Outbox: i.outbox, Now: i.clock.Now}), // before the API: its paths are under /v1 too
		firstline.New(firstline.Config{Bots: i.store, Tokens: foreign, Directory: i.store, Contacts: i.store, Outbox: i.outbox, Deliveries: i.store, Now: i.clock.Now, Log: i.log}),
		omnichat.New(omnichat.Config{ // before the API too
			Bots: i.store, Tokens: told, Directory: i.store, Libraries: i.library, Outbox: i.outbox, Broadcasts: i.broadcasts, Kept: i.store, Lists: i.store, Contacts: i.store, Answers: i.store,
			Channels: i.channels, Now: i.clock.Now, NewID: i.deps.NewID, Log: i.log,
		}),
		console.New(console.Config{
			Store: i.store, Tokens: i.store, Broadcasts: i.broadcasts, Preview: i.outbox, Calls: calls, Channels: i.channels,
			Keys: i.keys.DeriveAll("console"), PublicURL: i.config.PublicURL, Now: i.clock.Now, Log: i.log,
		}),
		clicks.New(clicks.Config{Links: i.clicks, Registry: i.registry, Log: i.log}),
		media.New(media.Config{Store: i.store, Files: i.folder, Log: i.log}),
		calls,
	}
}
