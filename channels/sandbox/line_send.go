package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

const (
	failedToSend  = "Failed to send messages"
	badReplyToken = "Invalid reply token"
)

// sentMessage is what an answer says of each message.
type sentMessage struct {
	ID         string `json:"id"`
	QuoteToken string `json:"quoteToken,omitempty"`
}

// lineSend plays reply, push, multicast, narrowcast and broadcast. Everything
// about the call itself is checked before anything that depends on who it is
// for, and a refused call sends nothing to anyone.
func (s *Sandbox) lineSend(c *lineCall) lineAnswer {
	key, hasKey, refusal := c.retryKey()
	if refusal != nil {
		return *refusal
	}
	if problems := c.addressing(); len(problems) > 0 {
		return lineRefusal(problems...)
	}
	if r := linerules.Check(c.fields["messages"]); r != nil {
		return lineAnswer{status: http.StatusBadRequest, body: r}
	}
	var messages []json.RawMessage
	_ = json.Unmarshal(c.fields["messages"], &messages) // Check has read it

	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	hash := c.hash()
	if hasKey {
		if earlier, ok := c.account.retryKeys.get(key); ok && now.Sub(earlier.at) < retryKeyLife {
			return s.repeated(c, earlier, hash)
		}
	}
	to, refusal := s.resolve(c, now)
	if refusal != nil {
		return *refusal
	}
	call := &Call{
		At: now, Channel: c.account.channel, Account: c.account.name, Endpoint: c.endpoint,
		RetryKey: c.r.Header.Get(retryKeyHeader), RequestID: c.requestID, Messages: messages, Body: c.body,
	}
	reached := call.reach(to, now)
	if c.endpoint != LINEReply {
		call.Paid = len(reached)
		if !c.account.spend(call.Paid, now) {
			return lineError(http.StatusTooManyRequests, lineOverQuota)
		}
	} else if token, ok := c.text("replyToken"); ok {
		c.account.spendReplyToken(token)
	}
	first := s.messages + 1
	for range messages {
		s.messages++
		call.IDs = append(call.IDs, strconv.FormatInt(s.messages, 10))
	}
	if hasKey {
		a := accepted{at: now, hash: hash, requestID: c.requestID}
		if c.endpoint == LINEPush {
			a.firstID, a.messages = first, len(messages)
		}
		c.account.retryKeys.put(key, a)
	}
	c.account.days[string(c.endpoint)+lineDay(now)] += int64(len(reached))
	s.accept(&c.account.account, call, reached)
	return s.lineAccepted(c, call, first)
}

// reach notes whom a call is for, and returns those it comes to.
func (c *Call) reach(to []*person, now time.Time) (reached []*person) {
	for _, p := range to {
		c.To = append(c.To, p.ID)
		if p.reachable(now) {
			reached = append(reached, p)
			c.Reached = append(c.Reached, p.ID)
		}
	}
	return reached
}

// lineAccepted is the answer to an accepted call: the ids of its messages
// when it was for one person, else nothing.
func (s *Sandbox) lineAccepted(c *lineCall, call *Call, first int64) lineAnswer {
	switch c.endpoint {
	case LINEReply, LINEPush:
		return lineAnswer{status: http.StatusOK, body: map[string]any{"sentMessages": sentFrom(first, len(call.Messages))}}
	case LINENarrowcast:
		c.account.narrowcasts.put(c.requestID, call)
		return lineAnswer{status: http.StatusAccepted, body: struct{}{}}
	}
	return lineAnswer{status: http.StatusOK, body: struct{}{}}
}

func sentFrom(first int64, n int) []sentMessage {
	sent := make([]sentMessage, n)
	for i := range sent {
		id := strconv.FormatInt(first+int64(i), 10)
		sent[i] = sentMessage{ID: id, QuoteToken: "quote-" + id}
	}
	return sent
}

// resolve finds whom a call is for. The caller holds the lock.
func (s *Sandbox) resolve(c *lineCall, now time.Time) ([]*person, *lineAnswer) {
	refuse := func(a lineAnswer) ([]*person, *lineAnswer) { return nil, &a }
	switch c.endpoint {
	case LINEReply:
		text, _ := c.text("replyToken")
		token := c.account.replyToken(text, now)
		if token == nil {
			return refuse(lineError(http.StatusBadRequest, badReplyToken))
		}
		if slices.Contains(c.refused, token.person.ID) {
			s.struck(c)
			return refuse(lineError(http.StatusBadRequest, badReplyToken))
		}
		return []*person{token.person}, nil
	case LINEPush:
		id, _ := c.text("to")
		p := c.account.people[id]
		if p == nil {
			return refuse(lineError(http.StatusBadRequest, failedToSend))
		}
		if slices.Contains(c.refused, id) {
			s.struck(c)
			return refuse(lineError(http.StatusBadRequest, failedToSend))
		}
		return []*person{p}, nil
	case LINEMulticast:
		people, problems := s.resolveAll(c)
		if len(problems) > 0 {
			return refuse(lineRefusal(problems...))
		}
		return people, nil
	}
	var friends []*person
	for _, p := range c.account.list {
		if p.friend && !p.blocked {
			friends = append(friends, p)
		}
	}
	return friends, nil
}

func (s *Sandbox) resolveAll(c *lineCall) (people []*person, problems []linerules.Problem) {
	var to []string
	_ = json.Unmarshal(c.fields["to"], &to) // multicastTo has read it
	for i, id := range to {
		p := c.account.people[id]
		refused := len(c.refused) > 0 && slices.Contains(c.refused, id)
		if refused {
			s.struck(c)
		}
		switch {
		case p != nil && !refused:
			people = append(people, p)
		case p == nil && !refused && c.account.IgnoreUnknown:
		default:
			problems = append(problems, linerules.Problem{
				Message: "The user does not exist", Property: "to[" + strconv.Itoa(i) + "]",
			})
		}
	}
	return people, problems
}

// struck counts a refusal a fault asked for. The caller holds the lock.
func (s *Sandbox) struck(c *lineCall) { c.account.counts.Faults++ }

// recipients lists whom a call names, for the faults that look at it. The
// caller holds the lock.
func (s *Sandbox) recipients(c *lineCall) []string {
	switch c.endpoint {
	case LINEReply:
		token, _ := c.text("replyToken")
		if t, ok := c.account.replyTokens.get(token); ok {
			return []string{t.person.ID}
		}
	case LINEPush:
		if to, ok := c.text("to"); ok && to != "" {
			return []string{to}
		}
	case LINEMulticast:
		var to []string
		if json.Unmarshal(c.fields["to"], &to) == nil {
			return to
		}
	case LINELoading:
		if to, ok := c.text("chatId"); ok {
			return []string{to}
		}
	case LINEProfile:
		return []string{c.r.PathValue("id")}
	}
	return nil
}

// lineValidate plays the validate calls: the messages alone are looked at.
func (s *Sandbox) lineValidate(c *lineCall) lineAnswer {
	if r := linerules.Check(c.fields["messages"]); r != nil {
		return lineAnswer{status: http.StatusBadRequest, body: r}
	}
	return lineAnswer{status: http.StatusOK, body: struct{}{}}
}
