package app

import "context"

// eventsCommands tell of what happened to people.
type eventsCommands struct {
	Post eventsPost `cmd:"" help:"Tell of something that happened to a person: what its triggers say is started."`
}

type eventsPost struct {
	botConnection `embed:""`
	toPerson      `embed:""`
	Event         string            `arg:"" help:"Its name, exactly as the trigger in the flow has it."`
	Set           map[string]string `placeholder:"NAME=VALUE" help:"Attributes to set before."`
	Force         bool              `help:"Even when the person is in a conversation."`
	DryRun        bool              `name:"dry-run" help:"Only say what would be done."`
}

func (c *eventsPost) Run(ctx context.Context, p *Process, s *settings) error {
	to, err := c.to()
	if err != nil {
		return err
	}
	body := map[string]any{"event": c.Event, "to": to, "force": c.Force, "dry_run": c.DryRun}
	if len(c.Set) > 0 {
		body["attributes"] = typed(c.Set)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if err := s.declared(ctx, c.Set); err != nil {
			return err
		}
		raw, err := s.post(ctx, s.path("events"), body)
		return s.order(raw, err, c.DryRun)
	})
}
