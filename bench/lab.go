package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Where database and queue are; task bench sets both.
const (
	postgresVariable = "TEST_POSTGRES_URL"
	redisVariable    = "TEST_REDIS_URL"
)

// lab is what benchmarks work with.
type lab struct {
	options
	servers servers
	errs    io.Writer
	root    string // of the module
	scratch string
	program string // "" until it was built
	// replaced are files of the module that the program is built with others for.
	replaced map[string]string
}

func newLab(o options, errs io.Writer) (*lab, error) {
	l := &lab{options: o, servers: serversOf(os.Getenv), errs: errs}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("find the module: %w", err)
	}
	l.root = string(bytes.TrimSpace(out))
	if l.scratch, err = os.MkdirTemp("", "blockcast-bench-"); err != nil {
		return nil, err
	}
	if o.profile == "" {
		return l, nil
	}
	if err := os.MkdirAll(o.profile, 0o755); err != nil {
		return nil, errors.Join(fmt.Errorf("-profile: %w", err), l.close())
	}
	return l, nil
}

func (l *lab) close() error { return os.RemoveAll(l.scratch) }

// say tells whoever waits what happens.
func (l *lab) say(format string, args ...any) { fmt.Fprintf(l.errs, format+"\n", args...) }

// busy is a warning when others use the machine, "" when they do not or nothing
// is known of it. loadavg is what Linux tells of the work of the last minutes.
func busy(loadavg []byte, processors int) string {
	first, _, _ := bytes.Cut(loadavg, []byte(" "))
	load, err := strconv.ParseFloat(string(first), 64)
	if err != nil || load <= float64(processors)/2 {
		return ""
	}
	return fmt.Sprintf("this machine is busy (load %s on %d processors): latencies and ratios will look worse than they are", first, processors)
}

// limit measures what Postgres does in a world of its own, so that the program
// finds its tables as the limit did.
func (l *lab) limit(ctx context.Context, measure func(*world, context.Context, span) (result, error)) (got result, err error) {
	w, err := newWorld(ctx, l.servers)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, w.end(ctx)) }()
	if got, err = measure(w, ctx, l.span()); err != nil {
		return got, fmt.Errorf("measure the limit: %w", err)
	}
	return got, nil
}

// around measures the limit before and after the program: a machine whose speed
// drifts meanwhile has been as slow for the one as for the other.
func (l *lab) around(ctx context.Context, measure func(*world, context.Context, span) (result, error), program func() error) (limit result, err error) {
	before, err := l.limit(ctx, measure)
	if err != nil {
		return limit, err
	}
	if err := program(); err != nil {
		return limit, err
	}
	after, err := l.limit(ctx, measure)
	return before.and(after), err
}

// profiler is added to the program, and only to the one built here, when
// profiles are wanted: production code has no door for it.
//
//go:embed profiler.go.txt
var profiler []byte

// build makes the program, once.
func (l *lab) build(ctx context.Context) error {
	if l.program != "" {
		return nil
	}
	program := filepath.Join(l.scratch, fmt.Sprintf("blockcast-%d", len(l.replaced)))
	args := []string{"build", "-trimpath", "-o", program}
	if l.profile != "" || len(l.replaced) > 0 {
		overlay, err := l.overlay()
		if err != nil {
			return fmt.Errorf("build the program: %w", err)
		}
		args = append(args, "-overlay", overlay)
	}
	c := exec.CommandContext(ctx, "go", append(args, ".")...)
	c.Dir = l.root
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	l.program = program
	return nil
}

// overlay writes the file that lets the compiler see the profiler among the
// program's own files, and others in the place of what is replaced.
func (l *lab) overlay() (string, error) {
	source := filepath.Join(l.scratch, "profiler.go")
	replace := maps.Clone(l.replaced)
	if replace == nil {
		replace = map[string]string{}
	}
	if l.profile != "" {
		replace[filepath.Join(l.root, "bench_profiler.go")] = source
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(l.scratch, "overlay.json")
	return path, errors.Join(os.WriteFile(source, profiler, 0o600), os.WriteFile(path, text, 0o600))
}
