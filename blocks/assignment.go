package blocks

import (
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
)

// assignment is one attribute of a set and the value it gets.
type assignment struct {
	name  string
	kind  expression.Type
	bot   bool
	value *Value
}

// botPrefix before an attribute's name means the bot's shared one.
const botPrefix = "bot."

// assignments checks a map of attributes to values, in the order of the names.
func (c *Checker) assignments(key string, set map[string]*Value) []assignment {
	c.AtMost(key, len(set), MaxPairs)
	var list []assignment
	c.In(key, func() {
		for _, name := range sortedKeys(set) {
			a := assignment{name: name, value: set[name]}
			if shared, ok := strings.CutPrefix(name, botPrefix); ok && shared != "" {
				a.name, a.kind, a.bot = shared, expression.Any, true
				c.Value(name, a.value)
				list = append(list, a)
				continue
			}
			known := false
			c.In(name, func() { a.name, a.kind, known = c.Attribute(name) })
			if !known {
				c.Value(name, a.value) // its own problems too
				continue
			}
			c.Typed(name, a.value, name, a.kind)
			list = append(list, a)
		}
	})
	return list
}
