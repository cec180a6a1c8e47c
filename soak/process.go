package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// stopTime is how long a process may take to stop when it is asked to: its
// grace and the release of what it holds.
const stopTime = 40 * time.Second

// process is one child, started again whenever it ends until it is stopped.
type process struct {
	name    string // serve1, work2 …
	program string
	args    []string
	env     []string
	log     string // path; all lives of the process write to it
	address string // host:port it serves at, "" when it does not
	clock   string // path of the file that moves its clock

	mu      sync.Mutex
	command *exec.Cmd // nil while it does not run
	gone    chan struct{}
	wanted  bool
	exits   []exit // that nobody had asked for
}

// exit is an end of a process that nobody had asked for.
type exit struct {
	how   string // as in: work1 ended by itself after 2.1s: exit status 1
	words []string
}

// errGone means that the process does not run just now.
var errGone = errors.New("it does not run")

// start begins a life of the process, which lasts until it is killed, stopped
// or ends by itself.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = true
	return p.begin()
}

func (p *process) begin() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own
	before, err := log.Stat()
	if err != nil {
		return err
	}
	c := exec.Command(p.program, p.args...)
	c.Env, c.Stdout, c.Stderr = p.env, log, log
	c.SysProcAttr = childAttributes()
	if err := c.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	gone, began := make(chan struct{}), time.Now()
	p.command, p.gone = c, gone
	go func() {
		err := c.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.command == c { // nobody has ended it
			p.command = nil
			if p.wanted {
				how := fmt.Sprintf("%s ended by itself after %v: %v", p.name, time.Since(began).Round(10*time.Millisecond), endOf(err))
				p.exits = append(p.exits, exit{how, lastLines(p.log, before.Size())})
			}
		}
		close(gone)
	}()
	return nil
}

// endOf names how a child has ended.
func endOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// kill ends the process at once, by SIGKILL, and returns when it is gone.
func (p *process) kill() error {
	p.mu.Lock()
	c, gone := p.command, p.gone
	p.command = nil
	p.mu.Unlock()
	if c == nil {
		return errGone
	}
	_ = c.Process.Kill() // gone already is fine
	<-gone
	return nil
}

// revive starts the process again where it should run and does not.
func (p *process) revive() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.wanted || p.command != nil {
		return nil
	}
	return p.begin()
}

// stop asks the process to end and reports how it did.
func (p *process) stop() error {
	p.mu.Lock()
	c, gone := p.command, p.gone
	p.command, p.wanted = nil, false
	p.mu.Unlock()
	if c == nil {
		return nil
	}
	_ = c.Process.Signal(os.Interrupt) // gone already is fine
	select {
	case <-gone:
	case <-time.After(stopTime):
		_ = c.Process.Kill()
		<-gone
		return fmt.Errorf("%s did not stop within %v", p.name, stopTime)
	}
	if code := c.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s was asked to stop and ended with %d", p.name, code)
	}
	return nil
}

// id is the process's own, 0 while it does not run.
func (p *process) id() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return 0
	}
	return p.command.Process.Pid
}

// ended lists the ends of the process that nobody had asked for.
func (p *process) ended() []exit {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.exits)
}
