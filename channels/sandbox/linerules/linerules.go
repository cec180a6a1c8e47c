// Package linerules knows what LINE publishes about message objects: which
// fields they need, how long these may be and which values they take. It
// answers in LINE's own error body, so that a message it finds no fault with
// is one LINE takes too, as far as the published rules go.
//
// It knows nothing of accounts, people, tokens or quotas, and it fetches no
// picture: sizes and formats of media behind a URL are not looked at.
package linerules

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// MaxMessages is how many message objects one call carries.
const MaxMessages = 5

// maxProblems bounds how many faults one answer lists.
const maxProblems = 50

// Problem is one fault and where it is. The place of a fault inside a flex
// container is a pointer into the container, as "/body/contents/0/text";
// everywhere else it is a path from the top, as "messages[0].text".
type Problem struct {
	Message  string `json:"message"`
	Property string `json:"property,omitempty"`
}

// Refusal is LINE's error body for a call whose messages are at fault.
type Refusal struct {
	Message string    `json:"message"`
	Details []Problem `json:"details,omitempty"`
}

// Error is the message with the first of its details.
func (r *Refusal) Error() string {
	if len(r.Details) == 0 {
		return r.Message
	}
	return fmt.Sprintf("%s: %s: %s", r.Message, r.Details[0].Property, r.Details[0].Message)
}

// Refuse makes the error body LINE gives for faults of a call's own fields.
func Refuse(problems ...Problem) *Refusal {
	return &Refusal{
		Message: fmt.Sprintf("The request body has %d error(s)", len(problems)),
		Details: problems,
	}
}

// Check reads the "messages" value of a call and tells what LINE would refuse
// it for; nil means nothing. An absent value is the empty slice.
func Check(messages []byte) *Refusal {
	if len(messages) == 0 || string(messages) == "null" {
		return Refuse(Problem{Message: "May not be empty", Property: "messages"})
	}
	var list []json.RawMessage
	if err := json.Unmarshal(messages, &list); err != nil {
		return Refuse(Problem{Message: "Must be an array of message objects", Property: "messages"})
	}
	if n := len(list); n < 1 || n > MaxMessages {
		return Refuse(Problem{Message: between("Size", 1, MaxMessages), Property: "messages"})
	}
	c := &checker{}
	for i, raw := range list {
		c.message(raw, "messages["+strconv.Itoa(i)+"]")
	}
	switch {
	case len(c.problems) > 0:
		return Refuse(c.problems...)
	case c.containers:
		return flexRefusal(list)
	}
	return nil
}

// flexRefusal looks into the flex containers, once the messages around them
// are in order: LINE reads containers after everything else, one message at a
// time, and names the message in the text and the place by a pointer.
func flexRefusal(list []json.RawMessage) *Refusal {
	for i, raw := range list {
		c := &checker{}
		c.flex(raw)
		if len(c.problems) > 0 {
			return &Refusal{
				Message: fmt.Sprintf("A message (messages[%d]) in the request body is invalid", i),
				Details: c.problems,
			}
		}
	}
	return nil
}

// checker gathers the faults of one call.
type checker struct {
	problems   []Problem
	containers bool // a flex message was among the messages
}

func (c *checker) fault(property, message string) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, Problem{Message: message, Property: property})
	}
}

func between(what string, low, high int) string {
	return fmt.Sprintf("%s must be between %d and %d", what, low, high)
}
