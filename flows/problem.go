package flows

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks"
)

// Problem is one mistake or doubt about a document, with its place.
type Problem struct {
	Code    string `json:"code"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"`
	Column  int    `json:"column"` // in characters, the first is 1
	Path    string `json:"path"`   // JSON pointer
	Flow    string `json:"flow,omitempty"`
	Block   string `json:"block,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

// Codes of problems with a document. Those of steps are in package blocks,
// those of texts begin with expression:.
const (
	CodeSyntax       = "syntax"        // it is not JSON
	CodeTooLarge     = "too_large"     // more than MaxDocument
	CodeFormat       = "format"        // a format this program cannot read
	CodeUnknownKey   = "unknown_key"   // a key that means nothing here
	CodeDuplicateKey = "duplicate_key" // the same key twice
	CodeType         = "type"          // a value of another kind than is needed
	CodeUnknownStep  = "unknown_step"  // a step of a type there is not
	CodeName         = "name"          // a name that cannot be
	CodeTaken        = "taken"         // a name or place somebody has already
	CodeLoop         = "loop"          // blocks that go round without end
	CodeRemoved      = "removed"       // a block that another flow names is gone
	CodeTrigger      = "trigger"       // a trigger that cannot be
	CodeAttribute    = "attribute"     // declared otherwise elsewhere
	CodeUnreachable  = "unreachable"   // warning: nothing leads to the block
	CodeNoTemplate   = "no_template"   // warning: nothing goes out where the window is closed
	CodeBecomes      = "becomes"       // warning: a channel shows a message in another way
	CodeCalls        = "calls"         // warning: what is said at once takes more calls than one
	CodeUntold       = "untold"        // warning: a person gets the conversation and nobody is told
	CodeOrphan       = "orphan"        // warning: a broadcast or segment names what is gone
	CodeUnknownFile  = "unknown_file"  // a file that the bot does not keep
	CodeWas          = "was"           // warning: there was no such block
)

// problems collects what is wrong with one document.
type problems struct {
	data []byte
	root *node
	list []found
}

// found is a problem and the byte it is at.
type found struct {
	Problem
	at int
}

// at adds a problem at a byte of the document.
func (p *problems) at(at int, code, path, message, hint string) {
	p.list = append(p.list, found{Problem{Code: code, Path: path, Message: message, Hint: hint}, at})
}

// add adds a problem at the value that path points to.
func (p *problems) add(code, path, message, hint string) {
	p.list = append(p.list, found{Problem{Code: code, Path: path, Message: message, Hint: hint}, p.place(path, -1)})
}

// warn adds a doubt at the value that path points to.
func (p *problems) warn(code, path, message, hint string) {
	p.add(code, path, message, hint)
	p.list[len(p.list)-1].Warning = true
}

// step adds what a step reported. That something is missing is not said of what
// is there and could not be read.
func (p *problems) step(s blocks.Problem) {
	if s.Code == blocks.CodeMissing && slices.ContainsFunc(p.list, func(f found) bool { return f.Code == CodeType && f.Path == s.Path }) {
		return
	}
	p.add(s.Code, s.Path, s.Message, s.Hint)
	last := &p.list[len(p.list)-1]
	last.Warning = s.Warning
	last.at = p.place(s.Path, s.Offset)
}

// place is the byte a path points to; within a text the one offset bytes into
// it.
func (p *problems) place(path string, offset int) int {
	if p.root == nil {
		return 0
	}
	n, exact := p.root.find(path)
	if !exact || offset < 0 || n.shape != isString {
		return n.at
	}
	return n.at + inside(p.data[n.at:n.end], offset)
}

// inside finds the byte of a quoted JSON text that became byte offset of the
// text it stands for.
func inside(raw []byte, offset int) int {
	i := 1 // the opening quote
	for i < len(raw)-1 && offset > 0 {
		if raw[i] != '\\' {
			i++
			offset--
			continue
		}
		size, length := escape(raw[i:])
		i += size
		offset -= length
	}
	return min(i, len(raw))
}

// escape returns how long an escape is and how many bytes it stands for.
func escape(raw []byte) (size, length int) {
	if len(raw) < 6 || raw[1] != 'u' {
		return 2, 1
	}
	r := unescape(raw)
	if r >= 0xd800 && r < 0xdc00 && len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
		if low := unescape(raw[6:]); low >= 0xdc00 && low < 0xe000 {
			return 12, 4
		}
	}
	if r >= 0xd800 && r < 0xe000 {
		r = utf8.RuneError
	}
	return 6, utf8.RuneLen(r)
}

func unescape(raw []byte) rune {
	var r rune
	for _, c := range raw[2:6] {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r |= rune(c-'A') + 10
		}
	}
	return r
}

// sorted returns the problems in the order of the text, each once, with lines,
// columns and the blocks they are in.
func (p *problems) sorted(file string) []Problem {
	slices.SortStableFunc(p.list, func(a, b found) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return strings.Compare(a.Path, b.Path)
	})
	places := lines{data: p.data, line: 1}
	flow := p.flowName()
	var list []Problem
	for i := range p.list {
		f := &p.list[i]
		if i > 0 && f.same(&p.list[i-1]) {
			continue
		}
		if len(list) == MaxProblems {
			f.Message, f.Hint = fmt.Sprintf("and %d more from here on", len(p.list)-i), ""
		}
		f.Line, f.Column = places.of(f.at)
		problem := f.Problem
		problem.Message = p.told(problem.Message, problem.Path)
		problem.File, problem.Flow, problem.Block = file, flow, p.blockOf(f.Path)
		if list = append(list, problem); len(list) > MaxProblems {
			break
		}
	}
	return list
}

// MaxProblems is how many problems of one document are listed.
const MaxProblems = 500

func (f *found) same(other *found) bool {
	return f.at == other.at && f.Code == other.Code && f.Path == other.Path && f.Message == other.Message
}

// line names the line of a path, for messages about two places.
func (p *problems) line(path string) string {
	places := lines{data: p.data, line: 1}
	line, _ := places.of(p.place(path, -1))
	return fmt.Sprintf("line %d", line)
}

func (p *problems) flowName() string {
	if p.root != nil {
		if n := p.root.get("flow"); n != nil && n.shape == isString {
			return n.text
		}
	}
	return ""
}

// blockOf is the name of the block or module a path lies in.
func (p *problems) blockOf(path string) string {
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 3 || parts[1] != "blocks" && parts[1] != "modules" || p.root == nil {
		return ""
	}
	block, ok := p.root.find("/" + parts[1] + "/" + parts[2])
	if !ok || block.shape != isObject {
		return ""
	}
	if name := block.get("name"); name != nil && name.shape == isString {
		return name.text
	}
	return ""
}

// failed reports whether a problem is more than a warning.
func (p *problems) failed() bool {
	return slices.ContainsFunc(p.list, func(f found) bool { return !f.Warning })
}

// lines finds lines and columns of ascending places in one pass.
type lines struct {
	data  []byte
	i     int
	line  int
	start int // of the line
}

func (l *lines) of(at int) (line, column int) {
	at = min(at, len(l.data))
	for ; l.i < at; l.i++ {
		if l.data[l.i] == '\n' {
			l.line++
			l.start = l.i + 1
		}
	}
	return l.line, 1 + utf8.RuneCount(l.data[l.start:at])
}

// quote shows a text in a message, cut to a readable length.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return `"` + strings.ReplaceAll(s, "\n", " ") + `"`
}
