package lenient

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxDepth is how deep a name with brackets may reach.
const maxDepth = 8

// Params are a call's parameters by name. Their values are string, bool,
// json.Number, []any or map[string]any.
type Params map[string]any

// Read collects a call's parameters; the body wins. Names with brackets, the
// way forms write lists and objects (message[columns][0][title]), become the
// lists and objects they spell. With an error the params hold what could be
// read.
func Read(r Request) (Params, error) {
	p := Params{}
	err := r.Each(p.set)
	for name, value := range p {
		p[name] = grown(value)
	}
	return p, err
}

// Text is a parameter as text without spaces around it, "" when there is none.
func (p Params) Text(name string) string { return strings.TrimSpace(Text(p[name])) }

// branch is what names with brackets spell; it is told apart from an object
// that came as JSON.
type branch map[string]any

func (p Params) set(name string, value any) {
	path, ok := brackets(name)
	if !ok {
		p[name] = value
		return
	}
	at := branch(p)
	for _, key := range path[:len(path)-1] {
		at = at.in(key)
	}
	at[at.key(path[len(path)-1])] = value
}

// in is the branch under a key; a plain value there gives way to it.
func (b branch) in(key string) branch {
	key = b.key(key)
	inner, ok := b[key].(branch)
	if !ok {
		inner = branch{}
		b[key] = inner
	}
	return inner
}

// key is where a value goes: [] is the next place of a list.
func (b branch) key(key string) string {
	if key == "" {
		return strconv.Itoa(len(b))
	}
	return key
}

// brackets takes a name like a[b][0] apart; ok is false for any other.
func brackets(name string) (path []string, ok bool) {
	head, rest, ok := strings.Cut(name, "[")
	if !ok || head == "" || !strings.HasSuffix(rest, "]") {
		return nil, false
	}
	path = append([]string{head}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
	if len(path) > maxDepth || slices.ContainsFunc(path, func(key string) bool { return strings.ContainsAny(key, "[]") }) {
		return nil, false
	}
	return path, true
}

// grown makes a list of a branch whose keys count from 0, else an object.
func grown(value any) any {
	b, ok := value.(branch)
	if !ok {
		return value
	}
	list := make([]any, len(b))
	for _, key := range slices.Sorted(maps.Keys(b)) {
		b[key] = grown(b[key])
		if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < len(list) && list != nil && strconv.Itoa(n) == key {
			list[n] = b[key]
		} else {
			list = nil
		}
	}
	if list != nil {
		return list
	}
	return map[string]any(b)
}
