// Package outbox gives blocks and messages to people: it accepts orders,
// prepares each delivery once, chooses its route, calls the platform and keeps
// the ledger. What arrives from people, and turns, are the inbox's.
package outbox

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
)

// Named times of the ledger; each has its reason in the design of run time.
const (
	DefaultExpiry   = 24 * time.Hour   // of a send that names none
	ReplyExpiry     = 10 * time.Minute // an answer later than this helps nobody
	ReplyTokenLife  = 50 * time.Second // LINE promises about a minute from the webhook
	ReplyRetry      = 20 * time.Second // within which a reply with a lost answer is tried once more
	RetryKeyLife    = 23 * time.Hour   // LINE keeps retry keys 24 h
	attemptLease    = 90 * time.Second // longer than any call with its timeouts
	callLease       = 30 * time.Second // of which a call has as much left when it begins: twice its timeout
	leastLease      = 15 * time.Second // with less of it left no call is made: its timeout
	letGoTimeout    = 5 * time.Second  // for giving a row back when something went wrong
	firstBackoff    = time.Second
	longestBackoff  = 5 * time.Minute
	quotaBackoff    = 10 * time.Minute // a monthly limit may be a reservation that ends
	maxWarnings     = 20
	newNamesPerHour = 50 // undeclared attribute names a bot's callers may bring
)

// Config is what an Outbox is made of. None but Links may be nil.
type Config struct {
	Deps      engine.Deps
	Engine    *engine.Engine
	Libraries *engine.Libraries
	Ledger    Ledger
	Directory Directory
	Leases    Leases
	Channels  map[string]channels.Channel // by kind
	Bells     Bells
	Limiter   Limiter
	Secrets   func(ctx context.Context, botID string) func(name string) (string, bool)
	// Links returns the address of ours that leads by a link, of one delivery or
	// with 0 of all who are told the same. nil: no link is led.
	Links   func(l *engine.Link, deliveryID int64) string
	Metrics Metrics // nil fields count nothing
}

// Metrics is told what happens, for whoever counts.
type Metrics struct {
	Called  func(channel, route, outcome string, took time.Duration)
	Outcome func(channel string, status engine.Status, reason string)
	Waited  func(channel string, wait time.Duration)
	Refused func(channel, kind string)              // a call, by the kind of the error
	Sent    func(queue string, after time.Duration) // since it was wanted; queue: replies or sends
}

// Outbox accepts orders and works deliveries off. It is safe for concurrent
// use; several may run over one database.
type Outbox struct {
	Config
	log      *slog.Logger
	accept   *group.Committer[Stored, Result]
	newNames *nameBudget
	zones    sync.Map // IANA name → *time.Location
	granted  sync.Map // run → calls its last visit was granted, where its rate was used up
	forAll   forAll
	looked   atomic.Int64 // the row the reconciler's last look ended at, 0 when it saw all
}

// New makes an Outbox; Start runs it.
func New(c Config) *Outbox {
	o := &Outbox{Config: c, log: c.Deps.Log, newNames: newNameBudget(c.Deps.Now)}
	o.accept = group.New(group.Config[Stored, Result]{Commit: o.commit, Size: func(s Stored) int { return len(s.Send.Request) + 512 }})
	return o
}

// Start lets Accept commit. ctx must outlive every caller.
func (o *Outbox) Start(ctx context.Context) { o.accept.Start(ctx) }

// Stop commits what was taken and takes nothing more.
func (o *Outbox) Stop() { o.accept.Stop() }

// commit stores a batch of orders; when the batch fails for its data each
// order is tried alone, so that one bad order harms nobody else's.
func (o *Outbox) commit(ctx context.Context, orders []Stored) ([]Result, error) {
	results, err := o.Ledger.Accept(ctx, orders)
	if err == nil || len(orders) == 1 {
		return results, err
	}
	results = make([]Result, len(orders))
	for i := range orders {
		one, err := o.Ledger.Accept(ctx, orders[i:i+1])
		if err != nil {
			results[i] = Result{Err: err}
			continue
		}
		results[i] = one[0]
	}
	return results, nil
}

func (o *Outbox) channel(a *engine.Account) (channels.Channel, error) {
	ch, ok := o.Channels[a.Channel]
	if !ok {
		return nil, &engine.Error{Code: engine.Unsupported, Message: "the channel " + a.Channel + " is not part of this program"}
	}
	return ch, nil
}

// ChannelAccount is what a channel may know of an account: the platform's id and
// the credentials, and nothing of the bot.
func ChannelAccount(a *engine.Account) channels.Account {
	return channels.Account{ID: a.ID, ExternalID: a.ExternalID, Secrets: a.Secrets}
}
