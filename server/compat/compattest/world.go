package compattest

import (
	"sync"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/token"
)

// Orders remembers what the outbox of a world was asked last. Its zero value
// has been asked nothing.
type Orders struct {
	mu   sync.Mutex
	last *outbox.Order
}

// Note remembers an order.
func (o *Orders) Note(given outbox.Order) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = &given
}

// Last is the order of the last call, nil when it gave none.
func (o *Orders) Last() *outbox.Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

// Forget implements World.
func (o *Orders) Forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = nil
}

// Record implements World.
func (o *Orders) Record() []byte {
	if last := o.Last(); last != nil {
		return last.Request
	}
	return nil
}

// Tokens are those of a world.
type Tokens struct {
	BySecret map[string]engine.Token
	Busy     string // the secret of one whose rate is used up
	PerBot   bool   // the rate is the bot's
}

// Find finds a token by the hash of its secret, nil when there is none.
func (k Tokens) Find(hash string) (*engine.Token, error) {
	if hash == token.Hash(k.Busy) {
		return nil, &token.OverLimit{Wait: 2 * time.Second, PerBot: k.PerBot}
	}
	for secret, t := range k.BySecret {
		if token.Hash(secret) == hash {
			t.Hash = hash
			return &t, nil
		}
	}
	return nil, nil
}
