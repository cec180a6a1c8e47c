package ahachat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Named limits of a call's parameters.
const (
	maxParams = 200
	maxName   = 200 // bytes of a parameter's name
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
func readParams(query, contentType string, body []byte) (*params, error) {
	p := &params{own: map[string]string{}, attributes: map[string]any{}}
	eachPair(query, func(name, value string) { p.set(name, value) })
	err := p.readBody(contentType, body)
	if err == nil {
		err = p.check()
	}
	return p, err
}

// readBody reads a body by what it is rather than by what it is called: callers
// send JSON as text, forms as JSON, and null, [] or nothing as either.
func (p *params) readBody(contentType string, body []byte) error {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	kind, options, _ := mime.ParseMediaType(contentType)
	switch {
	case len(body) == 0:
		return nil
	case kind == "multipart/form-data":
		return p.readMultipart(body, options["boundary"])
	case strings.IndexByte(`{["`, body[0]) >= 0, strings.HasSuffix(kind, "json") && !bytes.ContainsRune(body, '='), string(body) == "null":
		return p.readJSON(body)
	}
	eachPair(string(body), func(name, value string) { p.set(name, value) })
	return nil
}

func (p *params) readJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(channels.CleanJSON(body)))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return badBody("the body is not valid JSON: " + jsonFault(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badBody("the body is not valid JSON: something follows its end")
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) { // of two spellings the same one wins every time
			p.set(name, v[name])
		}
		return nil
	case []any:
		if len(v) == 0 { // how PHP writes an empty map
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case nil:
		return nil
	}
	return badBody("the body must be a JSON object of attribute names and values")
}

func (p *params) readMultipart(body []byte, boundary string) error {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for range maxParams {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badBody("the body is no readable multipart form")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return badBody("the body is no readable multipart form")
		}
		if part.FileName() == "" {
			p.set(channels.CleanText(part.FormName()), channels.CleanText(string(value)))
		}
	}
	return badBody(fmt.Sprintf("a call may bring at most %d parameters", maxParams))
}

// set takes one parameter unless its value means nothing.
func (p *params) set(name string, value any) {
	name = strings.TrimSpace(name)
	if name == "" || absent(value) {
		return
	}
	if own, ok := reserved(name); ok {
		p.own[own] = strings.TrimSpace(text(value))
		return
	}
	p.attributes[name] = value
}

// check refuses what no honest call looks like.
func (p *params) check() error {
	if len(p.own)+len(p.attributes) > maxParams {
		return badBody(fmt.Sprintf("a call may bring at most %d parameters", maxParams))
	}
	for name := range p.attributes {
		if len(name) > maxName {
			return badBody(fmt.Sprintf("a parameter's name is longer than %d bytes: %.20q…", maxName, name))
		}
	}
	return nil
}

// take removes an attribute and returns it as text, "" when there is none.
func (p *params) take(name string) string {
	value, ok := p.attributes[name]
	if !ok {
		return ""
	}
	delete(p.attributes, name)
	return text(value)
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
		for tag := range strings.SplitSeq(text(value), ",") {
			list = append(list, tag)
		}
	}
	tags := []string{}
	for _, v := range list {
		if tag := strings.TrimSpace(text(v)); tag != "" {
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

func absent(value any) bool {
	switch value {
	case nil, "", "undefined", "null":
		return true
	}
	return false
}

// text is a value as a parameter in a query would carry it.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}

// jsonFault says where a document is broken without quoting it.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("it is broken near byte %d", syntax.Offset)
	}
	return "it ends too early"
}

func badBody(message string) error {
	return &engine.Error{Code: engine.Invalid, Field: "body", Message: message}
}
