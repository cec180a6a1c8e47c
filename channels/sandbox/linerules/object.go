package linerules

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object and where it stands. A field that is null counts as
// absent, as LINE has it.
type object struct {
	fields map[string]any
	path   string
	// pointer writes places as "/a/0/b" instead of "a[0].b".
	pointer bool
}

// at is the place of a field.
func (o object) at(key string) string {
	if o.pointer {
		return o.path + "/" + key
	}
	return o.path + "." + key
}

// child is the place of the i-th item of a list field.
func (o object) child(key string, i int) string {
	if o.pointer {
		return o.at(key) + "/" + strconv.Itoa(i)
	}
	return o.at(key) + "[" + strconv.Itoa(i) + "]"
}

func (o object) has(key string) bool { return o.fields[key] != nil }

// text is a field's text as far as it is one; use checker.text to check it.
func (o object) text(key string) string {
	s, _ := o.fields[key].(string)
	return s
}

// counter measures a text.
type counter func(string) int

// text checks a text field of low to high units. With low 0 it may be absent.
func (c *checker) text(o object, key string, low, high int, count counter) string {
	v := o.fields[key]
	if v == nil {
		if low > 0 {
			c.fault(o.at(key), "May not be empty")
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		c.fault(o.at(key), "Must be a text")
		return ""
	}
	// Nothing is longer in any unit than in bytes, so short texts need no count.
	if s == "" && low > 0 {
		c.fault(o.at(key), "May not be empty")
	} else if len(s) > high && count(s) > high {
		c.fault(o.at(key), between("Length", low, high))
	}
	return s
}

// oneOf checks a text field that takes one of a few values.
func (c *checker) oneOf(o object, key string, required bool, values ...string) {
	v := o.fields[key]
	if v == nil {
		if required {
			c.fault(o.at(key), "May not be empty")
		}
		return
	}
	if s, ok := v.(string); !ok || !slices.Contains(values, s) {
		c.fault(o.at(key), "Must be one of the following values: ["+strings.Join(values, ", ")+"]")
	}
}

// number checks a number field between low and high.
func (c *checker) number(o object, key string, required bool, low, high float64) {
	v := o.fields[key]
	if v == nil {
		if required {
			c.fault(o.at(key), "May not be null")
		}
		return
	}
	f, ok := v.(float64)
	if !ok {
		c.fault(o.at(key), "Must be a number")
	} else if f < low || f > high {
		c.fault(o.at(key), "Must be between "+shortest(low)+" and "+shortest(high))
	}
}

// whole checks a number field without a fraction.
func (c *checker) whole(o object, key string, required bool, low, high float64) {
	if f, ok := o.fields[key].(float64); ok && f != math.Trunc(f) {
		c.fault(o.at(key), "Must be a whole number")
		return
	}
	c.number(o, key, required, low, high)
}

func (c *checker) flag(o object, key string) {
	if v := o.fields[key]; v != nil {
		if _, ok := v.(bool); !ok {
			c.fault(o.at(key), "Must be true or false")
		}
	}
}

// object gives an object field; ok is false when it is absent or no object,
// which is a fault when it is present or required.
func (c *checker) object(o object, key string, required bool) (object, bool) {
	v := o.fields[key]
	if v == nil {
		if required {
			c.fault(o.at(key), "May not be null")
		}
		return object{}, false
	}
	return c.asObject(v, o.at(key), o.pointer)
}

func (c *checker) asObject(v any, path string, pointer bool) (object, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		c.fault(path, "Must be an object")
		return object{}, false
	}
	return object{fields: m, path: path, pointer: pointer}, true
}

// list gives the objects of a list field of low to high items. What is no
// object is a fault and left out. With low 0 the field may be absent.
func (c *checker) list(o object, key string, low, high int) []object {
	v := o.fields[key]
	if v == nil {
		if low > 0 {
			c.fault(o.at(key), "May not be empty")
		}
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		c.fault(o.at(key), "Must be an array")
		return nil
	}
	if len(items) < low || len(items) > high {
		c.fault(o.at(key), between("Size", low, high))
		return nil
	}
	var objects []object
	for i, item := range items {
		if child, ok := c.asObject(item, o.child(key, i), o.pointer); ok {
			objects = append(objects, child)
		}
	}
	return objects
}

func shortest(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
