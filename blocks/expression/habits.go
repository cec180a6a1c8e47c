package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// operatorWord says what is written here for a word that stands between values in
// other languages, "" for any other word. Words in small letters that could be
// part of a name are no operators: they only hint.
func operatorWord(word string) string {
	switch word {
	case "AND", "And", "OR", "Or", "NOT", "Not", "IN", "In":
		return strings.ToLower(word)
	case "is", "IS", "equals", "eq", "equal":
		return "=="
	case "like", "LIKE", "has", "includes":
		return "contains"
	case "between", "BETWEEN":
		return ">= and <="
	}
	return ""
}

// operatorIn finds such a word among those that were joined to the name at a
// place, with its own place. A name that was written as one has none, such as
// is_vip; and before all other words there is nothing but a not.
func (c *compiler) operatorIn(name string, at int) (word, write string, place int) {
	for place, left := at, len(name); left > 0; {
		n := wordLen(c.typed[place:])
		if n == 0 {
			break
		}
		word = c.typed[place : place+n]
		if write = operatorWord(word); write != "" && n < len(name) && (place > at || write == "not") {
			return word, write, place
		}
		left -= n + 1
		rest := c.typed[place+n:]
		place += n + len(rest) - len(strings.TrimLeft(rest, " \t\n\r"))
	}
	return "", "", 0
}

// nameHint hints at what a name means that nothing has.
func (c *compiler) nameHint(name string) string {
	switch strings.ToLower(name) {
	case "null", "none", "undefined":
		return "write nil for what is missing"
	case "true", "false":
		return "write " + strings.ToLower(name)
	case "label", "labels":
		return `such as "vip" in tags`
	}
	if near := didYouMean(name, c.names()); near != "" {
		return near
	}
	return fmt.Sprintf("declare it as an attribute, or read another flow's as attr[%q]", name)
}

// knows reports whether a name means something here.
func (c *compiler) knows(name string) bool {
	_, slot := c.scope.table.slot(name)
	return slot || c.means(name) || isSpace(name) || functionNamed(name) != nil
}

// strange tells of a side of a comparison that is a text without its quotes, or a
// tag that is asked for like an attribute. Then there is nothing to compare.
func (c *compiler) strange(n *ast.BinaryNode) bool {
	if tag, ok := n.Right.(*ast.StringNode); ok && (n.Operator == "==" || n.Operator == "!=") {
		if name, ok := n.Left.(*ast.IdentifierNode); ok && fold(name.Value) == "tag" && !c.knows(name.Value) {
			c.problem(CodeUnknownName, c.at(name), "write "+inTags(n.Operator, tag.Value, "tags"), "unknown name %q", name.Value)
			return true
		}
	}
	text, ok := n.Right.(*ast.IdentifierNode)
	if !ok || c.knows(text.Value) || !c.isText(n.Left) || didYouMean(text.Value, c.names()) != "" {
		return false
	}
	if hint := c.nameHint(text.Value); !strings.HasPrefix(hint, "declare ") {
		return false
	}
	if word, _, _ := c.operatorIn(text.Value, c.at(text)); word != "" {
		return false
	}
	c.problem(CodeUnknownName, c.at(text), fmt.Sprintf("if it is a text, write %q", strings.ReplaceAll(text.Value, "_", " ")), "unknown name %q", text.Value)
	return true
}

// isText reports whether a part is a name that has a text.
func (c *compiler) isText(n ast.Node) bool {
	name, ok := n.(*ast.IdentifierNode)
	if !ok {
		return false
	}
	i, ok := c.scope.table.slot(name.Value)
	return ok && c.scope.table.names[i].Type == Text
}

// inTags asks for a member of a list.
func inTags(operator, member, list string) string {
	if operator == "!=" {
		return fmt.Sprintf("%q not in %s", member, list)
	}
	return fmt.Sprintf("%q in %s", member, list)
}

// comparisonHint says how values of two types are to be compared.
func (c *compiler) comparisonHint(operator string, left, right node) string {
	value, beside := left, right
	if left.constant {
		value, beside = right, left
	}
	if beside.constant {
		if hint := c.constantHint(operator, value, beside); hint != "" {
			return hint
		}
	}
	if c.scope.people == nil {
		return conversionHint(left, right.typ)
	}
	switch { // no database converts what people have
	case value.typ == Text && value.name != "":
		return fmt.Sprintf("declare %s as %s to compare it so", value.name, beside.typ.phrase())
	case value.typ == Number && beside.typ == Text:
		return "write a number, such as 3"
	}
	return ""
}

