package broadcast

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// Names of a writing's flow and module; no flow is called so by accident.
const (
	writingFlow   = "(broadcast)"
	writingModule = "(message of a broadcast)"
)

// said counts the ways in which something is said.
func said(c *engine.Content) int {
	n := 0
	for _, is := range [...]bool{c.Block != "", len(c.Messages) > 0, len(c.Template) > 0} {
		if is {
			n++
		}
	}
	return n
}

// checkContent says what is wrong with a content as it is written.
func checkContent(field string, c *engine.Content) error {
	switch said(c) {
	case 0:
		return invalid(field, "say what is sent: a block, messages or a template")
	case 1:
	default:
		return invalid(field, "a broadcast sends a block, or messages of its own, or a template: only one of them")
	}
	if len(c.Messages) > 0 {
		var list []json.RawMessage
		if err := json.Unmarshal(c.Messages, &list); err != nil {
			return invalid(field+".messages", "messages are a list of steps, as a module has them")
		}
		if len(list) == 0 || len(list) > MaxMessages {
			return invalid(field+".messages", "between 1 and %d messages, not %d", MaxMessages, len(list))
		}
	}
	return nil
}

// content finds the block that says a content. What is written for the
// broadcast is compiled, kept and found like a block.
func (b *Broadcasts) content(ctx context.Context, bot *engine.Bot, p *engine.Plan, c *engine.Content, field string) (*flows.Block, error) {
	lib, err := b.Libraries.Library(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	if c.Block == "" {
		return b.write(ctx, lib, steps(bot, p, c), field, places(c))
	}
	_, block, err := lib.Find(c.Block)
	if err != nil {
		return nil, inField(err, field+".block")
	}
	switch {
	case !p.AllowRequests && block.Requests:
		return nil, invalid(field+".block", "%q fetches from another system for each person: allow_requests lets it", block.Name)
	case !p.AllowQuestions && !block.Speaks():
		return nil, invalid(field+".block", "%q asks or waits, and would open a conversation with everybody: allow_questions lets it", block.Name)
	case p.Unsubscribe && !block.Module:
		return nil, invalid(field+".block", "%q is a block, and the words about unsubscribing can follow modules and messages only: make a module of it, or put a button that unsubscribes into it", block.Name)
	case p.Unsubscribe:
		including, err := json.Marshal(map[string]string{"type": blocks.KindModule, "module": block.Name})
		if err != nil {
			return nil, err
		}
		return b.write(ctx, lib, append([]json.RawMessage{including}, farewell(bot)), field, nil)
	}
	return block, nil
}

// steps are those of a content's module.
func steps(bot *engine.Bot, p *engine.Plan, c *engine.Content) []json.RawMessage {
	list := stepsOf(c)
	if p.Unsubscribe && list != nil {
		list = append(list, farewell(bot))
	}
	return list
}

// asTemplate is a template with the type of its step.
func asTemplate(t json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(t, &fields) != nil || fields == nil {
		return t // the check of the step says what is wrong
	}
	fields["type"] = json.RawMessage(`"` + blocks.KindTemplate + `"`)
	step, err := json.Marshal(fields)
	if err != nil {
		return t
	}
	return step
}

// Words about unsubscribing of a bot that has none of its own.
const (
	farewellText   = "You can end these messages at any time."
	farewellButton = "Unsubscribe"
)

// farewell is the step that says how to get no more of this.
func farewell(bot *engine.Bot) json.RawMessage {
	u := bot.Settings.Broadcasts.Unsubscribe
	if u.Text == "" {
		u.Text = farewellText
		if u.Button == "" {
			u.Button = farewellButton
		}
	}
	step := map[string]any{"type": blocks.KindText, "text": literal(u.Text)}
	if u.Button != "" {
		step["buttons"] = []any{map[string]any{"title": literal(u.Button), "unsubscribe": map[string]any{}}}
	}
	text, err := json.Marshal(step)
	if err != nil {
		panic("broadcast: strings always marshal: " + err.Error())
	}
	return text
}

// literal is a setting's text as a template that says just that.
func literal(s string) string { return strings.ReplaceAll(s, "{{", "{ {") }

// places is where the steps of a content stand in the plan; nil where they are
// not its own.
func places(c *engine.Content) func(path string) string {
	return func(path string) string {
		rest, ok := strings.CutPrefix(path, "/modules/0/steps/")
		if !ok {
			return ""
		}
		if len(c.Template) > 0 {
			_, inner, _ := strings.Cut(rest, "/")
			return dotted(".template", inner)
		}
		return dotted(".messages", rest)
	}
}

// dotted is a JSON pointer as fields are named: a.b[2].c.
func dotted(base, pointer string) string {
	var s strings.Builder
	s.WriteString(base)
	for part := range strings.SplitSeq(pointer, "/") {
		switch {
		case part == "":
		case part[0] >= '0' && part[0] <= '9':
			s.WriteString("[" + part + "]")
		default:
			s.WriteString("." + part)
		}
	}
	return s.String()
}

// write compiles steps as a module of a document that nobody sees, and keeps
// it. *engine.Error names the first mistake's place in the plan.
func (b *Broadcasts) write(ctx context.Context, lib *engine.Library, steps []json.RawMessage, field string, place func(string) string) (*flows.Block, error) {
	document, err := writingOf(attributesOf(lib, steps), steps)
	if err != nil {
		return nil, invalid(field, "this cannot be read: %v", err)
	}
	catalog := writingCatalog(lib)
	if catalog.Files, err = b.Store.KeptFiles(ctx, lib.BotID, flows.FilesNamed(document)); err != nil {
		return nil, err
	}
	checked, problems := flows.Check(document, "", catalog)
	for _, p := range problems {
		if p.Warning {
			continue
		}
		at := field
		if place != nil {
			at += place(p.Path)
		}
		return nil, &engine.Error{Code: engine.Invalid, Field: at, Message: p.Message, Hint: p.Hint}
	}
	w := &engine.Writing{BotID: lib.BotID, Document: document, IDs: checked.IDs, CreatedAt: b.Deps.Now()}
	w.ID = engine.WritingID(hashOf(w))
	w.IDs[flows.Fold(writingModule)] = w.ID
	made, err := engine.CompileWriting(w)
	if err != nil {
		return nil, err
	}
	if err := b.Store.SaveWriting(ctx, w); err != nil {
		return nil, err
	}
	return made.Program.Blocks[w.ID], nil
}

// writingOf is the document of steps that are written for a broadcast alone.
func writingOf(attributes map[string]any, steps []json.RawMessage) ([]byte, error) {
	return json.Marshal(map[string]any{"format": 1, "flow": writingFlow, "attributes": attributes,
		"modules": []any{map[string]any{"name": writingModule, "steps": steps}}})
}

// writingCatalog is what such a document may name.
func writingCatalog(lib *engine.Library) flows.Catalog {
	catalog := flows.Catalog{NewID: func() string { return "-" }}
	for _, f := range lib.Flows {
		for _, k := range f.Program.Blocks {
			catalog.Blocks = append(catalog.Blocks, flows.Known{ID: k.ID, Name: k.Name, Flow: f.Name, Aliases: k.Aliases, Module: k.Module})
		}
	}
	return catalog
}

// hashOf is over all that decides what a writing says.
func hashOf(w *engine.Writing) string {
	names, err := json.Marshal(w.IDs) // in the order of the names
	if err != nil {
		panic("broadcast: strings always marshal: " + err.Error())
	}
	h := sha256.New()
	fmt.Fprintf(h, "writing 1\n%s\n%s\n%s\n", w.BotID, w.Document, names)
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// attributesOf declares what the bot's flows do, as far as the steps may mean
// it: a document reads only what it declares.
func attributesOf(lib *engine.Library, steps []json.RawMessage) map[string]any {
	text := string(bytes.Join(toBytes(steps), nil))
	out := map[string]any{}
	for _, f := range lib.Flows {
		for _, a := range f.Program.Attributes {
			if !strings.Contains(text, a.Name) {
				continue
			}
			declared := map[string]any{"type": a.Type}
			if a.Default != nil {
				declared["default"] = a.Default
			}
			if a.Sample != nil {
				declared["sample"] = a.Sample
			}
			out[a.Name] = declared
		}
	}
	return out
}

func toBytes(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}
