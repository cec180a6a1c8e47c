package broadcast_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// shaky is a platform whose program fails in one place, once.
type shaky struct {
	*platform
	onRender, onSend, onCast string // to or of whom
}

func (s *shaky) Limits() channels.Limits {
	l := s.platform.Limits()
	if s.onCast != "" {
		l.MulticastSize, l.MulticastPerSecond = 10, 100
	}
	return l
}

func (s *shaky) trips(on *string, who string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *on != "" && strings.Contains(who, *on) {
		*on = "nobody"
		panic("the program fails")
	}
}

func (s *shaky) Render(messages []blocks.Message) []channels.Payload {
	for _, m := range messages {
		s.trips(&s.onRender, m.Part.(*blocks.Text).Text)
	}
	return s.platform.Render(messages)
}

func (s *shaky) Send(ctx context.Context, to channels.Target, p channels.Payload, k channels.Key) (*channels.Sent, error) {
	s.trips(&s.onSend, to.To)
	return s.platform.Send(ctx, to, p, k)
}

func (s *shaky) Multicast(ctx context.Context, _ channels.Account, to []string, p channels.Payload, k channels.Key) (*channels.Sent, error) {
	s.trips(&s.onCast, strings.Join(to, " "))
	for _, one := range to {
		if _, err := s.platform.Send(ctx, channels.Target{To: one}, p, k); err != nil {
			return nil, err
		}
	}
	return &channels.Sent{}, nil
}

// A row for which the program fails ends neither the process nor what is done
// for the others, and is seen to like one whose process died.
func TestAPanicEndsNobodyElsesMessages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shaky shaky
		block string
		alike bool // what people are told, so that they are told it together
		left  map[engine.Status]int64
	}{
		"while a message is made": {shaky: shaky{onRender: "P1!"}, left: map[engine.Status]int64{engine.SentOut: 4, engine.Queued: 1}},
		"in a call":               {shaky: shaky{onSend: "U001"}, left: map[engine.Status]int64{engine.SentOut: 4, engine.Sending: 1}},
		"in a multicast":          {shaky: shaky{onCast: "U001"}, alike: true, left: map[engine.Status]int64{engine.Sending: 5}},
		"of who goes alone":       {shaky: shaky{onSend: "U001"}, block: "survey", left: map[engine.Status]int64{engine.SentOut: 4, engine.Sending: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				s := c.shaky
				h := newHarnessOver(t, db, db, db, func(p *platform) channels.Channel {
					s.platform = p
					return &s
				})
				if c.alike {
					h.alike(5)
				} else {
					h.people(5)
				}
				p := plan()
				if c.block != "" {
					p.Content.Block, p.AllowQuestions = c.block, true
				}
				b, r := h.started(p)
				failed := h.workOn()
				if len(failed) != 1 || !strings.Contains(failed[0].Error(), "panic: the program fails") {
					t.Errorf("the work ended with %v", failed)
				}
				h.counts(r, c.left)
				for range 3 {
					h.clock.Pass(time.Minute)
					must(t, h.Tick(t.Context()))
					if failed := h.workOn(); failed != nil {
						t.Fatal(failed)
					}
				}
				h.counts(r, map[engine.Status]int64{engine.SentOut: 5})
				h.state(b, engine.BroadcastFinished)
			})
		})
	}
}

// workOn answers every bell that is due until none is, and returns what went
// wrong.
func (h *harness) workOn() (failed []error) {
	h.t.Helper()
	for range 1000 {
		if run, rung := take(&h.bells.mu, h.bells.runs, h.clock.Now()); rung {
			must(h.t, h.Work(h.t.Context(), run))
			continue
		}
		part, rung := take(&h.bells.mu, h.bells.ranges, h.clock.Now())
		if !rung {
			return failed
		}
		if err := h.WorkRange(h.t.Context(), part); err != nil {
			failed = append(failed, err)
		}
	}
	h.t.Fatal("the bells do not fall silent")
	return nil
}
