package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// NotJSON says where a document is broken that is no JSON, without quoting it:
// "is not valid JSON: it is broken near byte 24". Errors about other things than
// the form say no more than that.
func NotJSON(err error) string {
	const is = "is not valid JSON"
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF),
		errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return is + ": it ends too early"
	case syntax != nil:
		return fmt.Sprintf("%s: it is broken near byte %d", is, syntax.Offset)
	}
	return is
}
