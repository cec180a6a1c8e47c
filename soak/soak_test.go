package main

import (
	"os"
	"strings"
	"testing"
)

// TestKills plays the scenarios with kills for a moment, each with an instance
// of its own. task soak plays all scenarios, and for long.
func TestKills(t *testing.T) {
	if os.Getenv(postgresVariable) == "" || os.Getenv(redisVariable) == "" {
		t.Skipf("it takes minutes, and Postgres and Redis: task test sets %s and %s", postgresVariable, redisVariable)
	}
	t.Parallel()
	l, err := newLab(options{only: []string{"kills", "kills-embedded", "broadcast"}, kills: 20, people: 5000, seed: 1, rate: 20, short: true}, testLog{t})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range scenarios() {
		if !l.wants(s.name) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel() // most of the time of each is waiting for what was killed
			r, err := l.play(t.Context(), s)
			if err != nil && strings.Contains(err.Error(), errCannot.Error()) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Log("\n" + r.table())
			if len(r.wrong) > 0 {
				t.Fail()
			}
		})
	}
}

// testLog shows what the lab says.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
