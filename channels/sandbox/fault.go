package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

const (
	Latency     FaultKind = "latency"   // the answer takes between Min and Max
	Throttle    FaultKind = "throttle"  // 429, too many calls
	OverQuota   FaultKind = "quota"     // 429, the month's messages are used up
	ServerError FaultKind = "error"     // Status, or 500
	Lost        FaultKind = "lost"      // accepted, but the connection ends before the answer
	Reset       FaultKind = "reset"     // the connection ends before anything is accepted
	Refuse      FaultKind = "refuse"    // 400 for calls that name one of Users
	Revoked     FaultKind = "revoked"   // 401, on Messenger 400: the access token is not valid any more
	Malformed   FaultKind = "malformed" // 400, the platform does not take what is said
)

// Fault is something that goes wrong with calls to the platform's API. All
// conditions must hold for it to strike; of several outcomes the first listed
// strikes, and delays add up.
type Fault struct {
	Kind     FaultKind `json:"kind"`
	Account  string    `json:"account,omitempty"`  // only calls of this account
	Endpoint Endpoint  `json:"endpoint,omitempty"` // only calls to this endpoint, as push
	Users    []string  `json:"users,omitempty"`    // only calls for one of these people; Refuse needs them
	// Skip leaves that many calls alone first.
	Skip int `json:"skip,omitempty"`
	// Count is how often it strikes. 0: always.
	Count int `json:"count,omitempty"`
	// Probability of a call being struck, up to 1. 0: all are.
	Probability float64 `json:"probability,omitempty"`

	Min    Duration `json:"min,omitzero"`     // Latency
	Max    Duration `json:"max,omitzero"`     // Latency; default: Min
	Status int      `json:"status,omitempty"` // ServerError, 500 to 599
	// Bare leaves out the platform's own error body, as a proxy in front of
	// it would.
	Bare bool `json:"bare,omitempty"`
	// Accepted lets a ServerError strike only after the call was accepted.
	Accepted bool `json:"accepted,omitempty"`
}

// Duration is a time.Duration that JSON writes as "150ms".
type Duration time.Duration

// MarshalText writes it as time.Duration prints.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration does.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// FaultState is a fault and what came of it so far.
type FaultState struct {
	Fault
	Seen int `json:"seen"` // calls that met its conditions
	Hits int `json:"hits"` // calls it struck
}

// maxDelay bounds a scripted delay.
const maxDelay = 5 * time.Minute

type fault struct {
	FaultState
	rand *rand.Rand
}

// SetFaults replaces all scripted faults and starts their counts and chances
// anew; without faults everything works again.
func (s *Sandbox) SetFaults(faults ...Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*fault, len(faults))
	for i, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("faults[%d].%w", i, err)
		}
		list[i] = &fault{FaultState: FaultState{Fault: f}, rand: rand.New(rand.NewPCG(s.config.Seed, uint64(i)))}
	}
	s.faults = list
	return nil
}

// Faults lists the scripted faults with what came of them.
func (s *Sandbox) Faults() []FaultState {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := make([]FaultState, len(s.faults))
	for i, f := range s.faults {
		states[i] = f.FaultState
	}
	return states
}

func (f *Fault) check() error {
	kinds := []FaultKind{Latency, Throttle, OverQuota, ServerError, Lost, Reset, Refuse, Revoked, Malformed}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("kind: %q is none of %v", f.Kind, kinds)
	case f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("probability: %v is not between 0 and 1", f.Probability)
	case f.Skip < 0:
		return fmt.Errorf("skip: %d is negative", f.Skip)
	case f.Count < 0:
		return fmt.Errorf("count: %d is negative", f.Count)
	case f.Kind == Refuse && len(f.Users) == 0:
		return fmt.Errorf("users: name whom to refuse")
	case f.Min < 0 || time.Duration(f.Min) > maxDelay:
		return fmt.Errorf("min: not between 0s and %v", maxDelay)
	case f.Max != 0 && f.Max < f.Min || time.Duration(f.Max) > maxDelay:
		return fmt.Errorf("max: not between min and %v", maxDelay)
	case f.Status != 0 && (f.Kind != ServerError || f.Status < 500 || f.Status > 599):
		return fmt.Errorf("status: only for kind error, from 500 to 599")
	case f.Accepted && f.Kind != ServerError:
		return fmt.Errorf("accepted: only for kind error")
	}
	return nil
}

// trouble is what the faults do to one call.
type trouble struct {
	delay   time.Duration
	outcome *Fault
	refused []string // people not to be sent to
}

// strike decides what happens to a call for the given people.
func (s *Sandbox) strike(account string, e Endpoint, to func() []string) trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	var t trouble
	for _, f := range s.faults {
		if f.Kind != Latency && f.Kind != Refuse && t.outcome != nil || !f.meets(account, e, to) || !f.strikes() {
			continue
		}
		switch f.Kind {
		case Latency:
			t.delay += f.delay()
		case Refuse:
			t.refused = append(t.refused, f.Users...)
		default:
			one := f.Fault
			t.outcome = &one
		}
	}
	return t
}

func (f *fault) meets(account string, e Endpoint, to func() []string) bool {
	switch {
	case f.Account != "" && f.Account != account:
		return false
	case f.Endpoint != "" && f.Endpoint != e:
		return false
	case len(f.Users) > 0:
		return slices.ContainsFunc(to(), func(id string) bool { return slices.Contains(f.Users, id) })
	}
	return true
}

func (f *fault) strikes() bool {
	f.Seen++
	if f.Seen <= f.Skip || f.Count > 0 && f.Hits >= f.Count {
		return false
	}
	if f.Probability > 0 && f.rand.Float64() >= f.Probability {
		return false
	}
	f.Hits++
	return true
}

func (f *fault) delay() time.Duration {
	if f.Max <= f.Min {
		return time.Duration(f.Min)
	}
	return time.Duration(f.Min) + time.Duration(f.rand.Int64N(int64(f.Max-f.Min)+1))
}

// hold waits out a scripted delay. It goes on when the caller has given up:
// the platform would accept the call all the same.
func (s *Sandbox) hold(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closed:
	}
}

// hangUp ends the connection without an answer.
func hangUp() { panic(http.ErrAbortHandler) }
