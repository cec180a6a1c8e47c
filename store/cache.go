package store

import (
	"context"
	"sync"
	"time"
)

const (
	readAge   = time.Second // how old a token, a bot, an account, a type or an alias may be
	countAge  = time.Minute // how old a counted number may be
	cacheSize = 10_000      // entries of one cache
)

// cache keeps what was read for a while. Own writes forget it at once; those
// of other processes are seen when it is too old.
type cache[K comparable, V any] struct {
	now func() time.Time
	age time.Duration

	mu      sync.Mutex
	entries map[K]entry[V]
	epoch   int // raised by forget, so that a read that began before is not kept
}

type entry[V any] struct {
	value V
	until time.Time
}

func newCache[K comparable, V any](now func() time.Time, age time.Duration) *cache[K, V] {
	return &cache[K, V]{now: now, age: age, entries: map[K]entry[V]{}}
}

// get returns what is kept for k, or what read gives, which it keeps unless it
// is an error. The value is shared: nobody may change it.
func (c *cache[K, V]) get(k K, read func() (V, error)) (V, error) {
	now := c.now()
	c.mu.Lock()
	e, ok := c.entries[k]
	epoch := c.epoch
	c.mu.Unlock()
	if ok && now.Before(e.until) {
		return e.value, nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch {
		return v, nil
	}
	if len(c.entries) >= cacheSize {
		clear(c.entries)
	}
	c.entries[k] = entry[V]{v, now.Add(c.age)}
	return v, nil
}

// cached is c.get, except inside a transaction: what that reads nobody else may
// ever see.
func cached[K comparable, V any](ctx context.Context, c *cache[K, V], k K, read func() (V, error)) (V, error) {
	if _, inside := jointOf(ctx); inside {
		return read()
	}
	return c.get(k, read)
}

// forget drops what is kept for k.
func (c *cache[K, V]) forget(k K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	delete(c.entries, k)
}
