//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// install installs the packages of missing programs where it may, with apt as
// root, and says what to install where it may not.
func install(ctx context.Context) error {
	packages := missing()
	if len(packages) == 0 {
		return nil
	}
	apt, err := exec.LookPath("apt-get")
	if os.Geteuid() != 0 || err != nil {
		return fmt.Errorf("please install %s (Debian: sudo apt-get install %s), or set %s and %s",
			strings.Join(packages, " and "), strings.Join(packages, " "), postgresVar, redisVar)
	}
	fmt.Fprintln(os.Stderr, "services: installing", strings.Join(packages, " and "))
	arguments := append([]string{"install", "-y", "-qq", "--no-install-recommends"}, packages...)
	if aptRun(ctx, apt, arguments) == nil {
		return nil
	}
	if err := aptRun(ctx, apt, []string{"update", "-qq"}); err != nil {
		return err
	}
	return aptRun(ctx, apt, arguments)
}

// missing lists the packages of servers that must be started and cannot.
func missing() []string {
	var packages []string
	if _, err := postgresPrograms(); err != nil && os.Getenv(postgresVar) == "" {
		packages = append(packages, "postgresql")
	}
	if _, err := redisProgram(); err != nil && os.Getenv(redisVar) == "" {
		packages = append(packages, "redis-server")
	}
	return packages
}

// aptRun keeps apt's talk off the standard output, which is the command's.
func aptRun(ctx context.Context, apt string, arguments []string) error {
	c := exec.CommandContext(ctx, apt, arguments...)
	c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w", arguments[0], err)
	}
	return nil
}
