package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// node is a JSON value with its place.
type node struct {
	at      int // byte of the file
	value   any // string, json.Number, bool or nil of a plain value
	items   []*node
	members []member
	shape   shape
}

// member is one key of an object and its value.
type member struct {
	key   string
	at    int // of the key
	value *node
}

// shape is what a JSON value is, in words.
type shape string

const (
	isNull   shape = "null"
	isBool   shape = "true or false"
	isNumber shape = "a number"
	isText   shape = "a text"
	isList   shape = "a list"
	isObject shape = "an object"
)

// parseError is a mistake of the JSON itself.
type parseError struct {
	at      int
	message string
}

func (e *parseError) Error() string { return e.message }

// parse reads a whole text as one value.
func parse(data []byte) (*node, *parseError) {
	if len(data) > MaxSize {
		return nil, &parseError{0, fmt.Sprintf("a test file has at most %d MB", MaxSize>>20)}
	}
	if !utf8.Valid(data) {
		return nil, &parseError{0, "the file is no UTF-8 text"}
	}
	p := &parser{data: data, d: json.NewDecoder(bytes.NewReader(data))}
	p.d.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, p.mistake(err)
	}
	if rest := p.next(); rest < len(data) {
		return nil, &parseError{rest, "the file goes on after its end"}
	}
	return n, nil
}

type parser struct {
	data []byte
	d    *json.Decoder
}

// next is where the next token begins.
func (p *parser) next() int {
	i := int(p.d.InputOffset())
	for i < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[i]) >= 0 {
		i++
	}
	return i
}

// mistake gives an error of the decoder its place.
func (p *parser) mistake(err error) *parseError {
	if e, ok := errors.AsType[*parseError](err); ok {
		return e
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if len(bytes.TrimSpace(p.data)) == 0 {
			return &parseError{0, "the file is empty"}
		}
		return &parseError{len(p.data), "the file ends too early: a bracket or quote is open"}
	}
	return &parseError{p.next(), "this is no JSON: " + err.Error()}
}

func (p *parser) value(depth int) (*node, error) {
	n := &node{at: p.next()}
	if depth > maxDepth {
		return nil, &parseError{n.at, fmt.Sprintf("more than %d lists and objects inside each other", maxDepth)}
	}
	token, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '[' {
			n.shape = isList
			return n, p.list(n, depth)
		}
		n.shape = isObject
		return n, p.object(n, depth)
	case string:
		n.shape = isText
	case json.Number:
		n.shape = isNumber
	case bool:
		n.shape = isBool
	default:
		n.shape = isNull
	}
	n.value = token
	return n, nil
}

func (p *parser) list(n *node, depth int) error {
	for p.d.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := p.d.Token()
	return err
}

func (p *parser) object(n *node, depth int) error {
	for p.d.More() {
		m := member{at: p.next()}
		token, err := p.d.Token()
		if err != nil {
			return err
		}
		m.key, _ = token.(string)
		if m.value, err = p.value(depth + 1); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	_, err := p.d.Token()
	return err
}

// get returns the member of that name, nil when there is none.
func (n *node) get(key string) *node {
	for i := range n.members {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

// text is the value of a text, "" of anything else.
func (n *node) text() string {
	s, _ := n.value.(string)
	return s
}

// plain is the value as encoding/json gives it, numbers as written.
func (n *node) plain() any {
	switch n.shape {
	case isList:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.plain()
		}
		return list
	case isObject:
		m := make(map[string]any, len(n.members))
		for _, member := range n.members {
			m[member.key] = member.value.plain()
		}
		return m
	}
	return n.value
}

// lines finds the line and column of a place.
type lines struct{ data []byte }

// of counts both from 1, columns in characters.
func (l *lines) of(at int) (line, column int) {
	before := l.data[:min(max(at, 0), len(l.data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:])
}
