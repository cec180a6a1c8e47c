package app

import (
	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/firstline"
	"github.com/blockcast/blockcast/server/webhook"
)

// extraRoutes mounts what belongs to no surface.
type extraRoutes func(fiber.Router)

func (i *instance) newServer() *server.Server {
	return server.New(server.Config{
		Surfaces: i.surfaces(),
		Extra:    i.parts.extra,
		Checks: []server.Check{
			{Name: "database", Run: i.store.Ping},
			{Name: "migrations", Run: i.store.CheckSchema},
			{Name: "queue", Run: i.redis.Ping},
		},
		Registry: i.registry, Log: i.log, Now: i.clock.Now, NewID: i.deps.NewID,
	})
}

// surfaces lists everything outsiders can call, one line each.
func (i *instance) surfaces() []server.Surface {
	return []server.Surface{
		webhook.New(webhook.Config{Accounts: i.store, Channels: i.channels, Inbox: i.inbox, Now: i.clock.Now, Registry: i.registry, Log: i.log}),
		ahachat.New(ahachat.Config{Bots: i.store, Tokens: i.store, Outbox: i.outbox, Now: i.clock.Now, Log: i.log}),
		botbonnie.New(botbonnie.Config{Bots: i.store, Tokens: i.store, Directory: i.store, Libraries: i.library, Outbox: i.outbox, Now: i.clock.Now}), // before the API: its paths are under /v1 too
		firstline.New(firstline.Config{Bots: i.store, Tokens: i.store, Directory: i.store, Contacts: i.store, Outbox: i.outbox, Deliveries: i.store, Now: i.clock.Now, Log: i.log}),
		api.New(api.Config{
			Store: i.store, Outbox: i.outbox, Libraries: i.library, Channels: i.channels,
			PublicURL: i.config.publicURL(i.parts.listener.Addr()), Version: version(), Now: i.clock.Now, NewID: i.deps.NewID, Log: i.log,
		}),
	}
}
