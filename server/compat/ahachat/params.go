package ahachat

import (
	"strings"

	"github.com/blockcast/blockcast/server/compat/lenient"
)

// params is what a call brings: the products' own parameters without their
// prefix and in lower case, and all others, which are attributes. Values that
// mean nothing (null, and the texts "", undefined and null that scripts make
// of it) are not in it.
type params struct {
	own        map[string]string
	attributes map[string]any // string, bool, json.Number, list or object
}

// readParams reads query and body; the body wins. With an error the params hold
// what could be read.
func readParams(r lenient.Request) (*params, error) {
	p := &params{own: map[string]string{}, attributes: map[string]any{}}
	r.Own = func(name string) bool {
		_, own := reserved(name)
		return own
	}
	return p, r.Each(p.set)
}

// set takes one parameter.
func (p *params) set(name string, value any) {
	if own, ok := reserved(name); ok {
		p.own[own] = strings.TrimSpace(lenient.Text(value))
		return
	}
	p.attributes[name] = value
}

// take removes an attribute and returns it as text, "" when there is none.
func (p *params) take(name string) string {
	value, ok := p.attributes[name]
	if !ok {
		return ""
	}
	delete(p.attributes, name)
	return lenient.Text(value)
}

// takeTags removes the parameter tags, which replaces the contact's, and
// returns its names; nil when there is none.
func (p *params) takeTags() []string {
	value, ok := p.attributes["tags"]
	if !ok {
		return nil
	}
	delete(p.attributes, "tags")
	list, ok := value.([]any)
	if !ok {
		list = nil
		for tag := range strings.SplitSeq(lenient.Text(value), ",") {
			list = append(list, tag)
		}
	}
	tags := []string{}
	for _, v := range list {
		if tag := strings.TrimSpace(lenient.Text(v)); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// reserved returns the rest of a name that begins with a product's prefix, in
// lower case.
func reserved(name string) (string, bool) {
	name = strings.ToLower(name)
	for _, p := range []product{ahaChat(), chatfuel()} {
		if rest, ok := strings.CutPrefix(name, p.prefix); ok {
			return rest, true
		}
	}
	return "", false
}
