package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Times of the supervisor.
const (
	reviveEvery = 250 * time.Millisecond
	readyTime   = 60 * time.Second
)

// cluster is all processes of a run. Like the supervisor of a real machine it
// starts again what has ended.
type cluster struct {
	processes []*process
	turn      atomic.Uint64 // of the servers
	client    *http.Client
	halt      context.CancelFunc
	done      sync.WaitGroup
}

// start lets everything run and begins to watch it.
func (c *cluster) start(ctx context.Context) error {
	for _, p := range c.processes {
		if err := p.start(); err != nil {
			return err
		}
	}
	c.watch(ctx)
	return c.ready(ctx)
}

func (c *cluster) watch(ctx context.Context) {
	ctx, c.halt = context.WithCancel(ctx)
	c.done.Go(func() {
		t := time.NewTicker(reviveEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			for _, p := range c.processes {
				_ = p.revive() // else at the next tick
			}
		}
	})
}

// ready waits until every server answers that it has all it needs.
func (c *cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for _, p := range c.processes {
		if p.address == "" {
			continue
		}
		for !c.answers(ctx, p) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s is not ready after %v; its log ends with: %s", p.name, readyTime, lastWords(p.log))
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

func (c *cluster) answers(ctx context.Context, p *process) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := c.client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// server is the address of one of the servers, each in turn, whether or not it
// runs: a caller outside knows no better.
func (c *cluster) server() string {
	var all []string
	for _, p := range c.processes {
		if p.address != "" {
			all = append(all, p.address)
		}
	}
	return all[c.turn.Add(1)%uint64(len(all))]
}

// senders are the processes that make calls to platforms.
func (c *cluster) senders() []*process {
	if len(c.processes) == 1 {
		return c.processes
	}
	var out []*process
	for _, p := range c.processes {
		if p.address == "" {
			out = append(out, p)
		}
	}
	return out
}

func (c *cluster) named(name string) *process {
	for _, p := range c.processes {
		if p.name == name {
			return p
		}
	}
	return nil
}

// owners is how the processes that run now name themselves in leases, in part:
// what a killed one has held is nobody's once its time is over.
func (c *cluster) owners() []string {
	var out []string
	for _, p := range c.processes {
		if id := p.id(); id != 0 {
			out = append(out, fmt.Sprintf("/%d/", id))
		}
	}
	return append(out, "embedded")
}

// killAll kills every process and lets none start again.
func (c *cluster) killAll() {
	c.rest()
	for _, p := range c.processes {
		_ = p.kill() // what does not run need not be killed
	}
}

// stop asks all processes to end, all at once.
func (c *cluster) stop() error {
	c.rest()
	errs := make([]error, len(c.processes))
	var wait sync.WaitGroup
	for i, p := range c.processes {
		wait.Go(func() { errs[i] = p.stop() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// rest ends the supervisor; what runs goes on.
func (c *cluster) rest() {
	if c.halt != nil {
		c.halt()
		c.done.Wait()
	}
}
