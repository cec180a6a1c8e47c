package sandbox

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// Endpoint names a call of a platform's API, as "push".
type Endpoint string

// Call is an accepted order to send messages. Its slices are shared: read
// them, do not change them.
type Call struct {
	Seq       int64             `json:"seq"` // in the order of acceptance, with gaps
	At        time.Time         `json:"at"`
	Channel   channels.Kind     `json:"channel"`
	Account   string            `json:"account"` // its name here
	Endpoint  Endpoint          `json:"endpoint"`
	Route     string            `json:"route,omitempty"` // how Messenger was asked to send it, as RESPONSE or HUMAN_AGENT
	To        []string          `json:"to"`              // whom it was for, as far as the platform would know them
	Reached   []string          `json:"reached"`         // who got it: the others blocked the account, or never were its friends
	Paid      int               `json:"paid"`            // how much of the quota it took
	RetryKey  string            `json:"retry_key,omitempty"`
	RequestID string            `json:"request_id"`
	Messages  []json.RawMessage `json:"messages"`
	IDs       []string          `json:"message_ids"` // one per message
	Body      []byte            `json:"-"`           // the raw bytes
}

// Counts count everything since the start, whatever is kept of it.
type Counts struct {
	Requests    int64              `json:"requests"`    // calls to the API, refused ones too
	Accepted    map[Endpoint]int64 `json:"accepted"`    // accepted orders to send
	Refused     map[int]int64      `json:"refused"`     // answers of 400 and above, by status
	Messages    int64              `json:"messages"`    // accepted message objects
	Delivered   int64              `json:"delivered"`   // people reached; each counts once per call
	Undelivered int64              `json:"undelivered"` // people an accepted call did not reach
	Free        int64              `json:"free"`        // replies, and all messages of Messenger
	Paid        int64              `json:"paid"`        // what the quota counts
	Repeated    int64              `json:"repeated"`    // calls whose retry key had been accepted before
	Faults      int64              `json:"faults"`      // scripted faults that struck
	Events      int64              `json:"events"`      // webhook posts
	Unanswered  int64              `json:"unanswered"`  // webhook posts not answered by a 2xx
}

// countFault counts a scripted fault.
func (s *Sandbox) countFault(c *Counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Faults++
	s.notify()
}

// countRefusal counts a call that was refused with a status.
func (s *Sandbox) countRefusal(c *Counts, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.refused(status)
	s.notify()
}

// posted counts a webhook of an account, and logs one that nobody took.
func (s *Sandbox) posted(account string, counts *Counts, status int, err error) {
	s.mu.Lock()
	counts.Events++
	if err != nil {
		counts.Unanswered++
	}
	s.notify()
	s.mu.Unlock()
	if err != nil {
		s.config.Log.Warn("webhook", "account", account, "status", status, "error", err)
	}
}

func (c *Counts) refused(status int) {
	if c.Refused == nil {
		c.Refused = map[int]int64{}
	}
	c.Refused[status]++
}

func (c *Counts) accepted(call *Call) {
	if c.Accepted == nil {
		c.Accepted = map[Endpoint]int64{}
	}
	c.Accepted[call.Endpoint]++
	c.Messages += int64(len(call.IDs))
	c.Paid += int64(call.Paid)
	if call.Endpoint == LINEReply || call.Endpoint == MessengerSend {
		c.Free++
	}
}

func (c Counts) clone() Counts {
	c.Accepted, c.Refused = maps.Clone(c.Accepted), maps.Clone(c.Refused)
	return c
}

func (c *Counts) add(o Counts) {
	c.Requests += o.Requests
	c.Messages += o.Messages
	c.Delivered += o.Delivered
	c.Undelivered += o.Undelivered
	c.Free += o.Free
	c.Paid += o.Paid
	c.Repeated += o.Repeated
	c.Faults += o.Faults
	c.Events += o.Events
	c.Unanswered += o.Unanswered
	for k, v := range o.Accepted {
		c.Accepted[k] += v
	}
	for k, v := range o.Refused {
		c.Refused[k] += v
	}
}

// accept records a call that reached the given people. The caller holds the
// lock and has filled in everything but Seq.
func (s *Sandbox) accept(a *account, call *Call, reached []*person) {
	call.Seq = s.nextSequence()
	a.counts.accepted(call)
	a.counts.Delivered += int64(len(reached))
	a.counts.Undelivered += int64(len(call.To) - len(reached))
	s.calls.add(call)
	if s.config.History > 0 {
		entries := s.entriesOf(call)
		for _, p := range reached {
			p.loading = time.Time{}
			p.unread += len(entries)
			s.remember(p, entries...)
		}
	}
	s.notify()
}

// Counts sums up all accounts and what named none of them.
func (s *Sandbox) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum()
}

func (s *Sandbox) sum() Counts {
	total := s.stray.clone()
	if total.Accepted == nil {
		total.Accepted = map[Endpoint]int64{}
	}
	if total.Refused == nil {
		total.Refused = map[int]int64{}
	}
	for _, a := range s.accounts {
		total.add(a.counts)
	}
	return total
}

// Accepted lists the calls still kept, oldest first.
func (s *Sandbox) Accepted() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept("")
}

// AcceptedFor lists the kept calls for one person, whether they were reached
// or not, oldest first.
func (s *Sandbox) AcceptedFor(person string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept(person)
}

func (s *Sandbox) kept(person string) []Call {
	var calls []Call
	s.calls.each(func(c *Call) {
		if person == "" || slices.Contains(c.To, person) {
			calls = append(calls, *c)
		}
	})
	return calls
}

// State is what the condition of a Wait looks at. It is good during the call
// only, and the condition must not call the Sandbox itself.
type State struct{ s *Sandbox }

// Counts are of all calls until now.
func (st *State) Counts() Counts { return st.s.sum() }

// Accepted are the calls that were taken, the oldest first.
func (st *State) Accepted() []Call { return st.s.kept("") }

// AcceptedFor are those of them that are for a person.
func (st *State) AcceptedFor(person string) []Call { return st.s.kept(person) }

// Wait returns nil once the condition holds. It is looked at now and after
// every change; ctx ends the wait with its error.
func (s *Sandbox) Wait(ctx context.Context, holds func(*State) bool) error {
	for {
		s.mu.Lock()
		done := holds(&State{s})
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		changed := s.changed
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitFor waits until n calls for a person were accepted and returns them.
func (s *Sandbox) WaitFor(ctx context.Context, person string, n int) ([]Call, error) {
	var calls []Call
	err := s.Wait(ctx, func(st *State) bool {
		calls = st.AcceptedFor(person)
		return len(calls) >= n
	})
	return calls, err
}

// notify wakes who waits. The caller holds the lock.
func (s *Sandbox) notify() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	for st := range s.streams {
		st.wake()
	}
}
