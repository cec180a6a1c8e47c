package blocks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
)

// jsonBody writes a body; a text is taken for JSON that the author wrote.
func jsonBody(v any) ([]byte, error) {
	if s, ok := v.(string); ok {
		return []byte(s), nil
	}
	kept, err := expression.Convert(expression.JSON, v, expression.Locale{})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(kept); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func form(v any) ([]byte, error) {
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("a form needs an object of names and values")
	}
	values := url.Values{}
	for _, name := range sortedKeys(fields) {
		list, many := fields[name].([]any)
		if !many {
			list = []any{fields[name]}
		}
		for _, item := range list {
			text, err := expression.Convert(expression.Text, item, expression.Locale{})
			if err != nil {
				return nil, fmt.Errorf("%s %w", name, err)
			}
			s, _ := text.(string)
			values.Add(name, s)
		}
	}
	return []byte(values.Encode()), nil
}

// readBody reads a JSON body, its numbers as written; what is not JSON is text.
func readBody(data []byte) any {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return strings.ToValidUTF8(string(data), "\uFFFD")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return strings.ToValidUTF8(string(data), "\uFFFD")
	}
	return v
}

// replaceHeader sets a header whatever case an earlier one was written in.
func replaceHeader(headers map[string]string, name, value string) {
	for have := range headers {
		if strings.EqualFold(have, name) {
			delete(headers, have)
		}
	}
	headers[name] = value
}
