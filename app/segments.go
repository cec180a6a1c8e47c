package app

import (
	"context"
	"encoding/json"
	"time"
)

// segmentsCommands manage saved audiences.
type segmentsCommands struct {
	List     segmentsList     `cmd:"" help:"List the saved audiences."`
	Show     segmentsShow     `cmd:"" help:"Show whom a segment means."`
	Save     segmentsSave     `cmd:"" help:"Save an expression over people under a name; the same name again changes it."`
	Delete   segmentsDelete   `cmd:"" help:"Forget a segment. Refused while a scheduled broadcast or another segment uses it."`
	Estimate segmentsEstimate `cmd:"" help:"Count a segment, by account and route."`
}

type segmentView struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Audience  map[string]any `json:"audience"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// means is whom an audience means, in one line.
func (v *segmentView) means() string {
	if where, ok := v.Audience["where"].(string); ok && len(v.Audience) == 1 {
		return where
	}
	text, err := json.Marshal(v.Audience)
	if err != nil {
		return ""
	}
	return string(text)
}

type segmentsList struct {
	botConnection `embed:""`
}

func (c *segmentsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		return showList(ctx, s.session, s.path("segments"), maxItems, newTable("ID", "NAME", "MEANS"), func(v segmentView) []string {
			return []string{v.ID, v.Name, v.means()}
		})
	})
}

type segmentsShow struct {
	botConnection `embed:""`
	Segment       string `arg:"" help:"Its name or id."`
}

func (c *segmentsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("segments", c.Segment))
		return s.segment(raw, err)
	})
}

// segment prints one.
func (s *botSession) segment(raw json.RawMessage, err error) error {
	v, err := decode[segmentView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error {
		t := newTable("FIELD", "VALUE")
		t.add("id", v.ID)
		t.add("name", v.Name)
		t.add("means", v.means())
		t.add("changed", s.moment(v.UpdatedAt))
		return t.write(s.p.Out)
	})
}

type segmentsSave struct {
	botConnection `embed:""`
	Name          string `arg:"" help:"Its name."`
	audienceFlags `embed:""`
}

func (c *segmentsSave) Run(ctx context.Context, p *Process, s *settings) error {
	audience, err := c.audience()
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		_, err := s.get(ctx, s.path("segments", c.Name))
		switch {
		case err == nil:
			raw, err := s.call(ctx, "PATCH", s.path("segments", c.Name), map[string]any{"audience": audience})
			return s.segment(raw, err)
		case exitCode(err) != exitAbsent:
			return err
		}
		raw, err := s.post(ctx, s.path("segments"), map[string]any{"name": c.Name, "audience": audience})
		return s.segment(raw, err)
	})
}

type segmentsDelete struct {
	botConnection `embed:""`
	Segment       string `arg:"" help:"Its name or id."`
}

func (c *segmentsDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("segments", c.Segment), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"deleted":true}`), func() error { return s.line("deleted %s", c.Segment) })
	})
}

type segmentsEstimate struct {
	botConnection `embed:""`
	Segment       string `arg:"" help:"Its name or id."`
	reachFlags    `embed:""`
}

func (c *segmentsEstimate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("segments", c.Segment, "estimate"), c.body(nil))
		return s.estimate(raw, err)
	})
}
