package blocks

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
