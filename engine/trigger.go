package engine

import (
	"regexp"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// What a trigger is on.
const (
	OnFollow   = "follow"
	OnUnfollow = "unfollow"
	OnKeyword  = "keyword"
	OnReferral = "referral"
	OnPostback = "postback"
	OnMedia    = "media"
	OnEvent    = "event"
	OnDefault  = "default"
)

// On is something that happened, as triggers see it.
type On struct {
	Kind              string
	Text              string // for OnKeyword, as written
	Data              string // a referral's ref, a postback's data, an event's name
	Channel           string
	AccountID         string
	AccountExternalID string
	Group             bool // people there also talk to each other: the default and media triggers stay silent
	HandedOver        bool // only triggers that want it run
}

// AnyRef is the ref of a referral trigger for every ref.
const AnyRef = "*"

// triggers finds triggers. When several are meant, the one with the higher
// priority is taken, then the one whose flow's name comes first.
type triggers struct {
	ranked   []ranked // best first; all lists below hold places in it, ascending
	byKind   map[string][]int
	byData   map[string][]int // by kind and data
	keywords keywords         // folded
	loose    keywords         // folded, without accents
	patterns []pattern
}

type ranked struct {
	*flows.Trigger
	flow int // in Library.Flows
}

type pattern struct {
	trigger int
	*regexp.Regexp
}

func newTriggers(published []Published) triggers {
	var t triggers
	for i := range published {
		list := published[i].Program.Triggers
		for j := range list {
			t.ranked = append(t.ranked, ranked{&list[j], i})
		}
	}
	slices.SortStableFunc(t.ranked, func(a, b ranked) int {
		if a.Priority != b.Priority {
			return b.Priority - a.Priority
		}
		return strings.Compare(published[a.flow].Name, published[b.flow].Name)
	})
	t.byKind, t.byData = map[string][]int{}, map[string][]int{}
	t.keywords, t.loose = newKeywords(), newKeywords()
	for i := range t.ranked {
		t.add(i)
	}
	t.keywords.ready()
	t.loose.ready()
	return t
}

func (t *triggers) add(i int) {
	switch tr := t.ranked[i]; tr.On {
	case OnKeyword:
		t.keywords.add(i, tr.Trigger, blocks.Fold)
		t.loose.add(i, tr.Trigger, blocks.FoldLoose)
		if tr.Pattern != "" {
			if re, err := regexp.Compile(tr.Pattern); err == nil { // the check has refused others
				t.patterns = append(t.patterns, pattern{i, re})
			}
		}
	case OnReferral:
		t.byData[dataKey(tr.On, tr.Ref)] = append(t.byData[dataKey(tr.On, tr.Ref)], i)
	case OnPostback:
		t.byData[dataKey(tr.On, tr.Data)] = append(t.byData[dataKey(tr.On, tr.Data)], i)
	case OnEvent:
		t.byData[dataKey(tr.On, tr.Event)] = append(t.byData[dataKey(tr.On, tr.Event)], i)
	default:
		t.byKind[tr.On] = append(t.byKind[tr.On], i)
	}
}

func dataKey(kind, data string) string { return kind + "\x00" + data }

// match returns the best trigger for what happened, nil when there is none.
func (t *triggers) match(on On) *ranked {
	if on.Group && (on.Kind == OnDefault || on.Kind == OnMedia) {
		return nil
	}
	switch on.Kind {
	case OnKeyword:
		return t.keyword(on)
	case OnReferral:
		if m := t.first(t.byData[dataKey(on.Kind, on.Data)], on); m != nil {
			return m
		}
		return t.first(t.byData[dataKey(on.Kind, AnyRef)], on)
	case OnPostback, OnEvent:
		return t.first(t.byData[dataKey(on.Kind, on.Data)], on)
	}
	return t.first(t.byKind[on.Kind], on)
}

// keyword looks for keywords as written, then without accents, then for
// patterns.
func (t *triggers) keyword(on On) *ranked {
	text := cutText(on.Text)
	if text == "" {
		return nil
	}
	fits := func(i int) bool { return t.ranked[i].fits(on) }
	if i, ok := t.keywords.find(blocks.Fold(text), fits); ok {
		return &t.ranked[i]
	}
	if i, ok := t.loose.find(blocks.FoldLoose(text), fits); ok {
		return &t.ranked[i]
	}
	for _, p := range t.patterns {
		if fits(p.trigger) && p.MatchString(text) {
			return &t.ranked[p.trigger]
		}
	}
	return nil
}

func (t *triggers) first(list []int, on On) *ranked {
	for _, i := range list {
		if t.ranked[i].fits(on) {
			return &t.ranked[i]
		}
	}
	return nil
}

// fits reports whether the trigger may run there.
func (t *ranked) fits(on On) bool {
	switch {
	case on.HandedOver && !t.Even:
		return false
	case len(t.Channels) > 0 && !slices.Contains(t.Channels, on.Channel):
		return false
	case len(t.Accounts) > 0 && !slices.Contains(t.Accounts, on.AccountID) && !slices.Contains(t.Accounts, on.AccountExternalID):
		return false
	}
	return true
}
