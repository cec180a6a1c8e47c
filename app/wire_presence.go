package app

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Roles of a process, as the status shows them.
const (
	roleServe     = "serve"
	roleServeOnly = "serve --no-worker"
	roleWork      = "work"
)

// presenceEvery is how often a process says that it is at work.
const presenceEvery = 10 * time.Second

// appear says that this process is at work, now and every few seconds, until
// the returned function takes it back.
func (i *instance) appear(ctx context.Context) (leave func() error) {
	p := engine.Running{ID: i.name, Role: i.parts.role, Version: version(), StartedAt: i.clock.Now()}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(presenceEvery)
		defer t.Stop()
		for {
			p.SeenAt, p.Apart = i.clock.Now(), i.clock.apart()
			if err := i.store.SeeProcess(ctx, p); err != nil && ctx.Err() == nil {
				i.log.Warn("presence", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	}()
	return func() error {
		cancel()
		<-done
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), presenceEvery)
		defer cancel()
		return i.store.LeaveProcess(ctx, p.ID)
	}
}
