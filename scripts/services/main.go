//go:build unix

// Command services runs a command beside a private Postgres and Redis, which
// it starts on free loopback ports and stops again:
//
//	go run ./scripts/services [-durable] -- go test ./...
//
// The command finds them in TEST_POSTGRES_URL and TEST_REDIS_URL. Where one of
// these is set already, that server is used and none is started. Their data
// lives in .services/ and is removed at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// Names the command finds the servers under.
const (
	postgresVar = "TEST_POSTGRES_URL"
	redisVar    = "TEST_REDIS_URL"
)

func main() {
	runtime.LockOSThread() // the servers die with the thread that started them
	durable := flag.Bool("durable", false, "let Postgres wait for the disk, as benchmarks need it")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: services [-durable] -- command …")
		os.Exit(2)
	}
	code, err := run(flag.Args(), *durable)
	if err != nil {
		fmt.Fprintln(os.Stderr, "services:", err)
	}
	os.Exit(code)
}

// run starts what is missing, runs the command and returns its exit code.
func run(command []string, durable bool) (code int, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	base, err := folder()
	if err != nil {
		return 1, err
	}
	if err := install(ctx); err != nil {
		return 1, err
	}
	var started []*server
	defer func() {
		for _, s := range started {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, k := range kinds(durable) {
		if os.Getenv(k.variable) != "" {
			continue
		}
		s, url, err := k.start(ctx, base)
		if err != nil {
			return 1, fmt.Errorf("start %s: %w", k.name, err)
		}
		started = append(started, s)
		if err := os.Setenv(k.variable, url); err != nil {
			return 1, err
		}
	}
	return execute(ctx, command)
}

// kind is one sort of server.
type kind struct {
	name     string
	variable string
	start    func(ctx context.Context, base string) (*server, string, error)
}

func kinds(durable bool) []kind {
	return []kind{
		{"Postgres", postgresVar, func(ctx context.Context, base string) (*server, string, error) {
			return startPostgres(ctx, base, durable)
		}},
		{"Redis", redisVar, startRedis},
	}
}

// execute runs the command in the foreground.
func execute(ctx context.Context, command []string) (int, error) {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = patience
	err := c.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
