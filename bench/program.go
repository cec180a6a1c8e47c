package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Times of the program under test.
const (
	startTime = 30 * time.Second
	stopTime  = 20 * time.Second
)

// servesWord is what the program prints before its address.
const servesWord = "blockcast serves "

// program is a running `blockcast serve`.
type program struct {
	address string // host:port
	command *exec.Cmd
	log     string // path
	pprof   string // address of its profiles, "" without
	done    chan error
}

// serve starts the program over a world and returns when it serves.
func (l *lab) serve(ctx context.Context, w *world, args ...string) (*program, error) {
	if err := l.build(ctx); err != nil {
		return nil, err
	}
	p := &program{log: filepath.Join(l.scratch, w.name+".log"), done: make(chan error, 1)}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the program has its own
	p.command = exec.Command(l.program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p.command.Dir = l.scratch
	p.command.Stderr = log
	p.command.Env = append(environment(),
		"BLOCKCAST_DATA="+filepath.Join(l.scratch, "data"),
		"BLOCKCAST_DATABASE_URL="+w.database.url,
		"BLOCKCAST_REDIS_URL="+w.redis,
		"BLOCKCAST_REDIS_SPACE="+w.name,
		"BLOCKCAST_SECRET_KEY="+w.key,
	)
	pprof := filepath.Join(l.scratch, w.name+".pprof")
	if l.profile != "" {
		p.command.Env = append(p.command.Env, "BENCH_PPROF="+pprof)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start the program: %w", err)
	}
	if err := p.awaitAddress(ctx, out); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	if l.profile != "" {
		address, err := os.ReadFile(pprof)
		if err != nil {
			return nil, errors.Join(err, p.stop())
		}
		p.pprof = string(address)
	}
	return p, nil
}

// environment is ours without settings of blockcast that stand in it.
func environment() []string {
	var out []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BLOCKCAST_") {
			out = append(out, v)
		}
	}
	return out
}

// awaitAddress waits until the program says where it serves. What it prints
// later is thrown away.
func (p *program) awaitAddress(ctx context.Context, out io.Reader) error {
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if url, ok := strings.CutPrefix(lines.Text(), servesWord); ok {
				found <- url
			}
		}
		p.done <- p.command.Wait()
	}()
	select {
	case url := <-found:
		p.address = strings.TrimPrefix(url, "http://")
		return nil
	case err := <-p.done:
		p.done <- nil // stop has nothing to add
		return fmt.Errorf("the program ended at once (%v): %s", err, p.lastWords())
	case <-time.After(startTime):
		return fmt.Errorf("the program does not serve after %v: %s", startTime, p.lastWords())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lastWords is the end of the program's log, or what it panicked with.
func (p *program) lastWords() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return lastWords(string(text))
}

func lastWords(log string) string {
	const most = 1000
	if i := strings.Index(log, "panic: "); i >= 0 {
		return strings.TrimSpace(log[i:min(len(log), i+most)])
	}
	return strings.TrimSpace(log[max(0, len(log)-most):])
}

// stop ends the program, by force when it does not listen. A second stop does
// nothing.
func (p *program) stop() error {
	if p.command.Process == nil {
		return nil
	}
	_ = p.command.Process.Signal(os.Interrupt) // gone already is fine
	select {
	case err := <-p.done:
		p.done <- nil
		if err != nil {
			return fmt.Errorf("the program ended with %w: %s", err, p.lastWords())
		}
		return nil
	case <-time.After(stopTime):
		_ = p.command.Process.Kill()
		<-p.done
		p.done <- nil
		return fmt.Errorf("the program did not stop within %v: %s", stopTime, p.lastWords())
	}
}

// profiled runs f, meanwhile taking a CPU profile of the program and after it
// one of its allocations, if profiles are wanted.
func (l *lab) profiled(ctx context.Context, p *program, name string, f func() error) error {
	if p.pprof == "" {
		return f()
	}
	taken := make(chan error, 1)
	go func() {
		seconds := max(1, int(l.span().measured.Seconds()))
		taken <- p.take(ctx, fmt.Sprintf("profile?seconds=%d", seconds), filepath.Join(l.profile, name+".cpu.pprof"))
	}()
	err := f()
	return errors.Join(err, <-taken, p.take(ctx, "allocs", filepath.Join(l.profile, name+".allocs.pprof")))
}

// take writes one of the program's profiles to a file.
func (p *program) take(ctx context.Context, which, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.pprof+"/debug/pprof/"+which, nil)
	if err != nil {
		return fmt.Errorf("take a profile: %w", err)
	}
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("take a profile: %w", err)
	}
	defer got.Body.Close()
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("take a profile: %w", err)
	}
	_, err = io.Copy(file, got.Body)
	return errors.Join(err, file.Close())
}
