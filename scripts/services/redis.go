//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os/exec"
	"strings"
	"syscall"
)

// startRedis serves an empty Redis under a random password.
func startRedis(ctx context.Context, base string) (*server, string, error) {
	program, err := redisProgram()
	if err != nil {
		return nil, "", err
	}
	dir, err := fresh(base, "redis")
	if err != nil {
		return nil, "", err
	}
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	password := rand.Text()
	s := &server{folder: dir, stopBy: syscall.SIGTERM}
	s.command = exec.Command(program, "-") // the password is nobody's business who lists processes
	s.command.Stdin = strings.NewReader(strings.Join([]string{
		"bind 127.0.0.1", "port " + port, "requirepass " + password, "dir " + dir,
		`save ""`, "appendonly no", "maxmemory-policy noeviction", "databases 16",
	}, "\n"))
	s.command.Dir = dir
	s.command.SysProcAttr = child(nil)
	ready := func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := launch(ctx, s, ready); err != nil {
		return nil, "", err
	}
	return s, "redis://:" + password + "@127.0.0.1:" + port + "/0", nil
}

// redisProgram is the server's path; Valkey speaks the same.
func redisProgram() (string, error) {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("redis-server is not installed")
}
