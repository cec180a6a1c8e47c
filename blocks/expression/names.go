package expression

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold makes names that differ only in spaces and underscores equal:
// "first name" and "first_name".
func fold(name string) string {
	for i := range len(name) {
		switch name[i] {
		case ' ', '\t', '\n', '\r':
			return strings.Join(strings.Fields(name), "_")
		}
	}
	return name
}

// loosely looks a name up in values from outside, where it may be written with
// spaces or with underscores.
func loosely(values map[string]any, name string) any {
	if v, ok := values[name]; ok {
		return v
	}
	if v, ok := values[strings.ReplaceAll(name, "_", " ")]; ok {
		return v
	}
	return values[fold(name)]
}

// joinWords writes "first name" as "first_name": two words beside each other
// mean nothing in an expression, so they can only be one name. The result is as
// long as the source and every word that is not joined stays in its place.
func joinWords(source string) string {
	if !strings.ContainsAny(source, " \t\n\r") {
		return source
	}
	var b strings.Builder
	b.Grow(len(source))
	for i := 0; i < len(source); {
		switch c := source[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := skipQuoted(source, i)
			b.WriteString(source[i:end])
			i = end
		case isWordStart(source[i:]):
			i = joinRun(&b, source, i)
		default:
			// A number with its letters is copied whole, so that 1e5 or 0x1f
			// is not taken for a word.
			end := i + max(1, wordLen(source[i:]))
			b.WriteString(source[i:end])
			i = end
		}
	}
	return b.String()
}

// joinRun writes the words that begin at i, joined as long as neither is a
// keyword, and returns where they end.
func joinRun(b *strings.Builder, source string, i int) int {
	end := i + wordLen(source[i:])
	word := source[i:end]
	b.WriteString(word)
	padding := 0
	for !isKeyword(word) {
		next := end
		for next < len(source) && strings.IndexByte(" \t\n\r", source[next]) >= 0 {
			next++
		}
		n := wordLen(source[next:])
		if next == end || n == 0 {
			break
		}
		word = source[next : next+n]
		if isKeyword(word) {
			break
		}
		b.WriteByte('_')
		b.WriteString(word)
		padding += next - end - 1
		end = next + n
	}
	b.WriteString(strings.Repeat(" ", padding))
	return end
}

func isWordStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || unicode.IsLetter(r)
}

// wordLen returns how many bytes of letters, digits and underscores s begins
// with.
func wordLen(s string) int {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return i
		}
	}
	return len(s)
}

// skipQuoted returns where the quoted text that begins at i ends, or the end
// of the source when it does not end.
func skipQuoted(source string, i int) int {
	mark := source[i]
	for i++; i < len(source); i++ {
		switch {
		case source[i] == '\\' && mark != '`':
			i++
		case source[i] == mark:
			return i + 1
		}
	}
	return len(source)
}
