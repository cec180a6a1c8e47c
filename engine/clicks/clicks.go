// Package clicks counts taps on links: it makes the addresses of ours that lead
// to a target, finds where one leads, and keeps who tapped it. It knows no HTTP,
// and not what of a message a link is in.
package clicks

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
)

// Path is where the addresses begin, below the public one.
const Path = "/c/"

// Sizes and times.
const (
	remembered  = 10_000                 // links kept in memory
	linkAge     = time.Minute            // after which one is read again, if that can be done
	lookTime    = 2 * time.Second        // for finding where an address leads
	countWait   = 50 * time.Millisecond  // that somebody who taps may wait for their tap to be kept
	keepTime    = time.Minute            // for which a tap is tried to be kept
	firstRetry  = 100 * time.Millisecond // between two tries, then twice as long
	longestWait = 5 * time.Second
)

// Store keeps links and taps.
type Store interface {
	// Link returns where an address leads, nil when it is kept no more.
	Link(ctx context.Context, id string) (*engine.Link, error)
	// SaveClicks keeps taps, all or none of them.
	SaveClicks(ctx context.Context, taps []engine.Click) error
}

// What becomes of a tap, as Observe hears it.
const (
	Counted = "counted"
	Lost    = "lost" // the database was away for too long, or too many waited for it
)

// Config is what a Clicks is made of.
type Config struct {
	Store     Store
	Keys      [][]byte // sign the addresses: the first signs, each of them is believed
	PublicURL string   // below which people reach this instance
	Now       func() time.Time
	Log       *slog.Logger                   // nil: discards
	Observe   func(outcome string, taps int) // nil: nobody counts
}

// Clicks makes and opens addresses and counts taps. It is safe for concurrent
// use; several may run over one database.
type Clicks struct {
	Config
	signer signer
	known  *memory
	taps   *group.Committer[engine.Click, struct{}]
	ending chan struct{} // closed when taps that cannot be kept are waited for no longer
	end    sync.Once
}

// New makes a Clicks; Start lets it count. It panics without keys: its
// addresses could be made by anybody.
func New(c Config) *Clicks {
	if len(c.Keys) == 0 {
		panic("clicks: no key to sign with")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(string, int) {}
	}
	k := &Clicks{Config: c, signer: signer(c.Keys), known: newMemory(c.Now), ending: make(chan struct{})}
	k.taps = group.New(group.Config[engine.Click, struct{}]{Commit: k.commit, MaxWait: countWait, MaxCommit: keepTime})
	return k
}

// Address is the address that leads by a link, of one delivery or with 0 of all
// who are told the same.
func (k *Clicks) Address(l *engine.Link, deliveryID int64) string {
	return strings.TrimRight(k.PublicURL, "/") + Path + k.signer.token(l.ID, deliveryID)
}

// Start lets taps be kept. ctx must outlive every caller of Count.
func (k *Clicks) Start(ctx context.Context) { k.taps.Start(ctx) }

// Stop keeps the taps that were taken, by one more try each, and takes nothing
// more.
func (k *Clicks) Stop() {
	k.end.Do(func() { close(k.ending) })
	k.taps.Stop()
}
