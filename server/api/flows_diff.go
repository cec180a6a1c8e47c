package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// maxFlowChanges is how many differences an answer lists.
const maxFlowChanges = 500

// draftNamed stands for the draft where a version's number could stand.
const draftNamed = "draft"

type diffQuery struct {
	OneFlow
	From string `query:"from" doc:"A version's number, or draft; the published version when left out."`
	To   string `query:"to" doc:"The same; the draft when left out."`
}

// diffAnswer is how one document of a flow differs from another.
type diffAnswer struct {
	From    string       `json:"from"`
	To      string       `json:"to"`
	Changes []flowChange `json:"changes" doc:"In the order of the documents; none when they say the same."`
	More    bool         `json:"more,omitempty" doc:"There are more than are listed."`
}

// flowChange is one difference.
type flowChange struct {
	Block  string `json:"block,omitempty" doc:"In which block or module."`
	Path   string `json:"path" doc:"JSON pointer; below a block or module it begins there."`
	What   string `json:"what" enum:"added,removed,changed"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

type restoring struct {
	OneFlow
	Body struct {
		Version int `json:"version" minimum:"1" doc:"The published version whose document becomes the draft."`
	}
}

// flowHistory registers comparing and restoring.
func (a *API) flowHistory() {
	const tag, path = "Flows", botPath + "/flows/{flow}"
	register(a, get("diff-flow", path+"/diff", tag, "Compare two versions of a flow, or one with the draft", engine.ScopeRead).
		about("Blocks and modules are told by their names, wherever they stand."), a.diffFlow)
	register(a, post("restore-flow", path+"/restore", tag, "Make a published version the draft again", engine.ScopeFlows, http.StatusOK).
		about("The draft that is there is lost. Nothing changes for people until it is published."), a.restoreFlow)
}

func (a *API) restoreFlow(ctx context.Context, in *restoring) (*body[pushed], error) {
	bot := botOf(ctx)
	f, err := a.Store.Flow(ctx, bot.ID, in.Flow)
	if err != nil {
		return nil, err
	}
	v, err := a.Store.Version(ctx, bot.ID, f.ID, in.Body.Version)
	if err != nil {
		return nil, err
	}
	if f, err = a.Store.SaveDraft(ctx, bot.ID, f.Name, v.Document, a.Now()); err != nil {
		return nil, err
	}
	_, problems, err := a.check(ctx, v.Document, f.Name)
	return answer(pushed{showFlow(*f), problems}, err)
}

func (a *API) diffFlow(ctx context.Context, in *diffQuery) (*body[diffAnswer], error) {
	f, err := a.Store.Flow(ctx, botOf(ctx).ID, in.Flow)
	if err != nil {
		return nil, err
	}
	if in.From == "" {
		if in.From = strconv.Itoa(f.Published); f.Published == 0 {
			return nil, invalid("query.from", "the flow was never published: say what to compare")
		}
	}
	if in.To == "" {
		in.To = draftNamed
	}
	d := differ{}
	before, err := a.documentOf(ctx, f, "query.from", in.From)
	if err != nil {
		return nil, err
	}
	after, err := a.documentOf(ctx, f, "query.to", in.To)
	if err != nil {
		return nil, err
	}
	d.objects("", before, after)
	out := diffAnswer{From: in.From, To: in.To, Changes: d.changes}
	if len(d.changes) > maxFlowChanges {
		out.Changes, out.More = d.changes[:maxFlowChanges], true
	}
	if out.Changes == nil {
		out.Changes = []flowChange{}
	}
	return answer(out, nil)
}

// documentOf reads one of a flow's documents.
func (a *API) documentOf(ctx context.Context, f *engine.Flow, field, named string) (map[string]any, error) {
	text := f.Draft
	if named != draftNamed {
		n, err := strconv.Atoi(named)
		if err != nil || n < 1 {
			return nil, invalid(field, "give a version's number, or draft")
		}
		v, err := a.Store.Version(ctx, f.BotID, f.ID, n)
		if err != nil {
			return nil, err
		}
		text = v.Document
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("read document %s of flow %s: %w", named, f.ID, err)
	}
	return out, nil
}

// differ collects the differences of two documents.
type differ struct {
	block   string
	changes []flowChange
}

func (d *differ) note(path, what string, before, after any) {
	d.changes = append(d.changes, flowChange{d.block, path, what, before, after})
}

func (d *differ) values(path string, before, after any) {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			d.objects(path, b, a)
			return
		}
	case []any:
		if a, ok := after.([]any); ok {
			d.lists(path, b, a)
			return
		}
	}
	if !reflect.DeepEqual(before, after) {
		d.note(path, "changed", before, after)
	}
}

func (d *differ) objects(path string, before, after map[string]any) {
	names := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		at := path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		b, had := before[name]
		a, has := after[name]
		switch {
		case path == "" && (name == "blocks" || name == "modules"):
			d.blocks(at, b, a)
		case !had:
			d.note(at, "added", nil, a)
		case !has:
			d.note(at, "removed", b, nil)
		default:
			d.values(at, b, a)
		}
	}
}

// lists compares what both have at their ends first, so that a step put in
// between is one difference.
func (d *differ) lists(path string, before, after []any) {
	first, last := 0, 0
	for first < len(before) && first < len(after) && reflect.DeepEqual(before[first], after[first]) {
		first++
	}
	for last < len(before)-first && last < len(after)-first && reflect.DeepEqual(before[len(before)-1-last], after[len(after)-1-last]) {
		last++
	}
	before, after = before[first:len(before)-last], after[first:len(after)-last]
	for i := range max(len(before), len(after)) {
		at := path + "/" + strconv.Itoa(first+i)
		switch {
		case i >= len(before):
			d.note(at, "added", nil, after[i])
		case i >= len(after):
			d.note(at, "removed", before[i], nil)
		default:
			d.values(at, before[i], after[i])
		}
	}
}

// blocks compares those of one name.
func (d *differ) blocks(path string, before, after any) {
	had, has := byName(before), byName(after)
	for _, b := range had {
		if i := slices.IndexFunc(has, b.same); i >= 0 {
			d.block = b.name
			d.values("", b.value, has[i].value)
			d.block = ""
		} else {
			d.note(path, "removed", b.name, nil)
		}
	}
	for _, b := range has {
		if !slices.ContainsFunc(had, b.same) {
			d.note(path, "added", nil, b.name)
		}
	}
}

// namedBlock is a block or module of a document.
type namedBlock struct {
	name  string
	value any
}

func (b namedBlock) same(other namedBlock) bool {
	return blocks.Fold(b.name) == blocks.Fold(other.name)
}

func byName(v any) []namedBlock {
	list, _ := v.([]any)
	var out []namedBlock
	for _, e := range list {
		object, _ := e.(map[string]any)
		name, _ := object["name"].(string)
		out = append(out, namedBlock{name, e})
	}
	return out
}
