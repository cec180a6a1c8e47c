package engine

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// UnmarshalJSON reads a session in one pass where encoding/json makes three.
// What it does not expect there it leaves to encoding/json, which also knows
// what is wrong with it: the result is the same.
func (s *Session) UnmarshalJSON(data []byte) error {
	read := *s
	if p := (parser{data: data}); p.session(&read) {
		*s = read
		return nil
	}
	type plain Session // without this method
	return json.Unmarshal(data, (*plain)(s))
}

// parser reads JSON that a session is known to be. Its methods skip white space
// first and report whether what they read was there.
type parser struct {
	data  []byte
	at    int
	depth int
}

// maxSessionDepth is how deep a value may be nested for this parser.
const maxSessionDepth = 50

func (p *parser) session(s *Session) bool {
	ok := p.object(func(name []byte) bool { return p.member(s, string(name)) })
	p.space()
	return ok && p.at == len(p.data)
}

func (p *parser) member(s *Session, name string) bool {
	switch name {
	case "version":
		return p.integer(&s.VersionID)
	case "block":
		return p.text(&s.Block)
	case "pc":
		return p.small(&s.PC)
	case "frames":
		return s.Frames == nil && p.array(func() bool {
			s.Frames = append(s.Frames, Frame{})
			return p.frame(&s.Frames[len(s.Frames)-1])
		}) && s.Frames != nil
	case "reply":
		return p.flag(&s.Reply)
	case "expect":
		return p.text(&s.Expect)
	case "keywords":
		return p.flag(&s.Keywords)
	case "until":
		return p.time(&s.Until)
	case "asked_at":
		return p.time(&s.AskedAt)
	case "attempts":
		return p.small(&s.Attempts)
	case "attributes":
		return p.values(&s.Attributes)
	case "changed":
		return s.Changed == nil && p.array(func() bool {
			s.Changed = append(s.Changed, "")
			return p.text(&s.Changed[len(s.Changed)-1])
		}) && s.Changed != nil
	case "answers":
		return p.values(&s.Answers)
	case "send":
		return p.text(&s.SendID)
	case "origin":
		return p.integer(&s.Origin)
	case "interaction":
		return p.integer(&s.Interaction)
	case "seed":
		var err error
		s.Seed, err = strconv.ParseUint(string(p.whole()), 10, 64)
		return err == nil
	case "started_at":
		return p.time(&s.StartedAt)
	case "undelivered":
		return p.text(&s.Undelivered)
	case "handed_over":
		return p.flag(&s.HandedOver)
	}
	return false
}

func (p *parser) frame(f *Frame) bool {
	return p.object(func(name []byte) bool {
		switch string(name) {
		case "version":
			return p.integer(&f.VersionID)
		case "block":
			return p.text(&f.Block)
		case "pc":
			return p.small(&f.PC)
		}
		return false
	})
}

func (p *parser) values(v *Values) bool {
	m, ok := p.anyObject()
	*v = m
	return ok
}

func (p *parser) anyObject() (map[string]any, bool) {
	m := map[string]any{}
	ok := p.object(func(name []byte) bool {
		v, ok := p.value()
		m[string(name)] = v
		return ok
	})
	return m, ok
}

// value reads any value, its numbers as Values keep them.
func (p *parser) value() (any, bool) {
	switch p.next() {
	case '"':
		var s string
		ok := p.text(&s)
		return s, ok
	case '{':
		m, ok := p.anyObject()
		return m, ok
	case '[':
		list := []any{}
		ok := p.array(func() bool {
			v, ok := p.value()
			list = append(list, v)
			return ok
		})
		return list, ok
	case 't', 'f':
		var b bool
		ok := p.flag(&b)
		return b, ok
	case 'n':
		return nil, p.word("null")
	}
	return p.number()
}

func (p *parser) number() (any, bool) {
	p.space()
	from := p.at
	for p.at < len(p.data) && inNumber(p.data[p.at]) {
		p.at++
	}
	if !json.Valid(p.data[from:p.at]) {
		return nil, false
	}
	return exactly(json.Number(p.data[from:p.at])), true
}

func inNumber(c byte) bool {
	return '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

func (p *parser) object(member func(name []byte) bool) bool {
	return p.nested('{', '}', func() bool {
		name, ok := p.raw()
		return ok && p.byte(':') && member(name)
	})
}

func (p *parser) array(item func() bool) bool { return p.nested('[', ']', item) }

// nested reads what stands between two brackets, with commas between.
func (p *parser) nested(open, end byte, part func() bool) bool {
	if p.depth++; p.depth > maxSessionDepth || !p.byte(open) {
		return false
	}
	defer func() { p.depth-- }()
	if p.byte(end) {
		return true
	}
	for part() {
		if !p.byte(',') {
			return p.byte(end)
		}
	}
	return false
}

// text reads a string.
func (p *parser) text(s *string) bool {
	raw, ok := p.raw()
	*s = string(raw)
	return ok
}

// raw reads a string; its bytes are the parser's.
func (p *parser) raw() ([]byte, bool) {
	if !p.byte('"') {
		return nil, false
	}
	from, escaped := p.at, false
	for ; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '\\':
			escaped = true
			p.at++
		case c == '"':
			p.at++
			return p.unquoted(p.data[from-1:p.at], escaped)
		}
	}
	return nil, false
}

// unquoted is what a string means.
func (p *parser) unquoted(quoted []byte, escaped bool) ([]byte, bool) {
	inner := quoted[1 : len(quoted)-1]
	if !escaped && printable(inner) {
		return inner, true
	}
	var s string
	err := json.Unmarshal(quoted, &s)
	return []byte(s), err == nil
}

// printable reports whether a string may hold the bytes as they are.
func printable(data []byte) bool {
	ascii := true
	for _, c := range data {
		if c < ' ' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(data)
}

func (p *parser) time(t *time.Time) bool {
	raw, ok := p.raw()
	return ok && t.UnmarshalText(raw) == nil
}

func (p *parser) integer(n *int64) bool {
	var err error
	*n, err = strconv.ParseInt(string(p.whole()), 10, 64)
	return err == nil
}

func (p *parser) small(n *int) bool {
	var wide int64
	ok := p.integer(&wide) && wide >= math.MinInt32 && wide <= math.MaxInt32
	*n = int(wide)
	return ok
}

// whole reads the digits of a whole number, nothing where none is.
func (p *parser) whole() []byte {
	p.space()
	from := p.at
	if p.at < len(p.data) && p.data[p.at] == '-' {
		p.at++
	}
	first := p.at
	for p.at < len(p.data) && '0' <= p.data[p.at] && p.data[p.at] <= '9' {
		p.at++
	}
	if p.at > first+1 && p.data[first] == '0' || p.at < len(p.data) && inNumber(p.data[p.at]) {
		return nil
	}
	return p.data[from:p.at]
}

func (p *parser) flag(b *bool) bool {
	*b = p.next() == 't'
	if *b {
		return p.word("true")
	}
	return p.word("false")
}

func (p *parser) word(word string) bool {
	p.space()
	if len(p.data)-p.at < len(word) || string(p.data[p.at:p.at+len(word)]) != word {
		return false
	}
	p.at += len(word)
	return true
}

// byte reads one byte when it is the next.
func (p *parser) byte(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

// next is the next byte that is no white space, 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at == len(p.data) {
		return 0
	}
	return p.data[p.at]
}

func (p *parser) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}
