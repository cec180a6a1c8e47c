package broadcast

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Limits of what a broadcast is called, and of the tags it puts on people.
const (
	MaxSubject = 200 // characters
	maxTags    = 50
)

// checkLabels tidies the subject, the category and the tags of a plan, and says
// what is wrong with them. Lists and reports show the first two in one line. A
// plan that is kept is called as it is: what was taken once is sent, also when
// it would not be taken any more.
func checkLabels(p *engine.Plan) error {
	p.Subject, p.Category = strings.TrimSpace(p.Subject), strings.TrimSpace(p.Category)
	subject, category := utf8.RuneCountInString(p.Subject), utf8.RuneCountInString(p.Category)
	switch {
	case subject == 0:
		return invalid("subject", "a broadcast needs a subject: people see it in lists and reports")
	case subject > MaxSubject:
		return invalid("subject", "a subject has at most %d characters, this one has %d", MaxSubject, subject)
	case strings.ContainsFunc(p.Subject, unicode.IsControl):
		return invalid("subject", "a subject is one line of text: it has a line break or another control character")
	case category > MaxCategory:
		return invalid("category", "a category has at most %d characters, this one has %d", MaxCategory, category)
	case strings.ContainsFunc(p.Category, unicode.IsControl):
		return invalid("category", "a category is one line of text: it has a line break or another control character")
	case len(p.Tags) > maxTags:
		return invalid("tags", "at most %d tags, not %d", maxTags, len(p.Tags))
	}
	return checkTags(p)
}

// labelled reports whether two plans are called the same and put the same tags on
// people.
func labelled(p, as *engine.Plan) bool {
	return p.Subject == as.Subject && p.Category == as.Category && slices.Equal(p.Tags, as.Tags)
}

// checkTags leaves each tag once, whose names differ by more than their case.
func checkTags(p *engine.Plan) error {
	var tags []string
	for i, tag := range p.Tags {
		tag = strings.TrimSpace(tag)
		switch {
		case tag == "":
			return invalid(fmt.Sprintf("tags[%d]", i), "a tag needs a name")
		case len(tag) > blocks.MaxTagName:
			return invalid(fmt.Sprintf("tags[%d]", i), "a tag's name has at most %d bytes", blocks.MaxTagName)
		}
		if !slices.ContainsFunc(tags, func(t string) bool { return blocks.Fold(t) == blocks.Fold(tag) }) {
			tags = append(tags, tag)
		}
	}
	p.Tags = tags
	return nil
}
