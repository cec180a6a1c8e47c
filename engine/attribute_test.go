package engine_test

import (
	"errors"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

func TestAttributeCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a           engine.Attribute
		field, says string
	}{
		{engine.Attribute{Name: "Order code", Type: "text"}, "", ""},
		{engine.Attribute{Name: "total", Type: "number", Default: 0.0}, "", ""},
		{engine.Attribute{Name: "date", Type: "date"}, "name", `attribute "date" is named like a function`},
		{engine.Attribute{Name: "phone", Type: "text"}, "name", `attribute "phone" is named like a fact`},
		{engine.Attribute{Name: "total", Type: "number", Default: "many"}, "default", `the default of attribute "total" needs a number but got the text "many"`},
	} {
		err := c.a.Check()
		var e *engine.Error
		if c.says == "" && err != nil || c.says != "" && (!errors.As(err, &e) || e.Field != c.field || e.Message != c.says) {
			t.Errorf("%+v: %v, want %s: %s", c.a, err, c.field, c.says)
		}
	}
}