// constantHint writes a constant as it is compared with a value.
func (c *compiler) constantHint(operator string, value, beside node) string {
	text, isText := beside.value.(string)
	equality := operator == "==" || operator == "!="
	switch {
	case value.typ == List && isText && equality && value.name != "":
		return "write " + inTags(operator, text, value.name)
	case value.typ == Text && beside.typ == Number && equality:
		number := strconv.Quote(fmt.Sprint(beside.value))
		if c.scope.people != nil || value.name == "" {
			return "write " + number
		}
		return fmt.Sprintf("write %s, or float(%s)", number, value.name)
	case value.typ == Number && isText:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return "write " + text
		}
	case value.typ == Boolean && equality && value.name != "":
		switch yes := operator == "=="; fmt.Sprint(beside.value) {
		case "true", "1", "yes":
			return "write " + asked(value.name, yes)
		case "false", "0", "no":
			return "write " + asked(value.name, !yes)
		}
	case value.typ.temporal() && beside.typ == Number:
		return `write a date, such as "2026-12-30"`
	}
	return ""
}

// asked is how a boolean is asked for.
func asked(name string, yes bool) string {
	if yes {
		return name
	}
	return "not " + name
}

// functionHint is the function that other languages call otherwise, "" for none.
func functionHint(name string) string {
	switch strings.ToLower(name) {
	case "number", "tonumber", "parsefloat", "num":
		return "write float(…)"
	case "text", "str", "tostring":
		return "write string(…)"
	case "length", "size", "strlen":
		return "write len(…)"
	case "lowercase", "tolower":
		return "write lower(…)"
	case "uppercase", "toupper":
		return "write upper(…)"
	case "tag", "tagged", "has_tag", "hastag":
		return `write "vip" in tags`
	}
	return ""
}

// habit is what somebody has written in another way, and how it is written here.
type habit struct {
	at            int // in the source
	message, hint string
}

// otherSyntax recognizes at the place where the parser stopped what is written
// otherwise in other languages and by word processors; it is empty for what is
// none of that.
func (c *compiler) otherSyntax(at int) habit {
	before, after := c.source[:at], c.source[at:]
	for _, s := range [...]struct{ before, after, message, hint string }{
		{"==", "=", "=== is no comparison", "write == to compare"},
		{"!=", "=", "!== is no comparison", "write != to compare"},
		{"", "=>", "=> is no comparison", "write >="},
		{"", "=<", "=< is no comparison", "write <="},
		{"<", ">", "<> is no comparison", "write !="},
		{"", "&", "& is no operator", "write and"},
		{"", "|", "| is no operator", "write or"},
	} {
		if strings.HasPrefix(after, s.after) && strings.HasSuffix(before, s.before) {
			return habit{at - len(s.before), s.message, s.hint}
		}
	}
	if r, _ := utf8.DecodeRuneInString(after); slices.Contains([]rune("“”„‟‘’‚«»「」"), r) {
		return habit{at, string(r) + " is no quotation mark here", `texts stand between straight ones: "…" or '…'`}
	}
	said := strings.TrimRight(before, " ")
	if strings.HasSuffix(said, "is not") {
		return habit{len(said) - len("is not"), `"is not" is no operator`, "write !="}
	}
	last := 1 + strings.LastIndexAny(said, " _()")
	if write := operatorWord(said[last:]); write != "" {
		return habit{last, quoted(said[last:]) + " is no operator", "write " + write}
	}
	next := after[:len(after)-len(strings.TrimLeftFunc(after, unicode.IsLetter))]
	if write := operatorWord(next); write != "" {
		return habit{at, quoted(next) + " is no operator", "write " + write}
	}
	if strings.HasPrefix(after, ",") && (strings.Contains(before, " in (") || strings.Contains(before, "_in (")) {
		return habit{at, `"," is not expected here`, `a list stands in brackets: ["a", "b"]`}
	}
	return habit{}
}
