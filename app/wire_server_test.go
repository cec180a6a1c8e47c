package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// What is not ready is said to everybody, and why to the log alone.
func TestReadinessNamesNoHosts(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	i := &instance{log: newLog(&log, slog.LevelWarn, "text")}
	var fault error
	c := i.check("database", func(context.Context) error { return fault }, "it does not answer")
	if err := c.Run(t.Context()); err != nil || log.Len() > 0 {
		t.Errorf("all is well: %v, %s", err, &log)
	}
	fault = errors.New("dial tcp 10.0.0.5:5432: refused")
	if err := c.Run(t.Context()); err == nil || err.Error() != "it does not answer" {
		t.Errorf("it says %v", err)
	}
	if !strings.Contains(log.String(), "10.0.0.5") || !strings.Contains(log.String(), "check=database") {
		t.Errorf("the log says %q", &log)
	}
}
