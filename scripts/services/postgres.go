//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// startPostgres makes a database cluster and serves it under a random
// password. Unless durable, it does not wait for the disk.
func startPostgres(ctx context.Context, base string, durable bool) (*server, string, error) {
	programs, err := postgresPrograms()
	if err != nil {
		return nil, "", err
	}
	dir, err := fresh(base, "postgres")
	if err != nil {
		return nil, "", err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	password := rand.Text()
	if err := initialize(ctx, programs, dir, password, as); err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	port, err := freePort()
	if err != nil {
		return nil, "", err
	}
	disk := "off"
	if durable {
		disk = "on"
	}
	s := &server{folder: dir, stopBy: syscall.SIGINT} // a fast shutdown
	s.command = exec.Command(filepath.Join(programs, "postgres"), "-D", filepath.Join(dir, "data"),
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+port, "-c", "unix_socket_directories=",
		"-c", "max_connections=300", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB",
		"-c", "fsync="+disk, "-c", "synchronous_commit="+disk, "-c", "full_page_writes="+disk)
	s.command.Dir = dir
	s.command.SysProcAttr = child(as)
	ready := func(ctx context.Context) error {
		return exec.CommandContext(ctx, filepath.Join(programs, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port, "-U", "postgres").Run()
	}
	if err := launch(ctx, s, ready); err != nil {
		return nil, "", err
	}
	return s, "postgres://postgres:" + password + "@127.0.0.1:" + port + "/postgres?sslmode=disable", nil
}

// initialize makes the cluster in dir/data.
func initialize(ctx context.Context, programs, dir, password string, as *syscall.Credential) error {
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if as != nil {
		if err := os.Chown(secret, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	c := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "-D", filepath.Join(dir, "data"),
		"-U", "postgres", "--pwfile="+secret, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync")
	c.Dir = dir
	c.SysProcAttr = child(as)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, tail(string(out)))
	}
	return os.Remove(secret)
}

// unprivileged is the account Postgres runs under, because it refuses to be
// root; dir becomes its own. nil means: as we are.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, errors.New("there is neither a user postgres nor nobody to run it under")
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}

// postgresPrograms is the folder that has all the programs of the newest
// Postgres. Debian keeps them off the path.
func postgresPrograms() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(dirs, func(a, b string) int { return release(b) - release(a) })
	for _, pattern := range []string{"/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		dirs = append(dirs, more...)
	}
	dirs = append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
	for _, dir := range dirs {
		if has(dir, "initdb") && has(dir, "postgres") && has(dir, "pg_isready") {
			return dir, nil
		}
	}
	return "", errors.New("initdb, postgres and pg_isready are not installed")
}

func release(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

func has(dir, program string) bool {
	info, err := os.Stat(filepath.Join(dir, program))
	return err == nil && !info.IsDir() && info.Mode().Perm()&0o111 != 0
}
