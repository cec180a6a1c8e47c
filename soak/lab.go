package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Where database and queue are; task soak sets both.
const (
	postgresVariable = "TEST_POSTGRES_URL"
	redisVariable    = "TEST_REDIS_URL"
)

// errCannot means that this machine lacks what a scenario needs.
var errCannot = errors.New("it cannot be played here")

// lab is what scenarios work with.
type lab struct {
	options
	postgres, redis string
	errs            io.Writer
	root            string // of the module
	scratch         string

	mu       sync.Mutex
	programs map[bool]string // built so far, by whether their clock can be moved
	ports    map[int]bool    // given to servers
}

func newLab(o options, errs io.Writer) (*lab, error) {
	l := &lab{options: o, postgres: os.Getenv(postgresVariable), redis: os.Getenv(redisVariable), errs: errs, programs: map[bool]string{}, ports: map[int]bool{}}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("find the module: %w", err)
	}
	l.root = string(bytes.TrimSpace(out))
	if o.keep != "" {
		if err := os.MkdirAll(o.keep, 0o755); err != nil {
			return nil, fmt.Errorf("-keep: %w", err)
		}
	}
	l.scratch, err = os.MkdirTemp("", "blockcast-soak-")
	return l, err
}

func (l *lab) close() error { return os.RemoveAll(l.scratch) }

// say tells whoever waits what happens.
func (l *lab) say(format string, args ...any) { fmt.Fprintf(l.errs, format+"\n", args...) }

// build makes the program, once; with a clock that can be moved when the
// scenario is about that. It is built as tests are, so that what they have
// compiled serves here, too.
func (l *lab) build(ctx context.Context, movable bool) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.programs[movable] != "" {
		return l.programs[movable], nil
	}
	program := filepath.Join(l.scratch, fmt.Sprintf("blockcast-%t", movable))
	args := []string{"build", "-o", program}
	if movable {
		overlay, err := l.overlay()
		if err != nil {
			return "", fmt.Errorf("build the program: %w", err)
		}
		args = append(args, "-overlay", overlay)
	}
	c := exec.CommandContext(ctx, "go", append(args, ".")...)
	c.Dir = l.root
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	l.programs[movable] = program
	return program, nil
}

// Ports for servers. Those the system gives to callers are higher: while a
// server is dead, a caller that tries again and again could be given its port.
const leastPort, mostPort = 20_000, 32_000

// freeAddress is a loopback address that nobody listens at, and that no other
// server of the lab was given: while that one is dead, its port looks free.
func (l *lab) freeAddress() (address string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err = errors.New("all were given away")
	for range 100 {
		port := leastPort + mathrand.IntN(mostPort-leastPort)
		if l.ports[port] {
			continue
		}
		address = fmt.Sprintf("127.0.0.1:%d", port)
		var listener net.Listener
		if listener, err = net.Listen("tcp", address); err == nil {
			l.ports[port] = true
			return address, listener.Close()
		}
	}
	return "", fmt.Errorf("find a free port: %w", err)
}

// moved is the clock of a program that is built with the overlay, and of none
// else: production code has no door for it.
//
//go:embed clock.go.txt
var moved []byte

// shortWatch is how often a program looks at its clock in a short run.
const shortWatch = 3 * time.Second

// overlay lets the compiler see a program whose clock follows a file.
func (l *lab) overlay() (string, error) {
	replace := map[string]string{}
	put := func(path string, text []byte) error {
		source := filepath.Join(l.scratch, strings.ReplaceAll(path, "/", "_"))
		replace[filepath.Join(l.root, path)] = source
		return os.WriteFile(source, text, 0o600)
	}
	edit := func(path, old, new string) error {
		text, err := os.ReadFile(filepath.Join(l.root, path))
		if err != nil {
			return err
		}
		if bytes.Count(text, []byte(old)) != 1 {
			return fmt.Errorf("%s does not say %q any more: tell the overlay how it is done now", path, old)
		}
		return put(path, bytes.Replace(text, []byte(old), []byte(new), 1))
	}
	if err := put("app/soak_clock.go", moved); err != nil {
		return "", err
	}
	if err := edit("app/wire.go", "local: time.Now}", "local: movedClock()}"); err != nil {
		return "", err
	}
	if l.short {
		if err := edit("app/clock.go", "clockInterval = time.Minute", fmt.Sprintf("clockInterval = time.Duration(%d)", shortWatch)); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(l.scratch, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}
