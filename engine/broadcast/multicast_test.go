package broadcast_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// caster is a platform that also takes one message for many people, all or
// nothing, and remembers retry keys.
type caster struct {
	*platform
	size int
	keys map[string]bool
	gone []string // whom it does not know
	// lose says whether the answer to the n-th multicast is lost after it was
	// taken.
	lose func(n int) bool
	made int
}

func (c *caster) Limits() channels.Limits {
	l := c.platform.Limits()
	l.MulticastSize, l.MulticastPerSecond = c.size, 100
	return l
}

func (c *caster) Multicast(_ context.Context, _ channels.Account, to []string, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	if c.keys[key.Retry] {
		return &channels.Sent{Repeated: true}, nil
	}
	var named []int
	for i, id := range to {
		if slices.Contains(c.gone, id) {
			named = append(named, i)
		}
	}
	if len(named) > 0 {
		return nil, &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Code: "400", Message: "the user does not exist", Recipients: named}
	}
	var text string
	if err := json.Unmarshal(p.Body, &text); err != nil {
		return nil, err
	}
	for _, id := range to {
		c.heard[id] = append(c.heard[id], text)
	}
	c.keys[key.Retry] = true
	c.casts = append(c.casts, to)
	if c.lose != nil && c.lose(c.made) {
		return nil, &channels.SendError{Kind: channels.KindDown, Scope: channels.ScopeAccount, Retry: channels.RetryUnknown, Message: "connection reset"}
	}
	return &channels.Sent{RequestID: "r"}, nil
}

// eachCaster gives a harness over a platform that takes multicasts.
func eachCaster(t *testing.T, size int, f func(t *testing.T, h *harness, c *caster)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := &caster{size: size, keys: map[string]bool{}}
		h := newHarnessOver(t, db, db, db, func(p *platform) channels.Channel {
			c.platform = p
			return c
		})
		f(t, h, c)
	})
}

// alike makes n people with the same first name.
func (h *harness) alike(n int) {
	h.t.Helper()
	h.named(n, func(int) string { return "Mai" })
}

func TestWhatIsTheSameGoesOutTogether(t *testing.T) {
	eachCaster(t, 10, func(t *testing.T, h *harness, c *caster) {
		h.alike(25)
		p := plan()
		p.Tags = []string{"greeted"}
		b, r := h.started(p)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 25})
		h.state(b, engine.BroadcastFinished)
		var sizes []int // the calls go out side by side, in any order
		for _, to := range c.casts {
			sizes = append(sizes, len(to))
		}
		slices.Sort(sizes)
		if c.made != 3 || !slices.Equal(sizes, []int{5, 10, 10}) {
			t.Errorf("%d multicasts, to %v", c.made, c.casts)
		}
		tag, err := h.db.Tag(t.Context(), h.bot.ID, "greeted")
		must(t, err)
		if tag.Contacts != 25 {
			t.Errorf("%d are tagged, want 25", tag.Contacts)
		}
	})
}

// TestWhatIsTheSameIsMadeOnce holds that a visit makes what all its rows are
// told once, together or one by one, and what each is told for each.
func TestWhatIsTheSameIsMadeOnce(t *testing.T) {
	name := func(i int) string { return fmt.Sprint("Mai ", i) }
	for what, c := range map[string]struct {
		size, made int
		named      func(int) string
	}{
		"together":     {10, 1, func(int) string { return "Mai" }},
		"one by one":   {0, 1, func(int) string { return "Mai" }},
		"each by name": {10, 25, name},
	} {
		t.Run(what, func(t *testing.T) {
			eachCaster(t, c.size, func(t *testing.T, h *harness, cast *caster) {
				h.named(25, c.named)
				before := cast.rendered
				_, r := h.started(plan())
				h.work()
				h.counts(r, map[engine.Status]int64{engine.SentOut: 25})
				if made := cast.rendered - before; made != c.made {
					t.Errorf("25 messages were made %d times, want %d", made, c.made)
				}
			})
		})
	}
}

func TestARefusalThatNamesPeopleFailsTheirs(t *testing.T) {
	eachCaster(t, 500, func(t *testing.T, h *harness, c *caster) {
		h.alike(20)
		c.gone = []string{"U003", "U017"}
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 18, engine.Failed: 2})
		h.state(b, engine.BroadcastFinished)
		if c.made != 2 || len(c.heard["U003"]) != 0 || len(c.heard["U004"]) != 1 {
			t.Errorf("%d multicasts; heard %v", c.made, c.heard)
		}
	})
}

func TestALostMulticastIsRepeatedWhole(t *testing.T) {
	eachCaster(t, 500, func(t *testing.T, h *harness, c *caster) {
		h.alike(20)
		c.lose = func(n int) bool { return n == 1 }
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.Sending: 20})
		h.clock.Pass(time.Minute)
		must(t, h.Tick(t.Context()))
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 20})
		h.state(b, engine.BroadcastFinished)
		if c.made != 2 || len(c.casts) != 1 {
			t.Errorf("%d multicasts, of which %d were taken anew", c.made, len(c.casts))
		}
	})
}

func TestABroadcastThatIsRefusedStopsAndSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		refusal channels.SendError
		state   engine.BroadcastState
		says    string
	}{
		"what is said": {channels.SendError{Kind: channels.KindContent, Message: "bad image"}, engine.BroadcastPaused, "refuses what is said"},
		"a template":   {channels.SendError{Kind: channels.KindTemplate, Message: "it was withdrawn"}, engine.BroadcastPaused, "refuses what is said"},
		"who has left": {channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Message: "blocked"}, engine.BroadcastPaused, "many people cannot be reached (60 of the last 60, 100%): they have blocked the account"},
		"some people":  {channels.SendError{Kind: channels.KindRestricted, Scope: channels.ScopeRecipient, Message: "not allowed"}, engine.BroadcastPaused, "does not let the account write to many people"},
		"quota":        {channels.SendError{Kind: channels.KindQuota, Retry: channels.RetryLater, Scope: channels.ScopeAccount, Message: "monthly limit"}, engine.BroadcastPaused, "2026-12-01"},
		"credentials":  {channels.SendError{Kind: channels.KindAuth, Retry: channels.RetryLater, Scope: channels.ScopeAccount, Message: "401"}, engine.BroadcastRunning, "is paused, its people wait"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.people(60)
				h.platform.answer = func(string, int) *channels.SendError { return &c.refusal }
				b, _ := h.started(plan())
				h.work()
				h.state(b, c.state)
				now, err := h.db.Broadcast(t.Context(), h.bot.ID, b.ID)
				must(t, err)
				if !strings.Contains(now.Reason, c.says) {
					t.Errorf("it says %q, want %q in it", now.Reason, c.says)
				}
				t.Log(now.Reason)
			})
		})
	}
}
