// Package messengerrules knows what Meta publishes about Messenger's message
// objects: which fields they need, how long these may be and how many there
// are. It answers with Meta's own error, so that a message it finds no fault
// with is one Messenger takes too, as far as the published rules go.
//
// It knows nothing of Pages, people, tokens, windows or tags, and it fetches
// no picture: what is behind a URL is not looked at.
package messengerrules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// InvalidParameter is the code of all faults of a message.
const InvalidParameter = 100

// Problem is what Meta would refuse a message for.
type Problem struct {
	Code    int
	Subcode int // 0: none
	Message string
}

// Error is the problem as Meta words it, its code first.
func (p *Problem) Error() string { return fmt.Sprintf("(#%d) %s", p.Code, p.Message) }

// Check reads the "message" value of a Send API call and tells what Meta would
// refuse it for; nil means nothing. An absent value is the empty slice.
func Check(message []byte) *Problem {
	c := &checker{}
	var v any
	if len(message) == 0 || json.Unmarshal(message, &v) != nil || v == nil {
		c.fault("message", "is required")
		return c.problem
	}
	if o, ok := c.object(v, "message"); ok {
		c.message(o)
	}
	return c.problem
}

// units counts a text in UTF-16 units, as Meta's longest reading of
// "characters".
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// checker keeps the first fault: Meta tells of no more.
type checker struct {
	problem *Problem
}

func (c *checker) fault(place, what string) { c.faultOf(0, place, what) }

func (c *checker) faultOf(subcode int, place, what string) {
	if c.problem == nil {
		c.problem = &Problem{Code: InvalidParameter, Subcode: subcode, Message: "Param " + place + " " + what}
	}
}

// object is a JSON object and where it stands.
type object struct {
	fields map[string]any
	place  string
}

func (o object) at(key string) string { return o.place + "[" + key + "]" }

func (o object) has(key string) bool { return o.fields[key] != nil }

func (c *checker) object(v any, place string) (object, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		c.fault(place, "must be an object")
	}
	return object{m, place}, ok
}

// child is an object field that must be there.
func (c *checker) child(o object, key string) (object, bool) {
	return c.object(o.fields[key], o.at(key))
}

// keys refuses fields Meta does not know.
func (c *checker) keys(o object, known ...string) {
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(known, key) {
			c.fault(o.place, fmt.Sprintf("was found with the invalid key %q", key))
		}
	}
}

// text checks a text field of 1 to most units. One that is not required may be
// absent, but not empty.
func (c *checker) text(o object, key string, required bool, most int) string {
	v := o.fields[key]
	if v == nil {
		if required {
			c.fault(o.at(key), "is required")
		}
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		c.fault(o.at(key), "must be a string")
	case strings.TrimSpace(s) == "":
		c.fault(o.at(key), "must be a non-empty UTF-8 encoded string")
	case units(s) > most:
		c.fault(o.at(key), fmt.Sprintf("must be at most %d characters long", most))
	}
	return s
}

// list gives the objects of a list field of low to high items.
func (c *checker) list(o object, key string, low, high int) []object {
	v := o.fields[key]
	if v == nil && low == 0 {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		c.fault(o.at(key), "must be an array")
		return nil
	}
	if len(items) < max(low, 1) || len(items) > high {
		c.fault(o.at(key), fmt.Sprintf("must have between %d and %d elements", max(low, 1), high))
		return nil
	}
	var list []object
	for i, item := range items {
		if child, ok := c.object(item, fmt.Sprintf("%s[%d]", o.at(key), i)); ok {
			list = append(list, child)
		}
	}
	return list
}
