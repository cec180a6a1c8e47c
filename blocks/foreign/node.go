package foreign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// reader gathers what is wrong with a message and what is left out of it.
type reader struct {
	faults   Faults
	warnings []string
}

// err is everything that is wrong, nil when nothing is.
func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return r.faults
}

// node is a value with its place. One that is null, or not there, is absent.
type node struct {
	*reader
	place string
	value any
}

// parse reads the whole of a message. A form carries an object as the text of
// its JSON: asObject takes that for the object.
func (r *reader) parse(place string, data []byte, asObject bool) node {
	n := node{r, place, nil}
	value, err := decode(data)
	if text, ok := value.(string); err == nil && ok && asObject && strings.HasPrefix(strings.TrimSpace(text), "{") {
		value, err = decode([]byte(text))
	}
	if err != nil {
		n.fault("is not valid JSON")
	}
	n.value = value
	return n
}

func decode(data []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its end")
	}
	return value, nil
}

// fault notes what is wrong with the value. format goes on after its place.
func (n node) fault(format string, args ...any) {
	n.note(Fault{Message: n.place + " " + fmt.Sprintf(format, args...)})
}

func (n node) note(f Fault) {
	f.Field = n.place
	if len(n.faults) < maxFaults {
		n.faults = append(n.faults, f)
	}
}

// warn notes what is left out, with a code that is the same every time.
func (n node) warn(code, text string) {
	if w := code + ": " + text; !slices.Contains(n.warnings, w) {
		n.warnings = append(n.warnings, w)
	}
}

// absent reports whether there is nothing: null, no text, or PHP's empty
// object, which is a list.
func (n node) absent() bool {
	list, ok := n.value.([]any)
	return n.value == nil || n.value == "" || ok && len(list) == 0
}

// at is the value under a key. It notes a fault where there can be none.
func (n node) at(key string) node {
	inner := node{n.reader, n.place + "." + key, nil}
	if o, ok := n.value.(map[string]any); ok {
		inner.value = o[key]
	}
	return inner
}

// object reports whether the value is one; what it is instead is a fault.
func (n node) object() bool {
	_, ok := n.value.(map[string]any)
	switch {
	case ok:
	case n.absent():
		n.fault("is missing")
	default:
		n.fault("must be an object")
	}
	return ok
}

// text is a text or a number as it is written, "" when it is absent.
func (n node) text() string {
	switch v := n.value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	if !n.absent() {
		n.fault("must be a text")
	}
	return ""
}

// word is a text without spaces around it.
func (n node) word() string { return strings.TrimSpace(n.text()) }

// needed is a text that must say something.
func (n node) needed() string {
	before := len(n.faults)
	s := n.text()
	if strings.TrimSpace(s) == "" && len(n.faults) == before {
		n.fault("is missing")
	}
	return s
}

// list is the values of a list, none when it is absent.
func (n node) list(most int) []node {
	list, ok := n.value.([]any)
	switch {
	case n.absent():
		return nil
	case !ok:
		n.fault("must be a list")
		return nil
	case len(list) > most:
		n.fault("has %d entries: it may have %d", len(list), most)
		return nil
	}
	nodes := make([]node, len(list))
	for i, v := range list {
		nodes[i] = node{n.reader, fmt.Sprintf("%s[%d]", n.place, i), v}
	}
	return nodes
}

// neededList is a list that must have entries.
func (n node) neededList(most int) []node {
	if n.absent() {
		n.fault("is missing")
	}
	return n.list(most)
}
