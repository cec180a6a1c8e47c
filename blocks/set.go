package blocks

import (
	"fmt"
	"slices"
	"strings"
)

// KindSet is the kind of SetStep.
const KindSet = "set"

// SetStep sets and unsets attributes and writable facts of the person, or with
// "bot." before the name attributes all people of the bot share. All values
// are worked out before the first is set. A value that cannot be of the
// declared type is reported and leaves its attribute alone; nothing ("" where
// text cannot be) unsets it.
//
//	{"type": "set", "set": {"points": "{{ points + 10 }}", "bot.last_winner": "{{ first_name }}"}, "unset": ["coupon"]}
type SetStep struct {
	Set   map[string]*Value `json:"set,omitempty" doc:"Attributes and their new values."`
	Unset []string          `json:"unset,omitempty" doc:"Attributes that lose their values."`

	sets   []assignment
	unsets []SetAttribute
}

// Kind implements Step.
func (s *SetStep) Kind() string { return KindSet }

// Check implements Step.
func (s *SetStep) Check(c *Checker) {
	if s.Set == nil && s.Unset == nil {
		c.Problem(CodeMissing, `needs "set" or "unset"`, "")
	}
	s.sets = c.assignments("set", s.Set)
	c.AtMost("unset", len(s.Unset), MaxPairs)
	c.In("unset", func() {
		for i, name := range s.Unset {
			c.At(i, func() { s.unset(c, name) })
		}
	})
}

func (s *SetStep) unset(c *Checker, name string) {
	if shared, ok := strings.CutPrefix(name, botPrefix); ok && shared != "" {
		s.unsets = append(s.unsets, SetAttribute{Name: shared, Bot: true})
		return
	}
	kept, _, ok := c.Attribute(name)
	if !ok {
		return
	}
	if slices.ContainsFunc(s.sets, func(a assignment) bool { return a.name == kept && !a.bot }) {
		c.Problem(CodeChoice, quoted(name)+" is both set and unset", "")
	}
	s.unsets = append(s.unsets, SetAttribute{Name: kept})
}

// Compile implements Step.
func (s *SetStep) Compile(c *Code) { c.Emit(set{s}) }

// set sets and unsets.
type set struct{ *SetStep }

func (s set) Run(env Env) Next {
	changes := make([]SetAttribute, 0, len(s.sets))
	for i := range s.sets {
		a := &s.sets[i]
		v, err := a.value.typed(env, nil, a.kind)
		if err != nil {
			env.Report(ReportAttribute, fmt.Sprintf("attribute %s is not set: %v", quoted(a.name), err))
			continue
		}
		changes = append(changes, SetAttribute{Name: a.name, Value: v, Bot: a.bot})
	}
	for _, change := range changes {
		env.Do(change)
	}
	for _, change := range s.unsets {
		env.Do(change)
	}
	return Continue{}
}
