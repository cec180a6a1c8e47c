package blocks

import (
	"fmt"
	"strconv"
	"strings"
)

// ChoiceForm is a choice of a question as authored.
type ChoiceForm struct {
	Loop
	Title    Template          `json:"title" doc:"What is shown and can be typed."`
	Value    *Value            `json:"value,omitempty" doc:"What is saved; the title unless said."`
	Also     []*Template       `json:"also,omitempty" doc:"Other words that mean it."`
	ImageURL *Template         `json:"image_url,omitempty" doc:"A small square picture beside a quick reply, https."`
	Goto     *Ref              `json:"goto,omitempty" doc:"The block that follows instead of the next step."`
	Set      map[string]*Value `json:"set,omitempty" doc:"Attributes set when it is chosen."`
	Tag      []*Template       `json:"tag,omitempty" doc:"Tags added when it is chosen."`

	sets []assignment
}

func (f *ChoiceForm) check(c *Checker) {
	c.Loop(&f.Loop, func() {
		c.Needed("title", &f.Title)
		c.Value("value", f.Value)
		c.In("also", func() {
			for i, t := range f.Also {
				c.At(i, func() { c.template(t) })
			}
		})
		c.AtMost("also", len(f.Also), MaxTags)
		c.MediaURL("image_url", f.ImageURL)
		c.Ref("goto", f.Goto)
		f.sets = c.assignments("set", f.Set)
		c.tags("tag", f.Tag)
	})
}

// choice is one choice of a question that is asked.
type choice struct {
	form     *ChoiceForm
	locals   map[string]any
	title    string
	imageURL string
}

// choices makes the choices of the question as they are now.
func (s *AskStep) choices(env Env) ([]choice, error) {
	if len(s.Choices) == 0 {
		return nil, nil
	}
	list := make([]choice, 0, len(s.Choices))
	for i := range s.Choices {
		f := &s.Choices[i]
		more, err := f.Loop.run(env, nil, func(locals map[string]any) (bool, error) {
			if len(list) == MaxChoices {
				env.Report(ReportCut, fmt.Sprintf("the choices after the first %d are left out", MaxChoices))
				return false, nil
			}
			c := choice{form: f, locals: locals}
			var err error
			if c.title, err = f.Title.run(env, locals); err != nil || blank(c.title) {
				return true, err
			}
			if c.imageURL, err = mediaURL(env, locals, f.ImageURL); err != nil {
				return false, err
			}
			list = append(list, c)
			return true, nil
		})
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return list, nil
}

// chosen finds the choice a text means: by its title or another word of it, by
// those without accents, or, where numbers are no answers of their own, by its
// place in the list.
func chosen(env Env, list []choice, text string, numbered bool) (*choice, error) {
	text = trimPunctuation(text)
	for _, fold := range []func(string) string{Fold, FoldLoose} {
		want := fold(text)
		for i := range list {
			same, err := list[i].means(env, want, fold)
			if err != nil {
				return nil, err
			}
			if same {
				return &list[i], nil
			}
		}
	}
	if n, err := strconv.Atoi(Fold(text)); numbered && err == nil && n >= 1 && n <= len(list) {
		return &list[n-1], nil
	}
	return nil, nil
}

func (c *choice) means(env Env, want string, fold func(string) string) (bool, error) {
	if fold(c.title) == want || fold(trimPunctuation(c.title)) == want {
		return true, nil
	}
	also, err := texts(env, c.locals, c.form.Also)
	if err != nil {
		return false, err
	}
	for _, word := range also {
		if fold(word) == want {
			return true, nil
		}
	}
	return false, nil
}

// value is what the choice saves.
func (c *choice) value(env Env) (any, error) {
	if c.form.Value == nil {
		return c.title, nil
	}
	return c.form.Value.run(env, c.locals)
}

// do sets and tags what the choice says.
func (c *choice) do(env Env) {
	for i := range c.form.sets {
		a := &c.form.sets[i]
		v, err := a.value.typed(env, c.locals, a.kind)
		if err != nil {
			env.Report(ReportAttribute, fmt.Sprintf("attribute %s is not set: %v", quoted(a.name), err))
			continue
		}
		env.Do(SetAttribute{Name: a.name, Value: v, Bot: a.bot})
	}
	tags, err := texts(env, c.locals, c.form.Tag)
	if err != nil {
		env.Report(ReportExpression, "tag: "+err.Error())
	}
	for _, name := range tags {
		env.Do(Tag{Name: name})
	}
}

// trimPunctuation drops what people write around a word: "2." or "「是」。".
func trimPunctuation(s string) string {
	return strings.Trim(s, " \t\r\n.,!?()。，！？、「」（）\u3000\"'")
}
