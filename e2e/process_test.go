package e2e_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/app"
)

// serve starts a server and returns what stops it.
func (w *world) serve(args ...string) (stop func()) {
	w.t.Helper()
	base, stop := w.run("blockcast serves ", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	if w.base == "" {
		w.base = base
	}
	return stop
}

// run starts a command that goes on, and returns what it printed after ready.
func (w *world) run(ready string, args ...string) (said string, stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out := &screen{line: make(chan string, 64)}
	errs := &screen{}
	ended := make(chan int, 1)
	go func() { ended <- app.Main(ctx, args, w.process(out, errs)) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case code := <-ended:
				if code != 0 {
					w.t.Errorf("%v ended with %d: %s", args, code, errs.text())
				}
			case <-time.After(patience):
				w.t.Errorf("%v does not stop", args)
			}
			switch log := errs.text(); {
			case w.unforeseen(log):
				w.t.Errorf("%v logged: %s", args, log)
			case w.t.Failed() && log != "":
				w.t.Logf("%v logged: %s", args, log)
			}
		})
	}
	w.t.Cleanup(stop)
	limit := time.After(patience)
	for {
		select {
		case line := <-out.line:
			if after, ok := strings.CutPrefix(line, ready); ok {
				return strings.TrimSpace(after), stop
			}
		case code := <-ended:
			ended <- code
			w.t.Fatalf("%v ended with %d: %s", args, code, errs.text())
		case <-limit:
			w.t.Fatalf("%v does not say %q: %s", args, ready, errs.text())
		}
	}
}

func (w *world) process(out, errs io.Writer) *app.Process {
	return &app.Process{In: strings.NewReader(""), Out: out, Err: errs, Lookup: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok }}
}

// cli runs a command to its end and returns what it printed.
func (w *world) cli(args ...string) string {
	w.t.Helper()
	out, errs, code := w.tries(args...)
	if code != 0 {
		w.t.Fatalf("blockcast %s ended with %d: %s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// unforeseen reports whether a log has an error that the case did not mean.
func (w *world) unforeseen(log string) bool {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "level=ERROR") && (w.foreseen == "" || !strings.Contains(line, w.foreseen)) {
			return true
		}
	}
	return false
}

func (w *world) tries(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = app.Main(w.t.Context(), args, w.process(&o, &e))
	return o.String(), e.String(), code
}

// screen takes what a command prints, and gives it line by line to who waits.
type screen struct {
	mu   sync.Mutex
	all  bytes.Buffer
	rest string
	line chan string
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Write(p)
	if s.line == nil {
		return len(p), nil
	}
	s.rest += string(p)
	for {
		line, rest, ok := strings.Cut(s.rest, "\n")
		if !ok {
			return len(p), nil
		}
		s.rest = rest
		select {
		case s.line <- line:
		default:
		}
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}
