package outboxtest

import (
	"maps"
	"sync"
	"time"
)

// Bells remembers what was rung.
type Bells struct {
	mu         sync.Mutex
	Deliveries map[int64]time.Time
	Contacts   map[int64]time.Time
	Profiles   []int64
}

// RingDelivery implements outbox.Bells.
func (b *Bells) RingDelivery(id int64, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Deliveries == nil {
		b.Deliveries = map[int64]time.Time{}
	}
	b.Deliveries[id] = at
}

// RingContact implements outbox.Bells and inbox.Bells.
func (b *Bells) RingContact(id int64, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Contacts == nil {
		b.Contacts = map[int64]time.Time{}
	}
	b.Contacts[id] = at
}

// RingProfile implements inbox.Bells.
func (b *Bells) RingProfile(identityID int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Profiles = append(b.Profiles, identityID)
}

// Rung returns the contacts that were rung for and when their time comes.
func (b *Bells) Rung() map[int64]time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.Contacts)
}

// TakeContacts is Rung, and forgets them.
func (b *Bells) TakeContacts() map[int64]time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	rung := b.Contacts
	b.Contacts = nil
	return rung
}
