// Package lenient reads calls as the clients of other products really make
// them: parameters in the query, a form or JSON, whatever the content type
// says; raw UTF-8 and spaces; null where nothing is meant. It knows no product.
package lenient

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
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
)

// Named limits of a call's parameters.
const (
	MaxParams = 200
	MaxName   = 200 // bytes of a parameter's name
)

// Request is what may carry parameters.
type Request struct {
	Query       string // as it came in, without the question mark
	ContentType string
	Body        []byte
	// Own tells the names of a product's own parameters, which begin a pair
	// even after a second question mark inside an address. nil: there are none.
	Own func(name string) bool
	// Empty is told the parameters that are there and mean nothing. nil: nobody
	// is.
	Empty func(name string)
}

// Of is a call as it came in. A raw # in the query is part of a value: nothing
// after it was meant for a browser.
func Of(c *fiber.Ctx) Request {
	_, query, _ := strings.Cut(string(c.Request().Header.RequestURI()), "?")
	return Request{Query: query, ContentType: c.Get(fiber.HeaderContentType), Body: c.Request().Body()}
}

// Each calls set for every parameter, the query's first, so that the body wins
// where the last one counts. Values that mean nothing (null, and the texts "",
// undefined and null that scripts make of it) are left out; the others are
// string, bool, json.Number, []any or map[string]any. An error is an
// *engine.Error about the body; what could be read before it was set.
func (r Request) Each(set func(name string, value any)) error {
	s := &setter{set: set, empty: r.Empty, seen: map[string]bool{}}
	r.eachPair(r.Query, s.add)
	if err := r.readBody(s); err != nil {
		return err
	}
	return s.err
}

// setter hands parameters on and holds them to the limits.
type setter struct {
	set   func(name string, value any)
	empty func(name string)
	seen  map[string]bool
	err   error
}

func (s *setter) add(name string, value any) {
	name = strings.TrimSpace(name)
	if name == "" {
		return
	}
	if Absent(value) {
		if s.empty != nil {
			s.empty(name)
		}
		return
	}
	s.seen[name] = true
	switch {
	case len(s.seen) > MaxParams:
		s.err = tooMany()
	case len(name) > MaxName:
		s.err = badBody(fmt.Sprintf("a parameter's name is longer than %d bytes: %.20q…", MaxName, name))
	default:
		s.set(name, value)
	}
}

// readBody reads a body by what it is rather than by what it is called: callers
// send JSON as text, forms as JSON, and null, [] or nothing as either.
func (r Request) readBody(s *setter) error {
	body := bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")))
	kind, options, _ := mime.ParseMediaType(r.ContentType)
	switch {
	case len(body) == 0:
		return nil
	case kind == "multipart/form-data":
		return readMultipart(s, body, options["boundary"])
	case strings.IndexByte(`{["`, body[0]) >= 0, strings.HasSuffix(kind, "json") && (!bytes.ContainsRune(body, '=') || !utf8.Valid(body)), string(body) == "null":
		return readJSON(s, body)
	}
	r.eachPair(string(body), s.add)
	return nil
}

func readJSON(s *setter, body []byte) error {
	d := json.NewDecoder(bytes.NewReader(channels.CleanJSON(body)))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return badBody("the body " + problem.NotJSON(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badBody("the body is not valid JSON: something follows its end")
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) { // of two spellings the same one wins every time
			s.add(name, v[name])
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
	return badBody("the body must be a JSON object of names and values")
}

func readMultipart(s *setter, body []byte, boundary string) error {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for range MaxParams {
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
			s.add(channels.CleanText(part.FormName()), channels.CleanText(string(value)))
		}
	}
	return tooMany()
}

// Absent reports whether a value means that there is none.
func Absent(value any) bool {
	switch value {
	case nil, "", "undefined", "null":
		return true
	}
	return false
}

// Text is a value as a parameter in a query would carry it.
func Text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
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

func tooMany() error {
	return badBody(fmt.Sprintf("a call may bring at most %d parameters", MaxParams))
}

// FieldBody is the field of an error about a body that cannot be read at all.
const FieldBody = "body"

func badBody(message string) error {
	return &engine.Error{Code: engine.Invalid, Field: FieldBody, Message: message}
}
