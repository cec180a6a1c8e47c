// Package sandbox plays messaging platforms: it answers the calls of their
// HTTP APIs as strictly as they do, signs and posts webhooks as they do, fails
// on request as they sometimes do, and keeps what it took with times and keys.
// A page shows the chats of its people as their phones would.
//
// Everything is in memory and nothing leaves the machine but webhooks. It
// knows no flow, contact or delivery: it stands where the platforms stand.
package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// Defaults of Config.
const (
	defaultKeep    = 10_000
	defaultHistory = 200
	defaultTimeout = 10 * time.Second
)

// Config says how a Sandbox works. Its zero value works.
type Config struct {
	// Now is the clock of tokens, keys, limits and records. Default: time.Now.
	Now func() time.Time
	// NewID makes unique texts, of which tokens and ids of the platforms are
	// derived. Default: 128 random bits.
	NewID func() string
	// Log hears of webhooks that were not taken. Default: nothing is logged.
	Log *slog.Logger
	// Client posts webhooks. Default: one that waits 10 seconds. (LINE itself
	// asks for an answer within 2.)
	Client *http.Client
	// Redeliver is for how long an event that the server cannot take now (it
	// answers 5xx) is delivered again. Default: it is not.
	Redeliver time.Duration
	// Keep is how many accepted calls are kept; counters stay exact whatever
	// it is. Default: 10,000. Negative: none.
	Keep int
	// History is how many entries the chat of one person keeps.
	// Default: 200. Negative: none.
	History int
	// Rates replaces the platform's own limit of an endpoint.
	Rates map[Endpoint]Rate
	// Unlimited lifts all rate limits, for benchmarks.
	Unlimited bool
	// Seed makes the faults that come by chance the same in every run.
	Seed uint64
}

// Sandbox is a set of played platform accounts and their people. It is safe
// for concurrent use.
type Sandbox struct {
	config Config
	mux    *http.ServeMux
	closed chan struct{}
	close  sync.Once

	mu        sync.Mutex
	accounts  []*account // in the order they were added
	line      map[string]*lineAccount
	bearers   map[string]*lineAccount // by access token
	messenger map[string]*messengerAccount
	pages     map[string]*messengerAccount // by id
	apps      map[string]*graphApp         // by id
	calls     ring
	stray     Counts // of calls that name no account of ours
	sequence  int64  // of calls and entries
	messages  int64  // the last message id
	faults    []*fault
	changed   chan struct{} // closed at the next change, when somebody waits
	streams   map[*stream]struct{}
}

// account is what accounts of all platforms share.
type account struct {
	name    string
	title   string // as people see it
	picture string
	channel channels.Kind
	people  map[string]*person
	list    []*person
	buckets map[Endpoint]*bucket // what the rates of its calls leave
	counts  Counts
}

// New makes a sandbox without accounts.
func New(c Config) *Sandbox {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = rand.Text
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: defaultTimeout}
	}
	if c.Keep == 0 {
		c.Keep = defaultKeep
	}
	if c.History == 0 {
		c.History = defaultHistory
	}
	s := &Sandbox{
		config:    c,
		closed:    make(chan struct{}),
		line:      map[string]*lineAccount{},
		bearers:   map[string]*lineAccount{},
		messenger: map[string]*messengerAccount{},
		pages:     map[string]*messengerAccount{},
		apps:      map[string]*graphApp{},
		calls:     ring{most: max(c.Keep, 0)},
		streams:   map[*stream]struct{}{},
		// Ids go on from the clock, so that a restarted sandbox gives no id twice.
		messages: c.Now().UnixMilli() * 100_000,
	}
	s.mux = s.routes()
	return s
}

// Handler serves the platforms' APIs, LINE's under /line and Meta's under
// /graph, and under /sandbox the page with its own API.
func (s *Sandbox) Handler() http.Handler { return s.mux }

// Close ends the page's event streams and what is told in the background, and
// wakes delayed calls, so that a
// server can shut down: give it to http.Server.RegisterOnShutdown.
func (s *Sandbox) Close() { s.close.Do(func() { close(s.closed) }) }

func (s *Sandbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	s.lineRoutes(mux)
	s.messengerRoutes(mux)
	s.pageRoutes(mux)
	return mux
}

// now is the time of a record.
func (s *Sandbox) now() time.Time { return s.config.Now().UTC().Truncate(time.Millisecond) }

// token is 32 hex digits nobody has seen before.
func (s *Sandbox) token() string {
	sum := sha256.Sum256([]byte(s.config.NewID()))
	return hex.EncodeToString(sum[:16])
}

// uuid is the form LINE gives its request ids.
func (s *Sandbox) uuid() string {
	t := s.token()
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", t[:8], t[8:12], t[13:16], t[17:20], t[20:])
}

// nextSequence numbers calls and entries in the order they happened. The
// caller holds the lock.
func (s *Sandbox) nextSequence() int64 {
	s.sequence++
	return s.sequence
}

func (s *Sandbox) account(name string) *account {
	for _, a := range s.accounts {
		if a.name == name {
			return a
		}
	}
	return nil
}
