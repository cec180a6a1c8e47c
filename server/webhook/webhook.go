// Package webhook takes in what platforms post: it finds the account, lets its
// channel verify and read the request and hands the rest to the inbox. It knows
// no platform's format and answers nobody but the platform.
package webhook

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
)

// maxBody is more than any platform packs into one webhook.
const maxBody = 4 << 20

// patience is how long a platform waits for our database before it is asked to
// send the webhook again; most give up after one to five seconds.
const patience = 1500 * time.Millisecond

// prefix of all webhooks; a channel and an account follow.
const prefix = "/webhooks/"

// Accounts finds accounts by our id and by the platform's; an account may be a
// second old.
type Accounts interface {
	Account(ctx context.Context, id string) (*engine.Account, error)
	// AccountByAlias is nil for an account nobody has connected.
	AccountByAlias(ctx context.Context, channel, platformID string) (*engine.Account, error)
}

// Inbox keeps what came in. Accept returns when it is stored.
type Inbox interface {
	Accept(ctx context.Context, a *engine.Account, r *channels.Received) error
}

var _ Inbox = (*inbox.Inbox)(nil)

// Config is what webhooks are taken in with. Only Registry and Log may be nil.
type Config struct {
	Accounts Accounts
	Channels map[string]channels.Channel // by kind
	Inbox    Inbox
	Now      func() time.Time
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// Webhooks is the surface at /webhooks/{channel}/{account}.
type Webhooks struct {
	Config
	metrics *metrics
}

// New returns the surface, whose routes Mount adds.
func New(c Config) *Webhooks {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	return &Webhooks{Config: c, metrics: newMetrics(c.Registry, c.Channels)}
}

// Path is where a platform posts an account's events, below the public URL.
func Path(channel, accountID string) string { return prefix + channel + "/" + accountID }

// Mount adds the routes. A GET is some platforms' way to prove the address.
func (w *Webhooks) Mount(r fiber.Router) {
	r.Post(Path(":channel", ":account"), w.receive)
	r.Get(Path(":channel", ":account"), w.receive)
}

// Owns reports whether the path is a webhook's.
func (w *Webhooks) Owns(path string) bool { return strings.HasPrefix(path, prefix) }

// MaxBody is the most a webhook may carry.
func (w *Webhooks) MaxBody(string) int { return maxBody }

// Fail answers with nothing but the status: whoever posts here learns no more.
func (w *Webhooks) Fail(c *fiber.Ctx, status int, _ string) error {
	c.Status(status)
	return nil
}

// receive handles one webhook. It answers 200 when everything in it is stored
// or means nothing to us, 401 when it is not signed, 503 when it should be sent
// again.
func (w *Webhooks) receive(c *fiber.Ctx) error {
	start := w.Now()
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	ch, account, err := w.find(ctx, c)
	if err != nil {
		return err
	}
	if account == nil {
		w.metrics.count("", unknownAccount)
		return c.SendStatus(fiber.StatusNotFound)
	}
	received, err := ch.Receive(outbox.ChannelAccount(account), request(c))
	switch {
	case errors.Is(err, channels.ErrSignature):
		w.metrics.count(account.Channel, wrongSignature)
		w.Log.Warn("webhook with a wrong signature", "account_id", account.ID, "channel", account.Channel, "remote", c.IP())
		return c.SendStatus(fiber.StatusUnauthorized)
	case err != nil:
		w.metrics.count(account.Channel, unreadable)
		w.Log.Warn("webhook cannot be read", "account_id", account.ID, "channel", account.Channel, "error", err)
		return c.SendStatus(fiber.StatusBadRequest)
	}
	shares, foreign, err := w.share(ctx, account, received)
	if err != nil {
		return unavailable(c, err)
	}
	if foreign > 0 {
		w.Log.Warn("webhook for another account", "account_id", account.ID, "channel", account.Channel, "events", foreign)
	}
	for _, s := range shares {
		if err := w.Inbox.Accept(ctx, s.account, s.received); err != nil {
			return w.refuse(c, s.account, err)
		}
		w.tell(ctx, s)
	}
	w.metrics.accepted(account.Channel, received, foreign, w.Now().Sub(start))
	return answer(c, received.Answer)
}

// tell passes a platform's word on to who runs the account.
func (w *Webhooks) tell(ctx context.Context, s share) {
	for _, n := range s.received.Notices {
		level := slog.LevelWarn
		if n.Barred {
			level = slog.LevelError
		}
		w.Log.Log(ctx, level, "the platform warns", "account_id", s.account.ID, "channel", s.account.Channel, "code", n.Code, "message", n.Message, "paused", n.Barred)
	}
}

// find returns the account a path names and its channel; nothing when the path
// names none.
func (w *Webhooks) find(ctx context.Context, c *fiber.Ctx) (channels.Channel, *engine.Account, error) {
	ch, ok := w.Channels[c.Params("channel")]
	if !ok {
		return nil, nil, nil
	}
	a, err := w.Accounts.Account(ctx, channels.CleanText(c.Params("account")))
	switch {
	case engine.IsCode(err, engine.NotFound):
		return nil, nil, nil
	case err != nil:
		return nil, nil, unavailable(c, err)
	case a == nil || a.Channel != c.Params("channel") || a.State == engine.AccountDisconnected:
		return nil, nil, nil
	}
	return ch, a, nil
}

// unavailable asks the platform to send it again: without the database nobody
// can be found.
func unavailable(c *fiber.Ctx, err error) error {
	c.Set(fiber.HeaderRetryAfter, "1")
	return errors.Join(fiber.ErrServiceUnavailable, err)
}

// refuse answers a webhook that could not be stored so that it comes again.
func (w *Webhooks) refuse(c *fiber.Ctx, a *engine.Account, err error) error {
	if errors.Is(err, inbox.ErrBusy) || errors.Is(err, context.DeadlineExceeded) || engine.IsCode(err, engine.Unavailable) {
		w.metrics.count(a.Channel, busy)
		return unavailable(c, err)
	}
	w.metrics.count(a.Channel, failed)
	return err
}

// request is the webhook as its channel reads it. The body is the one the
// server read, not a copy; of the headers a channel wants one or two.
func request(c *fiber.Ctx) *channels.Request {
	find := func(header string) string { return c.Get(header) }
	r := &channels.Request{Method: c.Method(), Find: find, Body: c.Request().Body()}
	if len(c.Request().URI().QueryString()) > 0 {
		r.Query = c.Queries()
	}
	return r
}

// answer writes what the platform expects, an empty 200 unless the channel says
// otherwise.
func answer(c *fiber.Ctx, r *channels.Response) error {
	if r == nil {
		c.Status(fiber.StatusOK)
		return nil
	}
	if r.ContentType != "" {
		c.Set(fiber.HeaderContentType, r.ContentType)
	}
	return c.Status(r.Status).Send(r.Body)
}
