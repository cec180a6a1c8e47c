package main

import (
	"regexp"
	"strings"
)

// table is a table in Markdown.
type table struct {
	b    strings.Builder
	rows int
}

func newTable(heads ...string) *table {
	t := &table{}
	t.line(heads)
	t.b.WriteString("|" + strings.Repeat(" --- |", len(heads)) + "\n")
	return t
}

func (t *table) add(cells ...string) {
	t.line(cells)
	t.rows++
}

func (t *table) line(cells []string) { t.b.WriteString(newRow(cells...)) }

// newRow is one row of a table.
func newRow(cells ...string) string {
	row := "|"
	for _, c := range cells {
		row += " " + strings.ReplaceAll(strings.ReplaceAll(c, "\n", " "), "|", `\|`) + " |"
	}
	return row + "\n"
}

func (t *table) String() string { return t.b.String() }

// code is a text as code, whatever quotes it has.
func code(s string) string {
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// keys are names of the format within a sentence: retry_text, secret.x.
var keys = regexp.MustCompile(`\b[a-z]+(_[a-z]+)+\b|\b(secret|bot)\.x\b`)

// marked shows the format's names in a sentence as code.
func marked(text string) string { return keys.ReplaceAllString(text, "`$0`") }

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
