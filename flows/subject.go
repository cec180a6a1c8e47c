package flows

import (
	"fmt"
	"strconv"
	"strings"
)

// told gives a message that begins with a verb what it is about, which is what
// stands at the path: `needs a text` becomes `"title" needs a text`.
func (p *problems) told(message, path string) string {
	verb, _, _ := strings.Cut(message, " ")
	switch verb {
	case "needs", "is", "has", "does":
		if s := p.subject(path); s != "" {
			return s + " " + message
		}
	}
	return message
}

// subject names what a path points to: a key, or an item of a list.
func (p *problems) subject(path string) string {
	parts := strings.Split(path, "/")
	last := unpointer(parts[len(parts)-1])
	i, err := strconv.Atoi(last)
	if err != nil || !p.isList(strings.Join(parts[:len(parts)-1], "/")) {
		if last == "" {
			return ""
		}
		return quote(last)
	}
	list := unpointer(parts[len(parts)-2])
	if name := itemOf(list); name != "" {
		return "this " + name
	}
	return fmt.Sprintf("item %d of %s", i+1, quote(list))
}

// isList reports whether a list is at the path.
func (p *problems) isList(path string) bool {
	if p.root == nil {
		return false
	}
	n, exact := p.root.find(path)
	return exact && n.shape == isList
}

// itemOf is what people call one of a list, "" when it has no name of its own.
func itemOf(list string) string {
	switch list {
	case "steps", "then", "else", "default", "otherwise":
		return "step"
	case "quick_replies":
		return "quick reply"
	case "buttons", "cards", "columns", "choices", "cases", "triggers", "blocks", "modules":
		return strings.TrimSuffix(list, "s")
	}
	return ""
}

// unpointer is blocks.Pointer undone.
func unpointer(part string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
}
