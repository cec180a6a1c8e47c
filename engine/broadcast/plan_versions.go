package broadcast

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/blockcast/blockcast/engine"
)

// Versions keeps what broadcasts were to do before they were changed. What is
// not a bot's own is *engine.Error with NotFound.
type Versions interface {
	// PlanVersions returns all that are kept, the newest first.
	PlanVersions(ctx context.Context, botID, id string) ([]engine.PlanVersion, error)
}

type authorKey struct{}

// By says who writes the plans that are written with a context: the name of a
// token. Nobody has to say; versions then tell nobody.
func By(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, authorKey{}, name)
}

func author(ctx context.Context) string {
	name, _ := ctx.Value(authorKey{}).(string)
	return name
}

// Version is what a broadcast was to do at one of its versions, with what of it
// differs from the version before.
type Version struct {
	engine.PlanVersion
	// Changed are the parts of the plan that are not as they were, by their names
	// in JSON; nil of the first, and where the one before is not kept.
	Changed []string
}

// Versions returns what a broadcast was to do, the newest first.
func (b *Broadcasts) Versions(ctx context.Context, botID, id string) ([]Version, error) {
	all, err := b.Store.PlanVersions(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	out := make([]Version, len(all))
	for i, v := range all {
		out[i].PlanVersion = v
		if i+1 < len(all) && all[i+1].Version == v.Version-1 {
			if out[i].Changed, err = changed(&all[i+1].Plan, &v.Plan); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Version returns what a broadcast was to do at one of its versions. NotFound
// tells whether there never was one, or it is kept no more.
func (b *Broadcasts) Version(ctx context.Context, botID, id string, number int) (*Version, error) {
	all, err := b.Versions(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Version == number {
			return &all[i], nil
		}
	}
	message := fmt.Sprintf("version %d of the broadcast is not kept: it is from before versions were kept, or was replaced too long ago", number)
	if number < 1 || len(all) > 0 && number > all[0].Version {
		message = fmt.Sprintf("the broadcast has no version %d: it is at %d", number, all[0].Version)
	}
	return nil, &engine.Error{Code: engine.NotFound, Message: message}
}

// changed are the parts in which two plans differ, in order.
func changed(before, after *engine.Plan) ([]string, error) {
	was, err := parts(before)
	if err != nil {
		return nil, err
	}
	is, err := parts(after)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for name := range is {
		if !reflect.DeepEqual(was[name], is[name]) {
			out = append(out, name)
		}
	}
	for name := range was {
		if _, still := is[name]; !still {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// parts are the values of a plan by their names in JSON.
func parts(p *engine.Plan) (map[string]any, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("compare plans: %w", err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("compare plans: %w", err)
	}
	return out, nil
}
