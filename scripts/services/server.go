//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Times of starting and stopping.
const (
	patience = 20 * time.Second
	glance   = 50 * time.Millisecond
)

// server is a started program and the folder it lives in.
type server struct {
	command *exec.Cmd
	folder  string
	done    chan error
	stopBy  syscall.Signal
}

// launch starts a program in a folder, its output going to a log there, and
// waits until ready says so.
func launch(ctx context.Context, s *server, ready func(context.Context) error) error {
	logPath := filepath.Join(s.folder, "log")
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	defer log.Close()
	s.command.Stdout, s.command.Stderr = log, log
	if err := s.command.Start(); err != nil {
		return err
	}
	s.done = make(chan error, 1)
	go func() { s.done <- s.command.Wait() }()

	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for ready(ctx) != nil {
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("it is not ready after %v", patience), s.stop())
		case err := <-s.done:
			s.done <- err
			text, _ := os.ReadFile(logPath)
			return errors.Join(fmt.Errorf("it ended at once (%v):\n%s", err, tail(string(text))), s.stop())
		case <-time.After(glance):
		}
	}
	return nil
}

// stop ends the program, by force when it does not listen, and removes its
// folder.
func (s *server) stop() error {
	_ = s.command.Process.Signal(s.stopBy) // gone already is fine
	select {
	case <-s.done:
	case <-time.After(patience):
		_ = s.command.Process.Kill()
		<-s.done
	}
	return os.RemoveAll(s.folder)
}

// folder makes the place for the servers' data and clears what servers of
// processes that are gone have left in it.
func folder() (string, error) {
	base, err := filepath.Abs(".services")
	if err != nil {
		return "", err
	}
	if os.Geteuid() == 0 && !open(base) {
		// The account that Postgres runs under could not get there.
		base = filepath.Join(os.TempDir(), "blockcast-services")
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(base)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		_, pid, _ := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(pid); err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			if err := os.RemoveAll(filepath.Join(base, e.Name())); err != nil {
				return "", err
			}
		}
	}
	return base, nil
}

// open reports whether any account can walk to a path.
func open(path string) bool {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// fresh makes an empty folder for one server of this process.
func fresh(base, name string) (string, error) {
	path := filepath.Join(base, name+"-"+strconv.Itoa(os.Getpid()))
	if err := os.RemoveAll(path); err != nil {
		return "", err
	}
	return path, os.MkdirAll(path, 0o700)
}

// freePort returns a loopback port that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func tail(s string) string {
	const most = 2000
	return s[max(0, len(s)-most):]
}
