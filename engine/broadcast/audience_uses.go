package broadcast

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Free says that nothing needs a segment, or refuses with what does: scheduled
// broadcasts, by themselves or by another segment, and other segments. byName
// asks only for those that know it by its name.
func (a *Audiences) Free(ctx context.Context, s *engine.Segment, byName bool) error {
	means := func(name string) bool {
		return name == s.ID && !byName || blocks.Fold(name) == blocks.Fold(s.Name)
	}
	others, err := a.Store.Segments(ctx, s.BotID)
	if err != nil {
		return err
	}
	var uses []string
	for _, o := range others {
		if o.ID != s.ID && names(&o.Audience, means) {
			uses = append(uses, fmt.Sprintf("segment %q", o.Name))
		}
	}
	plans, err := a.Store.ScheduledPlans(ctx, s.BotID)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if names(&p.Plan.Audience, means) {
			uses = append(uses, fmt.Sprintf("scheduled broadcast %q", p.Plan.Subject))
		}
	}
	if len(uses) == 0 {
		return nil
	}
	slices.Sort(uses)
	return inUse("segment", fmt.Sprintf("%q is used by %s", s.Name, strings.Join(uses, ", ")))
}

// FreeList says that no scheduled broadcast and no segment needs a list, or
// refuses with what does.
func (a *Audiences) FreeList(ctx context.Context, l *engine.PeopleList) error {
	needs := func(of *engine.Audience) bool {
		for ; of != nil; of = of.Exclude {
			if of.List == l.ID {
				return true
			}
		}
		return false
	}
	plans, err := a.Store.ScheduledPlans(ctx, l.BotID)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if needs(&p.Plan.Audience) {
			return inUse("list", fmt.Sprintf("the list is used by the scheduled broadcast %q", p.Plan.Subject))
		}
	}
	segments, err := a.Store.Segments(ctx, l.BotID)
	if err != nil {
		return err
	}
	for _, s := range segments {
		if needs(&s.Audience) {
			return inUse("list", fmt.Sprintf("the list is used by the segment %q", s.Name))
		}
	}
	return nil
}

func inUse(field, message string) error {
	return &engine.Error{Code: engine.Conflict, Field: field, Reason: "in_use", Message: message, Hint: "change or cancel it first"}
}

// names reports whether an audience names a segment, also among whom it
// excludes.
func names(a *engine.Audience, means func(string) bool) bool {
	for ; a != nil; a = a.Exclude {
		if a.Segment != "" && means(a.Segment) {
			return true
		}
	}
	return false
}
