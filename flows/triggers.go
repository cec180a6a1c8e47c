package flows

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// What can start a block.
const (
	OnFollow   = "follow"
	OnKeyword  = "keyword"
	OnReferral = "referral"
	OnPostback = "postback"
	OnMedia    = "media"
	OnUnfollow = "unfollow"
	OnEvent    = "event"
	OnDefault  = "default"
)

// Limits of a trigger.
const (
	maxKeywords = 1000
	maxKeyword  = 100 // characters
	maxTriggers = 10_000
)

// checkTriggers checks the triggers and makes their compiled form.
func (c *checking) checkTriggers() {
	if len(c.doc.Triggers) > maxTriggers {
		c.problems.add(blocks.CodeLimit, "/triggers", fmt.Sprintf("a flow has at most %d triggers", maxTriggers), "")
		return
	}
	for i := range c.doc.Triggers {
		f := &c.doc.Triggers[i]
		path := fmt.Sprintf("/triggers/%d", i)
		t := Trigger{
			On: f.On, Pattern: f.Pattern, Ref: f.Ref, Data: f.Data, Event: f.Event,
			Channels: c.channels(path+"/channels", f.Channels), Accounts: f.Accounts, Priority: f.Priority, Even: f.Even,
		}
		t.Any = c.keywords(path+"/any", f.Any)
		t.All = c.keywords(path+"/all", f.All)
		t.Exact = c.keywords(path+"/exact", f.Exact)
		c.fitting(path, f)
		c.single(path, &t)
		c.target(path, f, &t)
		c.triggers = append(c.triggers, t)
	}
	c.contested()
}

// contested warns of keywords that several triggers wait for in the same way
// and place: only the first gets them.
func (c *checking) contested() {
	first := map[string]int{}
	for i := range c.triggers {
		t := &c.triggers[i]
		for key, words := range map[string][]string{"any": t.Any, "exact": t.Exact} {
			for _, word := range words {
				id := fmt.Sprintf("%s\x00%d\x00%q\x00%q\x00%s", key, t.Priority, t.Channels, t.Accounts, word)
				j, taken := first[id]
				if !taken {
					first[id] = i
				} else if c.triggers[j].Block != t.Block {
					c.problems.warn(CodeTrigger, fmt.Sprintf("/triggers/%d/%s", i, key),
						fmt.Sprintf("the keyword %s belongs to the trigger at %s already", quote(word), c.problems.line(fmt.Sprintf("/triggers/%d", j))), `give one of them a higher "priority"`)
				}
			}
		}
	}
}

