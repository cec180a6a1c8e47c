package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// flowsCommands check and publish flows.
type flowsCommands struct {
	Schema   flowsSchema   `cmd:"" help:"Print the JSON Schema of a flow, for editors. Needs no server."`
	Check    flowsCheck    `cmd:"" help:"Check flow files and say everything that is wrong. Needs no server."`
	Simulate flowsSimulate `cmd:"" help:"Talk with flow files in the terminal. Needs no server."`
	Test     flowsTest     `cmd:"" help:"Play the test scripts of flow files. Needs no server."`
	Push     flowsPush     `cmd:"" help:"Store flow files as drafts."`
	Publish  flowsPublish  `cmd:"" help:"Let a flow's draft answer people."`
	Diff     flowsDiff     `cmd:"" help:"Compare two versions of a flow, or one with the draft."`
	Restore  flowsRestore  `cmd:"" help:"Make a published version the draft again."`
	List     flowsList     `cmd:"" help:"List the flows."`
	Versions flowsVersions `cmd:"" help:"List a flow's published versions."`
	Show     flowsShow     `cmd:"" help:"Print a flow's draft, or one of its versions."`
}

type flowView struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Published int       `json:"published"`
	UpdatedAt time.Time `json:"updated_at"`
}

type versionView struct {
	Number    int       `json:"number"`
	Author    string    `json:"author"`
	Note      string    `json:"note"`
	Checksum  string    `json:"checksum"`
	CreatedAt time.Time `json:"created_at"`
}

type flowsList struct {
	botConnection `embed:""`
}

func (c *flowsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "PUBLISHED", "CHANGED", "ID")
		return showList(ctx, s.session, s.path("flows"), maxItems, t, func(f flowView) []string {
			published := "no"
			if f.Published > 0 {
				published = "version " + strconv.Itoa(f.Published)
			}
			return []string{f.Name, published, s.moment(f.UpdatedAt), f.ID}
		})
	})
}

type flowsVersions struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name."`
}

func (c *flowsVersions) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("VERSION", "PUBLISHED", "BY", "NOTE", "CHECKSUM")
		return showList(ctx, s.session, s.path("flows", c.Flow, "versions"), maxItems, t, func(v versionView) []string {
			return []string{strconv.Itoa(v.Number), s.moment(v.CreatedAt), v.Author, v.Note, v.Checksum[:min(12, len(v.Checksum))]}
		})
	})
}

type flowsShow struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name."`
	Version       int    `help:"A published version. Default: the draft."`
}

func (c *flowsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		parts := []string{"flows", c.Flow}
		if c.Version > 0 {
			parts = append(parts, "versions", strconv.Itoa(c.Version))
		}
		raw, err := s.get(ctx, s.path(parts...))
		v, err := decode[struct {
			Draft    json.RawMessage `json:"draft"`
			Document json.RawMessage `json:"document"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			text := v.Document
			if len(text) == 0 {
				text = v.Draft
			}
			_, err := fmt.Fprintf(s.p.Out, "%s\n", strings.TrimSpace(string(text)))
			return err
		})
	})
}
