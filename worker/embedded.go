package worker

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// ageInterval is how often the embedded Redis is told that time has passed:
// its keys grow older by that alone.
const ageInterval = time.Second

// Embed starts a Redis inside this process, on a loopback port and behind a
// random password. It forgets everything when it is closed, which costs
// nothing but bells.
func Embed() (*Redis, error) {
	m := miniredis.NewMiniRedis()
	password := rand.Text()
	m.RequireAuth(password)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	client := redis.NewClient(&redis.Options{Addr: m.Addr(), Password: password, PoolSize: defaultPool})
	stop := age(m, ageInterval)
	var once sync.Once
	return &Redis{Client: client, space: defaultSpace, close: func() (err error) {
		once.Do(func() {
			stop()
			err = client.Close()
			m.Close()
		})
		return err
	}}, nil
}

// age lets the keys grow older as time passes, until the returned function is called.
func age(m *miniredis.Miniredis, every time.Duration) (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		t := time.NewTicker(every)
		defer t.Stop()
		var last time.Time
		for {
			select {
			case now := <-t.C:
				if !last.IsZero() {
					m.FastForward(now.Sub(last))
				}
				last = now
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}
