package blocks

import "fmt"

// ButtonForm is a button in a flow document, which becomes one Button, or with
// its Loop any number.
type ButtonForm struct {
	Loop
	Title Template `json:"title" doc:"What the button shows."`
	ActionForm
}

func (f *ButtonForm) check(c *Checker) {
	c.Loop(&f.Loop, func() {
		c.Needed("title", &f.Title)
		f.ActionForm.check(c)
	})
}

// Buttons checks a list of buttons.
func (c *Checker) Buttons(key string, list []ButtonForm) {
	c.AtMost(key, len(list), MaxButtons)
	c.In(key, func() {
		for i := range list {
			c.At(i, func() { list[i].check(c) })
		}
	})
}

func buttons(env Env, locals map[string]any, list []ButtonForm) ([]Button, error) {
	if len(list) == 0 {
		return nil, nil
	}
	made := make([]Button, 0, len(list))
	for i := range list {
		f := &list[i]
		more, err := f.Loop.run(env, locals, func(locals map[string]any) (bool, error) {
			return addButton(env, locals, &made, &f.Title, &f.ActionForm, MaxButtons)
		})
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return made, nil
}

// addButton makes one button and adds it to the list; false when the list is
// full.
func addButton(env Env, locals map[string]any, list *[]Button, title *Template, a *ActionForm, most int) (bool, error) {
	if len(*list) == most {
		env.Report(ReportCut, fmt.Sprintf("the buttons after the first %d are left out", most))
		return false, nil
	}
	b, err := a.button(env, locals)
	if err != nil {
		return false, err
	}
	if b.Title, err = title.run(env, locals); err != nil {
		return false, err
	}
	if a.constant != nil && title.constant { // as checked
		*list = append(*list, b)
		return true, nil
	}
	if why := b.usable(true); why != "" {
		env.Report(ReportButton, fmt.Sprintf("button %s is left out: %s", quoted(b.Title), why))
		return true, nil
	}
	*list = append(*list, b)
	return true, nil
}

// QuickReplyForm is a quick reply in a flow document, which becomes one Button
// below a message, or with its Loop any number.
type QuickReplyForm struct {
	Loop
	Title    Template  `json:"title" doc:"What the quick reply shows."`
	ImageURL *Template `json:"image_url,omitempty" doc:"A small square picture beside the title, https."`
	ActionForm
}

// QuickReplies checks a list of quick replies.
func (c *Checker) QuickReplies(key string, list []QuickReplyForm) {
	c.AtMost(key, len(list), MaxQuickReplies)
	c.In(key, func() {
		for i := range list {
			f := &list[i]
			c.At(i, func() {
				c.Loop(&f.Loop, func() {
					c.Needed("title", &f.Title)
					c.MediaURL("image_url", f.ImageURL)
					f.ActionForm.check(c)
				})
			})
		}
	})
}

func quickReplies(env Env, list []QuickReplyForm) ([]Button, error) {
	if len(list) == 0 {
		return nil, nil
	}
	made := make([]Button, 0, len(list))
	for i := range list {
		f := &list[i]
		more, err := f.Loop.run(env, nil, func(locals map[string]any) (bool, error) {
			before := len(made)
			more, err := addButton(env, locals, &made, &f.Title, &f.ActionForm, MaxQuickReplies)
			if err != nil || len(made) == before {
				return more, err
			}
			made[before].ImageURL, err = mediaURL(env, locals, f.ImageURL)
			return more, err
		})
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return made, nil
}

// TapForm is what a tap on a picture or card does: a button without title.
type TapForm struct{ ActionForm }

// Tap reports what is wrong with a tap under the given key; there may be none.
func (c *Checker) Tap(key string, t *TapForm) {
	if t != nil {
		c.In(key, func() { t.ActionForm.check(c) })
	}
}

// button makes the tap, nil when there is none or it cannot be used.
func (t *TapForm) button(env Env, locals map[string]any) (*Button, error) {
	if t == nil {
		return nil, nil
	}
	b, err := t.ActionForm.button(env, locals)
	if err != nil {
		return nil, err
	}
	if why := b.usable(false); why != "" {
		env.Report(ReportButton, "a tap does nothing: "+why)
		return nil, nil
	}
	return &b, nil
}

// usable says why a finished button cannot be shown, "" when it can.
func (b *Button) usable(needsTitle bool) string {
	switch {
	case needsTitle && blank(b.Title):
		return "its title is empty"
	case b.Action == ActionURL:
		if err := checkLink(b.Value); err != nil {
			return err.Error()
		}
	case b.Action == ActionCall:
		if err := checkCall(b.Value); err != nil {
			return err.Error()
		}
	case b.Action == ActionSay && blank(b.Value):
		return "the text it says is empty"
	}
	return ""
}
