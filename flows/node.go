package flows

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks"
)

// Limits of a document.
const (
	MaxDocument = 8 << 20 // bytes
	maxDepth    = 64      // lists and objects inside each other
	maxNodes    = 500_000 // values
)

// shape is what a JSON value is.
type shape byte

const (
	isNull shape = iota
	isBool
	isNumber
	isString
	isList
	isObject
)

// node is a JSON value with its place.
type node struct {
	shape   shape
	at, end int    // bytes of the document
	text    string // of a string, decoded; of a number or boolean as written
	items   []*node
	members []member
}

// member is one key of an object and its value.
type member struct {
	key   string
	at    int // of the key
	value *node
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

// plain is the value as encoding/json would give it, numbers as written.
func (n *node) plain() any {
	switch n.shape {
	case isBool:
		return n.text == "true"
	case isNumber:
		return json.Number(n.text)
	case isString:
		return n.text
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
	return nil
}

// find returns the value at a JSON pointer, or the deepest one on the way to
// it, and whether it is the one asked for.
func (n *node) find(path string) (*node, bool) {
	for path != "" {
		part, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if rest != "" {
			rest = "/" + rest
		}
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		var next *node
		switch n.shape {
		case isObject:
			next = n.get(part)
		case isList:
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(n.items) {
				next = n.items[i]
			}
		}
		if next == nil {
			return n, false
		}
		n, path = next, rest
	}
	return n, true
}

// parser reads a document into nodes. It goes on after mistakes that leave no
// doubt about what was meant, such as a comma too many.
type parser struct {
	data     []byte
	i        int
	path     []byte // JSON pointer of what is being read
	depth    int
	nodes    int
	problems *problems
	broken   bool // what follows cannot be read
}

// parse reads the document; nil when nothing of it can be used.
func parse(data []byte, p *problems) *node {
	r := &parser{data: data, problems: p}
	if r.skip(); r.i == len(data) {
		r.fail("the document is empty")
		return nil
	}
	n := r.value()
	if r.broken {
		return nil
	}
	if r.skip(); r.i < len(data) {
		r.fail("the document goes on after its end")
		return nil
	}
	return n
}

func (r *parser) fail(message string) {
	if !r.broken {
		r.problems.at(r.i, CodeSyntax, string(r.path), message, "")
	}
	r.broken = true
}

func (r *parser) skip() {
	for r.i < len(r.data) {
		switch r.data[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

func (r *parser) peek() byte {
	if r.i < len(r.data) {
		return r.data[r.i]
	}
	return 0
}

func (r *parser) value() *node {
	n := &node{at: r.i}
	if r.nodes++; r.nodes > maxNodes {
		r.fail("the document holds more than " + strconv.Itoa(maxNodes) + " values")
		return n
	}
	switch c := r.peek(); {
	case c == '{':
		r.nested(n, r.object)
	case c == '[':
		r.nested(n, r.list)
	case c == '"':
		n.shape, n.text = isString, r.str()
	case c == '-' || c >= '0' && c <= '9':
		r.number(n)
	default:
		r.word(n)
	}
	n.end = r.i
	return n
}

func (r *parser) nested(n *node, read func(*node)) {
	if r.depth++; r.depth > maxDepth {
		r.fail("the document is nested more than " + strconv.Itoa(maxDepth) + " deep")
		return
	}
	r.i++
	read(n)
	r.depth--
}

func (r *parser) object(n *node) {
	n.shape = isObject
	seen := map[string]bool{}
	for first := true; ; first = false {
		if r.closed('}', first) || r.broken {
			return
		}
		if r.peek() != '"' {
			r.fail(`a key in double quotes is expected here`)
			return
		}
		m := member{at: r.i, key: r.str()}
		if r.skip(); r.peek() != ':' {
			r.fail("a colon is expected after the key " + quote(m.key))
			return
		}
		r.i++
		r.skip()
		above := len(r.path)
		r.path = append(append(r.path, '/'), blocks.Pointer(m.key)...)
		m.value = r.value()
		if r.broken {
			return
		}
		if seen[m.key] {
			r.problems.at(m.at, CodeDuplicateKey, string(r.path), "the key "+quote(m.key)+" is there twice", "")
		} else {
			seen[m.key] = true
			n.members = append(n.members, m)
		}
		r.path = r.path[:above]
	}
}

func (r *parser) list(n *node) {
	n.shape = isList
	for first := true; ; first = false {
		if r.closed(']', first) || r.broken {
			return
		}
		above := len(r.path)
		r.path = strconv.AppendInt(append(r.path, '/'), int64(len(n.items)), 10)
		n.items = append(n.items, r.value())
		if r.broken {
			return
		}
		r.path = r.path[:above]
	}
}

// closed reads up to the next entry of a list or object and reports whether it
// ends instead.
func (r *parser) closed(end byte, first bool) bool {
	r.skip()
	if r.peek() == end {
		r.i++
		return true
	}
	if first {
		if r.i == len(r.data) {
			r.fail("the document ends here, but " + string(end) + " is missing")
		}
		return false
	}
	if r.peek() != ',' {
		if r.i == len(r.data) {
			r.fail("the document ends here, but " + string(end) + " is missing")
		} else {
			r.fail("a comma or " + string(end) + " is expected here")
		}
		return false
	}
	comma := r.i
	r.i++
	if r.skip(); r.peek() == end {
		r.problems.at(comma, CodeSyntax, string(r.path), "a comma too many: nothing follows it", "")
		r.i++
		return true
	}
	return false
}

// str reads a string.
func (r *parser) str() string {
	start := r.i
	simple := true
	for r.i++; r.i < len(r.data); r.i++ {
		switch c := r.data[r.i]; {
		case c == '\\':
			simple = false
			r.i++
		case c == '"':
			r.i++
			return r.decoded(start, simple)
		case c < ' ':
			r.fail("a text cannot hold a line break or tab as it is: write \\n or \\t")
			return ""
		}
	}
	r.i = start
	r.fail("the text that begins here has no closing quote")
	return ""
}

func (r *parser) decoded(start int, simple bool) string {
	raw := r.data[start:r.i]
	if simple && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	if at := notUTF8(raw); at >= 0 {
		r.problems.at(start+at, CodeSyntax, string(r.path), "this is not UTF-8, so nobody knows which letter is meant", "save the file as UTF-8")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		end := r.i
		r.i = start
		r.fail("the text that begins here has an escape that does not exist")
		r.i = end
		return ""
	}
	if strings.IndexByte(s, 0) >= 0 {
		r.problems.at(start, CodeSyntax, string(r.path), "a text cannot hold \\u0000", "")
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// notUTF8 is where the first byte stands that is no part of a letter, negative
// where there is none.
func notUTF8(text []byte) int {
	for i := 0; i < len(text); {
		letter, n := utf8.DecodeRune(text[i:])
		if letter == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func (r *parser) number(n *node) {
	for r.i < len(r.data) && strings.IndexByte("+-0123456789.eE", r.data[r.i]) >= 0 {
		r.i++
	}
	n.shape, n.text = isNumber, string(r.data[n.at:r.i])
	if !json.Valid(r.data[n.at:r.i]) {
		r.i = n.at
		r.fail(quote(n.text) + " is not a number")
	}
}

func (r *parser) word(n *node) {
	for _, w := range []struct {
		text  string
		shape shape
	}{{"true", isBool}, {"false", isBool}, {"null", isNull}} {
		if strings.HasPrefix(string(r.data[r.i:min(len(r.data), r.i+len(w.text))]), w.text) {
			n.shape, n.text = w.shape, w.text
			r.i += len(w.text)
			return
		}
	}
	switch c := r.peek(); {
	case r.i == len(r.data):
		r.fail("the document ends here, but a value is missing")
	case c == '\'':
		r.fail("texts stand in double quotes")
	case c == '/':
		r.fail("JSON has no comments")
	default:
		r.fail("a value is expected here")
	}
}
