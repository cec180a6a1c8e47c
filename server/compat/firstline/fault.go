package firstline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// fault answers a mistake of the caller's; anything else goes to the server.
func (s *Surface) fault(c *fiber.Ctx, err error) error {
	var wrong *wrongFields
	if errors.As(err, &wrong) {
		return c.Status(fiber.StatusUnprocessableEntity).JSON(refusal{wrong.Error(), wrong.byField})
	}
	status, text, ok := lenient.Mistake(c, err)
	if !ok {
		return err
	}
	var e *engine.Error
	if status == fiber.StatusBadRequest && errors.As(err, &e) && e.Field != lenient.FieldBody { // it can be read
		status = fiber.StatusUnprocessableEntity
	}
	return s.Fail(c, status, text)
}

// wrongFields is all that is wrong with a call's parameters.
type wrongFields struct {
	first   string
	count   int
	byField map[string][]string
}

// add notes one fault of a field. The text begins with the field.
func (w *wrongFields) add(field, text string) {
	if w.byField == nil {
		w.first, w.byField = text, map[string][]string{}
	}
	w.count++
	w.byField[field] = append(w.byField[field], text)
}

// addMessage notes what is wrong with a message, with fields in the vendor's
// form: message.columns.0.title.
func (w *wrongFields) addMessage(faults foreign.Faults) {
	dots := strings.NewReplacer("[", ".", "]", "")
	for _, f := range faults {
		field := dots.Replace(f.Field)
		w.add(field, field+strings.TrimPrefix(f.Message, f.Field))
	}
}

// err is w where something is wrong.
func (w *wrongFields) err() error {
	if w.count == 0 {
		return nil
	}
	return w
}

// Error says the first fault, and how many more there are.
func (w *wrongFields) Error() string {
	switch w.count {
	case 1:
		return w.first
	case 2:
		return w.first + " (and 1 more error)"
	}
	return fmt.Sprintf("%s (and %d more errors)", w.first, w.count-1)
}

func wrongField(field, text string) error {
	w := new(wrongFields)
	w.add(field, field+" "+text)
	return w
}
