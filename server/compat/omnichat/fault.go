package omnichat

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// The vendor's error codes, and a few where it has none.
const (
	codeBody         = "INVALID_REQUEST_BODY"
	codeMessage      = "INVALID_BROADCAST_MESSAGE"
	codeParameter    = "INVALID_REQUEST_PARAMETER"
	codeParameters   = "INVALID_REQUEST_PARAMETERS"
	codeFormat       = "INVALID_FORMAT"
	codeMismatch     = "MISMATCH_TYPE"
	codeMissing      = "MISSING_URL_PARAMETER"
	codeNoBroadcast  = "BROADCAST_NOT_FOUND"
	codeNoChatbot    = "CHATBOT_NOT_FOUND"
	codeNoBlock      = "MESSAGE_BLOCK_NOT_FOUND"
	codeNoChannel    = "CHANNEL_NOT_FOUND"
	codeNoUser       = "USER_ID_NOT_FOUND"
	codeUnsubscribed = "CONTACT_UNSUBSCRIBED"
	codeUnreachable  = "CONTACT_NOT_REACHABLE"
	codeConflict     = "CONFLICT"
	codeUnauthorized = "UNAUTHORIZED"
	codeForbidden    = "FORBIDDEN"
	codeNotFound     = "NOT_FOUND"
	codeMethod       = "METHOD_NOT_ALLOWED"
	codeTooMany      = "TOO_MANY_REQUESTS"
	codeUnexpected   = "UNEXPECTED_ERROR"
)

// refusal is the body of every answer that is not a success.
type refusal struct {
	Code    string `json:"errorCode"`
	Message string `json:"message"`
}

// codeOf is the code of a status of which nothing more is known.
func codeOf(status int) string {
	switch status {
	case fiber.StatusUnauthorized:
		return codeUnauthorized
	case fiber.StatusForbidden:
		return codeForbidden
	case fiber.StatusNotFound:
		return codeNotFound
	case fiber.StatusMethodNotAllowed:
		return codeMethod
	case fiber.StatusConflict:
		return codeConflict
	case fiber.StatusTooManyRequests:
		return codeTooMany
	}
	if status >= fiber.StatusInternalServerError {
		return codeUnexpected
	}
	return codeBody
}

// callError is a mistake of the caller's under one of the vendor's codes.
type callError struct {
	status int
	refusal
}

func (e *callError) Error() string { return e.Message }

func refuse(status int, code, format string, args ...any) error {
	return &callError{status, refusal{code, fmt.Sprintf(format, args...)}}
}

// fault answers a mistake of the caller's; anything else goes to the server.
func (s *Surface) fault(c *fiber.Ctx, err error) error {
	var told *callError
	if errors.As(err, &told) {
		return c.Status(told.status).JSON(told.refusal)
	}
	var faults foreign.Faults
	if errors.As(err, &faults) {
		return c.Status(fiber.StatusBadRequest).JSON(refusal{codeBody, faults.Error()})
	}
	status, text, ok := lenient.Mistake(c, err)
	if !ok {
		return err
	}
	code := codeOf(status)
	var e *engine.Error
	if errors.As(err, &e) && e.Code == engine.NotFound {
		code = missing(e.Field)
	}
	return c.Status(status).JSON(refusal{code, text})
}

// missing is the code for what a field names and nobody knows.
func missing(field string) string {
	switch field {
	case "block":
		return codeNoBlock
	case "account":
		return codeNoChannel
	case "user", "identity", "contact", "to":
		return codeNoUser
	}
	return codeNotFound
}

// ofMessages gives the faults of a call's messages a code: that of a block
// nobody knows where nothing else is wrong. A block beside other messages is, in
// a broadcast, one kind too many.
func ofMessages(err error, code string) error {
	var faults foreign.Faults
	if !errors.As(err, &faults) {
		return err
	}
	if code == codeMessage && errors.Is(err, foreign.ErrOmnichatBeside) {
		return refuse(fiber.StatusBadRequest, code, mixed)
	}
	for _, f := range faults {
		if !engine.IsCode(f.Err, engine.NotFound) {
			return refuse(fiber.StatusBadRequest, code, "%s", faults)
		}
	}
	return refuse(fiber.StatusNotFound, codeNoBlock, "%s", faults)
}

// ofPlan tells what is wrong with a broadcast in the words of the call.
func ofPlan(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) || e.Code == engine.Unavailable {
		return err
	}
	field, code := "", codeBody
	switch head, _, _ := strings.Cut(e.Field, "."); {
	case head == "content" || head == "unsubscribe" || head == "block":
		field, code = "messages", codeMessage
	case e.Field == "audience.accounts":
		field = "channelId"
	case head == "audience":
		field = "to"
	case head == "when":
		field = "scheduledAt"
	case head == "subject" || head == "tags":
		field = head
	case e.Code == engine.Conflict:
		return refuse(fiber.StatusConflict, codeConflict, "%s", lenient.Sentence(e))
	default:
		return err
	}
	text := lenient.Sentence(e)
	if strings.Contains(text, "allow_") {
		text += ", in a broadcast that is planned on the page or by our own API"
	}
	return refuse(fiber.StatusBadRequest, code, "%s: %s", field, text)
}