// channels are the kinds a trigger is limited to, as they are compared. One that
// no account is connected on is a doubt.
func (c *checking) channels(path string, list []string) []string {
	var kinds []string
	for i, name := range list {
		kind := Fold(name)
		if len(c.catalog.Channels) > 0 && !slices.Contains(c.catalog.Channels, kind) {
			c.problems.warn(CodeTrigger, fmt.Sprintf("%s/%d", path, i), "no account is connected on "+quote(name), oneOf(kind, c.catalog.Channels))
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

// keywords folds keywords and reports those that nobody can write, and those
// that are there twice.
func (c *checking) keywords(path string, list []string) []string {
	if len(list) > maxKeywords {
		c.problems.add(blocks.CodeLimit, path, fmt.Sprintf("a trigger has at most %d keywords", maxKeywords), "")
		return nil
	}
	var folded []string
	seen := map[string]bool{}
	for i, word := range list {
		at := fmt.Sprintf("%s/%d", path, i)
		switch f := Fold(word); {
		case f == "":
			c.problems.add(CodeTrigger, at, "a keyword cannot be empty", "")
		case len([]rune(f)) > maxKeyword:
			c.problems.add(blocks.CodeLimit, at, fmt.Sprintf("a keyword has at most %d characters", maxKeyword), "")
		case seen[f]:
			c.problems.warn(CodeTrigger, at, "the keyword "+quote(word)+" is there twice", "case, width and spaces do not matter")
		default:
			seen[f] = true
			folded = append(folded, f)
		}
	}
	return folded
}

// fitting checks that the trigger has what its kind needs and nothing else.
func (c *checking) fitting(path string, f *TriggerForm) {
	for _, x := range []struct {
		key   string
		given bool
		on    string
	}{
		{"any", f.Any != nil, OnKeyword}, {"all", f.All != nil, OnKeyword},
		{"exact", f.Exact != nil, OnKeyword}, {"pattern", f.Pattern != "", OnKeyword},
		{"ref", f.Ref != "", OnReferral}, {"data", f.Data != "", OnPostback}, {"event", f.Event != "", OnEvent},
	} {
		if x.given && f.On != x.on && f.On != "" {
			c.problems.add(CodeTrigger, path+"/"+x.key, fmt.Sprintf("%s belongs to triggers on %s, this one is on %s", quote(x.key), quote(x.on), quote(f.On)), "")
		}
	}
	missing := func(message, hint string) { c.problems.add(blocks.CodeMissing, path, message, hint) }
	unread := func(keys ...string) bool { // said already
		return slices.ContainsFunc(keys, func(key string) bool { return c.unread(path, key) })
	}
	switch {
	case unread("any", "all", "exact", "pattern", "ref", "data", "event"):
	case f.On == OnKeyword && len(f.Any)+len(f.All)+len(f.Exact) == 0 && f.Pattern == "":
		missing("a keyword trigger needs keywords", `one of "any", "all", "exact", "pattern"`)
	case f.On == OnReferral && f.Ref == "":
		missing(`a referral trigger needs "ref"`, `"*" is every one`)
	case f.On == OnPostback && f.Data == "":
		missing(`a postback trigger needs "data"`, "")
	case f.On == OnEvent && f.Event == "":
		missing(`an event trigger needs "event"`, "the name that is posted")
	}
	if f.Pattern != "" {
		if _, err := regexp.Compile(f.Pattern); err != nil || len(f.Pattern) > blocks.MaxPattern {
			c.problems.add(CodeTrigger, path+"/pattern", "the pattern cannot be read: "+patternError(err), "")
		}
	}
}

// unread reports whether an object has the key with a value of a shape that it
// cannot have.
func (c *checking) unread(path, key string) bool {
	object, ok := c.problems.root.find(path)
	if !ok {
		return false
	}
	want := isString
	if key == "any" || key == "all" || key == "exact" {
		want = isList
	}
	n := object.get(key)
	return n != nil && n.shape != want
}

func patternError(err error) string {
	if err == nil {
		return fmt.Sprintf("it has more than %d bytes", blocks.MaxPattern)
	}
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// single reports a second follow, unfollow or default trigger for the same
// accounts.
func (c *checking) single(path string, f *Trigger) {
	if f.On != OnFollow && f.On != OnDefault && f.On != OnUnfollow {
		return
	}
	for i := range c.triggers {
		e := &c.triggers[i]
		if e.On == f.On && overlap(e.Channels, f.Channels) && overlap(e.Accounts, f.Accounts) {
			c.problems.add(CodeTaken, path, fmt.Sprintf("a second trigger on %s for the same accounts: the first is at %s", quote(f.On), c.problems.line(fmt.Sprintf("/triggers/%d", i))),
				`limit both with "channels" or "accounts"`)
			return
		}
	}
	for _, k := range c.catalog.Triggers {
		if k.On == f.On && Fold(k.Flow) != Fold(c.doc.Flow) && overlap(k.Channels, f.Channels) && overlap(k.Accounts, f.Accounts) {
			c.problems.add(CodeTaken, path, fmt.Sprintf("flow %s has the trigger on %s for the same accounts", quote(k.Flow), quote(f.On)),
				`limit both with "channels" or "accounts"`)
			return
		}
	}
}

// overlap reports whether two limits have something in common; an empty one is
// no limit.
func overlap(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// target resolves the block a trigger runs.
func (c *checking) target(path string, f *TriggerForm, t *Trigger) {
	if n, ok := c.problems.root.find(path + "/block"); !ok || n.shape != isString {
		return
	}
	got, ok := c.names.Block(f.Block)
	if !ok {
		c.problems.add(blocks.CodeUnknownBlock, path+"/block", "there is no block or module "+quote(f.Block), blocks.DidYouMean(f.Block, c.names.Nearest(f.Block)))
		return
	}
	t.Block = got.ID
}
