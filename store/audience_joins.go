package store

import (
	"fmt"
	"strings"
)

// joins are tables beside contacts c, each with one row of a contact or none.
// By them a million people are asked in one parallel pass; looked up person by
// person, Postgres asks in one process and a million times.
type joins struct {
	sql   strings.Builder
	args  []any
	names map[string]string // by what they hold
}

// table joins one, once, and returns its name.
func (j *joins) table(rows string, args ...any) string {
	key := fmt.Sprintln(append([]any{rows}, args...)...)
	if name, ok := j.names[key]; ok {
		return name
	}
	name := fmt.Sprintf("j%d", len(j.names)+1)
	if j.names == nil {
		j.names = map[string]string{}
	}
	j.names[key] = name
	fmt.Fprintf(&j.sql, " LEFT JOIN (%s) %s ON %s.contact_id = c.id", rows, name, name)
	j.args = append(j.args, args...)
	return name
}

// tag is the table of whom a tag is on and since when, ok where it is joined.
func (q *asked) tag(name string) (table string, ok bool) {
	if q.joins == nil {
		return "", false
	}
	return q.joins.table(`SELECT ct.contact_id, ct.tagged_at FROM contact_tags ct WHERE `+ofTag, q.botID, name), true
}
