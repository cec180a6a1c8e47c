package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	on := func(channel string, contact int64, ago time.Duration, more ...func(*policy.Candidate)) policy.Candidate {
		c := policy.Candidate{
			Account:  &engine.Account{ID: channel, Name: "our " + channel, Channel: channel, State: engine.AccountActive},
			Identity: &engine.Identity{ID: contact*10 + int64(len(channel)), ContactID: contact},
		}
		if ago > 0 {
			c.Identity.LastInboundAt = now.Add(-ago)
		}
		for _, f := range more {
			f(&c)
		}
		return c
	}
	gone := func(c *policy.Candidate) { c.Identity.BlockedAt = now }
	away := func(c *policy.Candidate) { c.Account.State = engine.AccountDisconnected }
	free := func(c *policy.Candidate) { c.Free = true }
	second := func(c *policy.Candidate) { c.Account.ID = "second " + c.Account.ID }
	type list []policy.Candidate
	messenger := policy.Preference{Channel: "messenger"}
	onlyMessenger := policy.Preference{Channel: "messenger", Only: true}

	tests := []struct {
		name    string
		list    list
		prefer  policy.Preference
		want    int
		because string // a piece of it
		code    engine.ErrorCode
		message string // a piece of it
	}{
		{"the only one", list{on("line", 1, time.Hour)}, policy.Preference{}, 0, "the only one", "", ""},
		{"nobody", nil, policy.Preference{}, 0, "", engine.NotFound, "no connected"},
		{"the product's channel", list{on("line", 1, time.Minute), on("messenger", 1, 99*time.Hour)}, messenger, 1, "for messenger", "", ""},
		{"another where they have left it", list{on("line", 1, time.Hour), on("messenger", 1, time.Hour, gone)}, messenger, 0, "cannot be reached on messenger", "", ""},
		{"not where only it will do", list{on("line", 1, time.Hour), on("messenger", 1, time.Hour, gone)}, onlyMessenger, 1, "for messenger", "", ""},
		{"another where they are not on it", list{on("line", 1, time.Hour)}, messenger, 0, "cannot be reached on messenger", "", ""},
		{"an error where only it will do", list{on("line", 1, time.Hour)}, onlyMessenger, 0, "", engine.NotFound, "not known on messenger"},
		{"free before late", list{on("line", 1, time.Minute), on("messenger", 1, time.Hour)}, policy.Preference{}, 1, "for free", "", ""},
		{"a token is free too", list{on("line", 1, 10*time.Second, free), on("messenger", 1, time.Hour)}, policy.Preference{}, 0, "last heard", "", ""},
		{"the last heard from", list{on("line", 1, 3*time.Hour), on("line", 1, 2*time.Hour, second)}, policy.Preference{}, 1, "last heard", "", ""},
		{"a closed window is not free", list{on("line", 1, 3*time.Hour), on("messenger", 1, 99*time.Hour)}, policy.Preference{}, 0, "last heard", "", ""},
		{"never those who left", list{on("line", 1, time.Minute, gone), on("line", 1, 99*time.Hour, second)}, policy.Preference{}, 1, "only one of theirs", "", ""},
		{"nor on a dead account", list{on("line", 1, time.Minute, away), on("line", 1, 99*time.Hour, second)}, policy.Preference{}, 1, "only one of theirs", "", ""},
		{"someone, for the ledger", list{on("line", 1, 9*time.Hour, gone), on("line", 1, 2*time.Hour, second, gone)}, policy.Preference{}, 1, "none of their accounts", "", ""},
		{"nobody was ever heard", list{on("line", 2, 0, second), on("line", 1, 0)}, policy.Preference{}, 1, "oldest", "", ""},
		{"two people, two accounts", list{on("line", 1, 3*time.Hour), on("messenger", 2, 2*time.Hour)}, policy.Preference{}, 1, "free", "", ""},
		{"two people, one account", list{on("line", 7, time.Hour), on("line", 5, time.Minute)}, policy.Preference{}, 0, "", engine.Conflict, "contacts 5 and 7"},
		{"two people on an account that is not meant", list{on("line", 7, time.Hour), on("line", 5, time.Minute), on("messenger", 5, time.Hour)}, messenger, 2, "for messenger", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, because, err := policy.Choose(tt.list, tt.prefer, now)
			if tt.code != "" {
				var refused *engine.Error
				if !errors.As(err, &refused) || refused.Code != tt.code || !strings.Contains(refused.Message, tt.message) || refused.Field == "" {
					t.Fatalf("got %v (%+v), want %s: %s", err, refused, tt.code, tt.message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want || !strings.Contains(because, tt.because) {
				t.Errorf("got %d because %s; want %d because %s", got, because, tt.want, tt.because)
			}
		})
	}
}
