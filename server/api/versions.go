package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/problem"
)

// versionAnswer is one published version of a flow.
type versionAnswer struct {
	Number    int             `json:"number"`
	Author    string          `json:"author,omitempty" doc:"The token that published it."`
	Note      string          `json:"note,omitempty"`
	Checksum  string          `json:"checksum" doc:"SHA-256 of the document."`
	CreatedAt time.Time       `json:"created_at"`
	Document  json.RawMessage `json:"document,omitempty" doc:"With a single version only."`
	Warnings  []flowProblem   `json:"warnings,omitempty" doc:"Doubts about what has just been published."`
}

func showVersion(v engine.FlowVersion) versionAnswer {
	return versionAnswer{Number: v.Number, Author: v.Author, Note: v.Note, Checksum: v.Checksum, CreatedAt: v.CreatedAt}
}

type publishing struct {
	OneFlow
	Body *struct {
		Note   string `json:"note,omitempty" maxLength:"500" doc:"What has changed."`
		Expect *int   `json:"expect,omitempty" minimum:"0" doc:"The published version it must follow; refused when another was published since."`
	}
}

// versions registers publishing and what has been published.
func (a *API) versions() {
	const tag, path = "Flows", botPath + "/flows/{flow}"
	register(a, post("publish-flow", path+"/publish", tag, "Publish the flow's draft as the next version", engine.ScopeFlows, http.StatusCreated).
		about("Refused with every problem at once when the draft cannot be published. People in the middle of a block finish it on the version they began."), a.publish)
	register(a, get("list-versions", path+"/versions", tag, "List published versions, the newest first", engine.ScopeRead), a.listVersions)
	register(a, get("get-version", path+"/versions/{version}", tag, "Get a published version with its document", engine.ScopeRead), a.getVersion)
}

func (a *API) publish(ctx context.Context, in *publishing) (*body[versionAnswer], error) {
	for try := 1; ; try++ {
		out, err := a.publishOnce(ctx, in)
		var e *engine.Error
		if errors.As(err, &e) && e.Code == engine.Conflict && e.Field == "revision" && try < publishTries {
			continue // another flow was published meanwhile: what it took is checked against
		}
		return answer(out, err)
	}
}

// publishTries is how often a draft is checked anew because other flows of the
// bot were published in between.
const publishTries = 5

func (a *API) publishOnce(ctx context.Context, in *publishing) (out versionAnswer, err error) {
	bot := botOf(ctx)
	a.Libraries.Forget(bot.ID) // what was published a moment ago counts
	library, err := a.Libraries.Library(ctx, bot.ID)
	if err != nil {
		return out, err
	}
	f, err := a.Store.Flow(ctx, bot.ID, in.Flow)
	if err != nil {
		return out, err
	}
	checked, found, err := a.check(ctx, f.Draft, f.Name)
	if err != nil {
		return out, err
	}
	if checked == nil {
		return out, refused("the draft cannot be published", found.Problems)
	}
	sum := sha256.Sum256(f.Draft)
	v := engine.FlowVersion{BotID: bot.ID, FlowID: f.ID, Document: f.Draft, IDs: checked.IDs, Checksum: hex.EncodeToString(sum[:]),
		Author: callerOf(ctx).token.Name, CreatedAt: a.Now(), Against: &library.Revision}
	expect := f.Published
	if in.Body != nil {
		v.Note = in.Body.Note
		set(&expect, in.Body.Expect)
	}
	stored, err := a.Store.Publish(ctx, v, expect, blockInfos(f, checked), attributesOf(f, checked))
	var e *engine.Error
	if errors.As(err, &e) && e.Field == "version" {
		e.Field = "expect" // as it is called here
	}
	if err != nil {
		return out, err
	}
	a.Libraries.Forget(bot.ID)
	out = showVersion(*stored)
	out.Warnings = found.Problems
	return out, nil
}

// maxProblems is how many problems of a draft a refusal lists; the check lists
// all.
const maxProblems = 50

// refused tells what is wrong with a document and where.
func refused(what string, problems []flowProblem) error {
	p := problem.New(http.StatusUnprocessableEntity, what+": "+count(problems))
	for _, f := range problems {
		if !f.Warning && len(p.Errors) < maxProblems {
			message := f.Message
			if f.Hint != "" {
				message += " (" + f.Hint + ")"
			}
			p.Errors = append(p.Errors, problem.Detail{Location: "document:" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column), Message: message})
		}
	}
	return p
}

func count(problems []flowProblem) string {
	n := 0
	for _, p := range problems {
		if !p.Warning {
			n++
		}
	}
	if n == 1 {
		return "there is 1 problem"
	}
	return "there are " + strconv.Itoa(n) + " problems"
}

// blockInfos are the blocks of a checked document, as callers address them.
func blockInfos(f *engine.Flow, c *flows.Checked) []engine.BlockInfo {
	var out []engine.BlockInfo
	for _, id := range slices.Sorted(maps.Keys(c.Program.Blocks)) {
		b := c.Program.Blocks[id]
		out = append(out, engine.BlockInfo{ID: b.ID, BotID: f.BotID, Name: b.Name, FlowID: f.ID, Flow: f.Name, Module: b.Module, Aliases: b.Aliases, Needs: b.Needs})
	}
	return out
}

func attributesOf(f *engine.Flow, c *flows.Checked) []engine.Attribute {
	var out []engine.Attribute
	for _, d := range c.Program.Attributes {
		out = append(out, engine.Attribute{BotID: f.BotID, Name: d.Name, Type: string(d.Type), Default: d.Default, DeclaredBy: f.Name})
	}
	return out
}

func (a *API) listVersions(ctx context.Context, in *struct {
	OneFlow
	Paging
}) (*body[list[versionAnswer]], error) {
	bot := botOf(ctx)
	f, err := a.Store.Flow(ctx, bot.ID, in.Flow)
	if err != nil {
		return nil, err
	}
	all, err := a.Store.ListVersions(ctx, bot.ID, f.ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(v engine.FlowVersion) string { return strconv.Itoa(v.Number) })
	return listed(rows, next, err, showVersion)
}

func (a *API) getVersion(ctx context.Context, in *struct {
	OneFlow
	Version int `path:"version" minimum:"1"`
}) (*body[versionAnswer], error) {
	bot := botOf(ctx)
	f, err := a.Store.Flow(ctx, bot.ID, in.Flow)
	if err != nil {
		return nil, err
	}
	v, err := a.Store.Version(ctx, bot.ID, f.ID, in.Version)
	if err != nil {
		return nil, err
	}
	out := showVersion(*v)
	out.Document = v.Document
	return answer(out, nil)
}
