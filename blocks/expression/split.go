package expression

import "strings"

// part is a stretch of a template: text, or the source of an expression.
type part struct {
	text   string
	code   bool
	offset int // of the text in the template
}

// split takes a template apart. Text is unescaped and never follows text.
func split(template string) (parts []part, problems []*Problem) {
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			parts = append(parts, part{text: text.String()})
			text.Reset()
		}
	}
	for i := 0; i < len(template); {
		open := strings.Index(template[i:], "{{")
		if open < 0 {
			text.WriteString(template[i:])
			break
		}
		open += i
		if open > i && template[open-1] == '\\' {
			text.WriteString(template[i:open-1] + "{{")
			i = open + 2
			continue
		}
		text.WriteString(template[i:open])
		from := open + 2
		length, ok := expressionLen(template[from:])
		if !ok {
			problems = append(problems, unclosed(template[from:], open))
			break
		}
		flush()
		parts = append(parts, part{template[from : from+length], true, from})
		i = from + length + 2
	}
	flush()
	return parts, problems
}

// expressions counts those of the parts that are expressions.
func expressions(parts []part) int {
	n := 0
	for _, p := range parts {
		if p.code {
			n++
		}
	}
	return n
}

// unclosed is the problem of a {{ without its }}.
func unclosed(rest string, offset int) *Problem {
	p := &Problem{Code: CodeSyntax, Offset: offset, Message: "{{ is not closed", Hint: `close it with }}, or write \{{ for the braces themselves`}
	if strings.Contains(rest, "}}") {
		p.Message = "{{ is not closed: a quote or a brace inside it does not end"
		p.Hint = `write a quote inside a text as \' or with the other kind of quotes`
	}
	return p
}

// expressionLen returns how long the expression at the start of s is, up to its
// closing }}. Braces inside quotes and maps do not close it.
func expressionLen(s string) (length int, ok bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' || c == '"' || c == '`':
			i = skipQuoted(s, i) - 1
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		case c == '}' && i+1 < len(s) && s[i+1] == '}':
			return i, true
		}
	}
	return 0, false
}
