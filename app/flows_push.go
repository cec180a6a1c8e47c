package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/blockcast/blockcast/flows"
)

type flowsPush struct {
	botConnection `embed:""`
	Path          []string `arg:"" help:"Flow files, or folders of them."`
	Publish       bool     `help:"Publish them at once."`
	Note          string   `help:"What has changed, with --publish."`
}

func (c *flowsPush) Run(ctx context.Context, p *Process, s *settings) error {
	files, err := flowFiles(c.Path)
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		for _, file := range files {
			text, err := readFlow(p, file)
			if err != nil {
				return err
			}
			name, mistakes, err := s.push(ctx, file, text)
			if err != nil {
				return err
			}
			if !c.Publish {
				continue
			}
			if mistakes > 0 {
				return exitWith(exitRefused, "%s is not published: %s", name, counted(mistakes, "mistake"))
			}
			if err := s.publish(ctx, name, c.Note); err != nil {
				return err
			}
		}
		return nil
	})
}

// push stores one file as its flow's draft. It returns the flow's name and how
// many mistakes keep it from being published.
func (s *botSession) push(ctx context.Context, file string, text []byte) (flow string, mistakes int, err error) {
	var head struct {
		Flow string `json:"flow"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Flow == "" {
		_, problems := flows.Check(text, file, flows.Catalog{})
		return "", 0, errors.Join(writeProblems(s.p.Err, problems), exitWith(exitRefused, "%s cannot be read as a flow", file))
	}
	raw, err := s.call(ctx, "PUT", s.path("flows", head.Flow), json.RawMessage(text))
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", file, err)
	}
	draft, err := decode[struct {
		Problems []flows.Problem `json:"problems"`
	}](raw, nil)
	if err != nil {
		return "", 0, err
	}
	for i := range draft.Problems {
		draft.Problems[i].File = file
	}
	return head.Flow, mistakesIn(draft.Problems), s.show(raw, func() error {
		return errors.Join(writeProblems(s.p.Out, draft.Problems), s.line("%s: stored the draft of %s", file, head.Flow))
	})
}

type flowsPublish struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name."`
	Note          string `help:"What has changed."`
}

func (c *flowsPublish) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error { return s.publish(ctx, c.Flow, c.Note) })
}

func (s *botSession) publish(ctx context.Context, flow, note string) error {
	body := map[string]any{}
	if note != "" {
		body["note"] = note
	}
	raw, err := s.post(ctx, s.path("flows", flow, "publish"), body)
	if exitCode(err) == exitUsage { // the command line is right, the flow is not
		return exitWith(exitRefused, "%v", err)
	}
	v, err := decode[versionView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error { return s.line("published version %d of %s", v.Number, flow) })
}
