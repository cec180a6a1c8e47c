package blocks

import (
	"fmt"
	"strings"
)

// KindTag is the kind of TagStep.
const KindTag = "tag"

// TagStep adds and removes tags.
//
//	{"type": "tag", "add": ["customer", "bought {{ product }}"], "remove": ["visitor"]}
type TagStep struct {
	Add    []*Template `json:"add,omitempty" doc:"Tags the person gets."`
	Remove []*Template `json:"remove,omitempty" doc:"Tags the person loses."`
}

// Kind implements Step.
func (s *TagStep) Kind() string { return KindTag }

// Check implements Step.
func (s *TagStep) Check(c *Checker) {
	if s.Add == nil && s.Remove == nil {
		c.Problem(CodeMissing, `needs "add" or "remove"`, "")
	}
	c.tags("add", s.Add)
	c.tags("remove", s.Remove)
}

// Compile implements Step.
func (s *TagStep) Compile(c *Code) { c.Emit(tag{s}) }

// tag adds and removes.
type tag struct{ *TagStep }

func (t tag) Run(env Env) Next {
	t.do(env, t.Add, false)
	t.do(env, t.Remove, true)
	return Continue{}
}

func (t tag) do(env Env, list []*Template, remove bool) {
	names, err := texts(env, nil, list)
	if err != nil {
		env.Report(ReportExpression, "tag: "+err.Error())
	}
	for _, name := range names {
		if len(name) > MaxTagName {
			env.Report(ReportAttribute, "the tag "+quoted(name)+" is too long and left out")
			continue
		}
		env.Do(Tag{Name: name, Remove: remove})
	}
}

// texts evaluates a list of short texts; empty ones are left out.
func texts(env Env, locals map[string]any, list []*Template) ([]string, error) {
	var made []string
	for _, t := range list {
		s, err := t.run(env, locals)
		if err != nil {
			return nil, err
		}
		if s = strings.TrimSpace(s); s != "" {
			made = append(made, s)
		}
	}
	return made, nil
}

// tags checks a list of tags.
func (c *Checker) tags(key string, list []*Template) {
	c.AtMost(key, len(list), MaxTags)
	c.In(key, func() {
		for i, t := range list {
			c.At(i, func() {
				c.template(t)
				switch {
				case t.constant && blank(t.text):
					c.Problem(CodeMissing, "a tag needs a name", "")
				case len(t.constantText()) > MaxTagName:
					c.Problem(CodeLimit, fmt.Sprintf("a tag's name has at most %d bytes", MaxTagName), "")
				}
			})
		}
	})
}

// MaxTagName is the longest name of a tag, in bytes.
const MaxTagName = 200
