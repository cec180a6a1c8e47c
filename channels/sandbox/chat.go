package sandbox

import (
	"encoding/json"
	"time"
)

// Side says who an entry of a chat comes from.
type Side string

const (
	FromPerson  Side = "person"
	FromAccount Side = "account"
	Noted       Side = "note" // something that happened and was not said
)

// Entry is one line of a person's chat as their phone shows it.
type Entry struct {
	Seq     int64           `json:"seq"`
	Rev     int64           `json:"rev"` // rises when the entry changes
	At      time.Time       `json:"at"`
	From    Side            `json:"from"`
	Message json.RawMessage `json:"message,omitempty"` // in the platform's own form
	Note    string          `json:"note,omitempty"`

	// Of what the account sent:
	Endpoint  Endpoint `json:"endpoint,omitempty"`
	Route     string   `json:"route,omitempty"`
	RequestID string   `json:"request_id,omitempty"`
	RetryKey  string   `json:"retry_key,omitempty"`
	Last      bool     `json:"last,omitempty"` // the last message of its call: its quick replies show

	// Of what the person did:
	EventID string `json:"event_id,omitempty"`
	Status  int    `json:"status,omitempty"` // how the webhook was answered; 0: not yet
	Failure string `json:"failure,omitempty"`
}

// entriesOf makes the entries of a call, one per message. All who get the
// call share them.
func (s *Sandbox) entriesOf(call *Call) []*Entry {
	entries := make([]*Entry, len(call.Messages))
	for i, m := range call.Messages {
		seq := s.nextSequence()
		entries[i] = &Entry{
			Seq: seq, Rev: seq, At: call.At, From: FromAccount, Message: m,
			Endpoint: call.Endpoint, Route: call.Route, RequestID: call.RequestID, RetryKey: call.RetryKey,
			Last: i == len(call.Messages)-1,
		}
	}
	return entries
}

// remember adds entries to a person's chat. The caller holds the lock.
func (s *Sandbox) remember(p *person, entries ...*Entry) {
	if s.config.History < 0 || len(entries) == 0 {
		return
	}
	p.history = append(p.history, entries...)
	if extra := len(p.history) - s.config.History; extra > 0 {
		p.history = append(p.history[:0:0], p.history[extra:]...)
	}
	p.last = entries[len(entries)-1]
	s.mark(p)
}

// touch tells that something about a person changed. The caller holds the
// lock.
func (s *Sandbox) touch(p *person) {
	s.mark(p)
	s.notify()
}

// note writes what a person did into their chat.
func (s *Sandbox) note(p *person, e Entry) *Entry {
	e.Seq, e.At = s.nextSequence(), s.now()
	e.Rev = e.Seq
	s.remember(p, &e)
	s.notify()
	return &e
}

// Chat is what a person's phone shows, oldest first; nil when there is no
// such person.
func (s *Sandbox) Chat(account, person string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(account)
	if a == nil || a.people[person] == nil {
		return nil
	}
	entries := make([]Entry, 0, len(a.people[person].history))
	for _, e := range a.people[person].history {
		entries = append(entries, *e)
	}
	return entries
}
