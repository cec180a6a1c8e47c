package main

import (
	"sync"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// book keeps what was asked of the instance, and what it answered.
type book struct {
	mu     sync.Mutex
	events map[string]*event // by mark
	orders map[string]*order // by mark
}

// event is something a person wrote.
type event struct {
	mark    string
	account string
	person  string
	key     string // its id at the platform
	taken   bool   // the webhook was answered with 200
	tries   int
}

// order is a call of another system.
type order struct {
	mark    string
	kind    string
	account string
	person  string
	keyed   bool // with an Idempotency-Key: it is repeated until it is answered
	taken   bool // answered with success
	refused string
	sendID  string // where the answer tells it
	tries   int
}

func newBook() *book { return &book{events: map[string]*event{}, orders: map[string]*order{}} }

func (b *book) wrote(e *event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events[e.mark] = e
}

func (b *book) asked(o *order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders[o.mark] = o
}

// note changes an entry that others may look at.
func (b *book) note(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// told reads the outcome of a webhook.
func told(e *sandbox.Event, err error) bool { return err == nil && e != nil && e.Status == 200 }
