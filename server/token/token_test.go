package token_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
)

type finder map[string]*engine.Token

func (f finder) Token(_ context.Context, hash string, _ time.Time) (*engine.Token, error) {
	return f[hash], nil
}

func TestFind(t *testing.T) {
	t.Parallel()
	known := &engine.Token{Hash: token.Hash("open sesame"), BotID: "b"}
	mixed := &engine.Token{Hash: token.Hash("another"), BotID: "b"}
	f := finder{known.Hash: known, token.Hash("stale"): mixed}
	for secret, want := range map[string]*engine.Token{
		"open sesame":            known,
		"Open sesame":            nil,
		"":                       nil,
		"stale":                  nil, // the store answered with another row
		strings.Repeat("a", 600): nil,
	} {
		got, err := token.Find(t.Context(), f, secret, time.Time{})
		if err != nil || got != want {
			t.Errorf("%.20q: got %v, %v", secret, got, err)
		}
	}
}

func TestNewSecret(t *testing.T) {
	t.Parallel()
	a, b := token.NewSecret(), token.NewSecret()
	if a == b || len(a) != 64 || strings.Trim(a, "0123456789abcdef") != "" {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestBearer(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"Bearer abc":    "abc",
		"bearer   abc ": "abc",
		"Basic abc":     "",
		"abc":           "",
		"":              "",
	} {
		if got := token.Bearer(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		scopes []string
		bot    string
		scope  string
		want   bool
	}{
		{"its own", []string{"send"}, "b", "send", true},
		{"another", []string{"send"}, "b", "read", false},
		{"admin", []string{"admin"}, "b", "flows", true},
		{"admin is no agent", []string{"admin"}, "b", "agent", false},
		{"admin is no instance", []string{"admin"}, "b", "instance", false},
		{"agent", []string{"send", "agent"}, "b", "agent", true},
		{"instance", []string{"instance"}, "", "admin", true},
		{"a bot's token cannot be an instance's", []string{"instance"}, "b", "admin", false},
	} {
		got := token.Allows(&engine.Token{Scopes: c.scopes, BotID: c.bot}, c.scope)
		if got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	own := &engine.Token{BotID: "b", Scopes: []string{"admin"}}
	all := &engine.Token{Scopes: []string{"instance"}}
	none := &engine.Token{Scopes: []string{"admin"}}
	if !token.Reaches(own, "b") || token.Reaches(own, "c") || !token.Reaches(all, "c") || token.Reaches(none, "") || token.Reaches(none, "b") {
		t.Error("a token reaches its bot, an instance token all, and one of neither nothing")
	}
}
