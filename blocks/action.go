package blocks

import (
	"fmt"
	"strings"
)

// ActionForm is what a tap does: exactly one action, and what is set with it.
type ActionForm struct {
	Goto        *Ref       `json:"goto,omitempty" doc:"Runs a block or module."`
	URL         *Template  `json:"url,omitempty" doc:"Opens an address."`
	Call        *Template  `json:"call,omitempty" doc:"Calls a number, as written: digits, + * #."`
	Say         *Template  `json:"say,omitempty" doc:"Sends this text as if the person had written it."`
	AskPhone    *Flag      `json:"ask_phone,omitempty" doc:"Asks the platform to share the person's phone number."`
	AskEmail    *Flag      `json:"ask_email,omitempty" doc:"Asks the platform to share the person's e-mail address."`
	AskLocation *Flag      `json:"ask_location,omitempty" doc:"Lets the person share a place."`
	Subscribe   *Consented `json:"subscribe,omitempty" doc:"Agrees to broadcasts; may name a block that follows."`
	Unsubscribe *Consented `json:"unsubscribe,omitempty" doc:"Ends broadcasts; may name a block that follows."`
	Share       *Value     `json:"share,omitempty" doc:"Not available yet."`
	Request     *Value     `json:"request,omitempty" doc:"Not available yet."`

	Set   map[string]*Value `json:"set,omitempty" doc:"Attributes set on tap."`
	Tag   []*Template       `json:"tag,omitempty" doc:"Tags added on tap."`
	Untag []*Template       `json:"untag,omitempty" doc:"Tags removed on tap."`

	sets     []assignment // Set, in the order of the names
	acts     bool         // an action is given
	constant *Button      // all of it, when nothing of it is evaluated
}

// actions lists the actions that are given, in the order of the documentation.
func (a *ActionForm) actions() []string {
	var given []string
	for _, x := range []struct {
		name string
		has  bool
	}{
		{"goto", a.Goto != nil}, {"url", a.URL != nil}, {"call", a.Call != nil}, {"say", a.Say != nil},
		{"ask_phone", a.AskPhone != nil}, {"ask_email", a.AskEmail != nil}, {"ask_location", a.AskLocation != nil},
		{"subscribe", a.Subscribe != nil}, {"unsubscribe", a.Unsubscribe != nil},
		{"share", a.Share != nil}, {"request", a.Request != nil},
	} {
		if x.has {
			given = append(given, x.name)
		}
	}
	return given
}

// actionNames is what a hint offers.
const actionNames = "goto, url, call, say, ask_phone, ask_email, ask_location, subscribe, unsubscribe"

func (a *ActionForm) check(c *Checker) {
	given := a.actions()
	a.acts = len(given) > 0
	switch {
	case len(given) == 0:
		c.Problem(CodeMissing, "does nothing when tapped", "give one of "+actionNames)
	case len(given) > 1:
		c.Problem(CodeChoice, "does several things when tapped ("+strings.Join(given, ", ")+"): only one is possible", "make a button for each")
	}
	a.checkAction(c)
	a.sets = c.assignments("set", a.Set)
	for _, s := range a.sets {
		if s.bot {
			c.In("set", func() {
				c.In(botPrefix+s.name, func() {
					c.Problem(CodeNotYet, "a button sets attributes of the person only", "set it in the block the button goes to")
				})
			})
		}
	}
	c.tags("tag", a.Tag)
	c.tags("untag", a.Untag)
	a.constant = a.fixed()
}

func (a *ActionForm) checkAction(c *Checker) {
	c.Ref("goto", a.Goto)
	c.Needed("url", a.URL)
	c.Needed("call", a.Call)
	c.Needed("say", a.Say)
	if s := a.Subscribe; s != nil {
		c.In("subscribe", func() { c.Ref("goto", s.Goto) })
	}
	if s := a.Unsubscribe; s != nil {
		c.In("unsubscribe", func() { c.Ref("goto", s.Goto) })
	}
	if a.Share != nil {
		c.In("share", func() { c.Problem(CodeNotYet, "sharing is not available yet", "") })
	}
	if a.Request != nil {
		c.In("request", func() {
			c.Problem(CodeNotYet, "a request on a button is not available yet", `use "goto" to a block with a request`)
		})
	}
	if a.URL != nil && a.URL.constant {
		c.In("url", func() {
			if err := checkLink(a.URL.text); err != nil {
				c.Problem(CodeValue, err.Error(), "")
			}
		})
	}
	if a.Call != nil && a.Call.constant {
		c.In("call", func() {
			if err := checkCall(a.Call.text); err != nil {
				c.Problem(CodeValue, err.Error(), "")
			}
		})
	}
}

// fixed returns the button when nothing of the action is evaluated.
func (a *ActionForm) fixed() *Button {
	for _, t := range []*Template{a.URL, a.Call, a.Say} {
		if t != nil && !t.constant {
			return nil
		}
	}
	if len(a.Set) > 0 || len(a.Tag) > 0 || len(a.Untag) > 0 {
		return nil
	}
	b := &Button{}
	b.Action, b.Value, _ = a.action(nil, nil)
	return b
}

// button makes what a tap does.
func (a *ActionForm) button(env Env, locals map[string]any) (b Button, err error) {
	if a.constant != nil {
		return *a.constant, nil
	}
	if b.Action, b.Value, err = a.action(env, locals); err != nil {
		return b, err
	}
	for i := range a.sets {
		s := &a.sets[i]
		v, err := s.value.typed(env, locals, s.kind)
		if err != nil {
			return b, fmt.Errorf("set %s: %w", s.name, err)
		}
		if b.Set == nil {
			b.Set = make(map[string]any, len(a.sets))
		}
		b.Set[s.name] = v
	}
	if b.Tag, err = texts(env, locals, a.Tag); err != nil {
		return b, err
	}
	b.Untag, err = texts(env, locals, a.Untag)
	return b, err
}

func (a *ActionForm) action(env Env, locals map[string]any) (Action, string, error) {
	text := func(action Action, t *Template) (Action, string, error) {
		s, err := t.run(env, locals)
		return action, strings.TrimSpace(s), err
	}
	switch {
	case a.Goto != nil:
		return ActionGoto, a.Goto.ID, nil
	case a.URL != nil:
		return text(ActionURL, a.URL)
	case a.Call != nil:
		return text(ActionCall, a.Call)
	case a.Say != nil:
		return text(ActionSay, a.Say)
	case a.AskPhone != nil:
		return ActionAskPhone, "", nil
	case a.AskEmail != nil:
		return ActionAskEmail, "", nil
	case a.AskLocation != nil:
		return ActionAskLocation, "", nil
	case a.Subscribe != nil:
		return ActionSubscribe, a.Subscribe.Goto.id(), nil
	case a.Unsubscribe != nil:
		return ActionUnsubscribe, a.Unsubscribe.Goto.id(), nil
	}
	return "", "", errUnchecked
}
