package app

import (
	"context"
)

type broadcastsCreate struct {
	botConnection `embed:""`
	Subject       string `arg:"" optional:"" help:"What it is called in lists and reports."`
	Plan          string `placeholder:"FILE" help:"File with the whole plan as JSON; - reads the input. Flags change it."`

	Block    string   `group:"What" help:"A block or module: its name, id or alias."`
	Text     []string `group:"What" sep:"none" help:"A text instead of a block; up to five."`
	Intent   string   `group:"What" help:"Why: promotional, direct or utility. Default: promotional."`
	Category string   `group:"What" help:"For reports and frequency caps, at most 20 characters."`

	All     bool     `group:"Who" help:"Everybody."`
	Where   string   `group:"Who" placeholder:"EXPRESSION" help:"Those an expression means, as in '\"vip\" in tags'."`
	Segment string   `group:"Who" help:"A saved segment: its name or id."`
	List    string   `group:"Who" help:"A list of people, by its id."`
	Exclude string   `group:"Who" placeholder:"EXPRESSION" help:"Without those an expression means."`
	First   int      `group:"Who" help:"Only so many."`
	Account []string `group:"Who" help:"Ids of the accounts it goes out on, the preferred first. Default: all that are active."`

	At          string `group:"When" placeholder:"TIME" help:"As in 2026-12-24T09:00, on the bot's clock, or 2026-12-24T09:00:00+08:00."`
	TimeZone    string `name:"time-zone" group:"When" placeholder:"ZONE" help:"Whose clock --at is on, as in Asia/Taipei."`
	Local       bool   `group:"When" help:"--at is on each person's own clock."`
	MaxLateness string `name:"max-lateness" group:"When" placeholder:"TIME" help:"How much later it may begin, as in 30m. Default: 1h."`

	Tag            []string          `group:"Then" help:"Tags for those reached."`
	Set            map[string]string `group:"Then" placeholder:"NAME=VALUE" help:"Attributes for those reached."`
	Track          string            `group:"Then" placeholder:"HOW" help:"Count taps on links: person, who tapped and so nobody shares a call; count, without telling who; or off. Default: as the bot's settings say."`
	AllowQuestions bool              `name:"allow-questions" group:"What" help:"The block may ask."`
	AllowRequests  bool              `name:"allow-requests" group:"What" help:"The block may fetch from other systems, for each person."`
}

func (c *broadcastsCreate) Run(ctx context.Context, p *Process, s *settings) error {
	plan, err := c.plan(p)
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		return s.tell(s.post(ctx, s.path("broadcasts"), plan))
	})
}

// plan is the plan of the file with what flags say.
func (c *broadcastsCreate) plan(p *Process) (map[string]any, error) {
	plan := map[string]any{}
	if c.Plan != "" {
		var err error
		if plan, err = readPlan(p, c.Plan); err != nil {
			return nil, err
		}
	}
	put := func(in map[string]any, name string, v any, given bool) {
		if given {
			in[name] = v
		}
	}
	put(plan, "subject", c.Subject, c.Subject != "")
	put(plan, "intent", c.Intent, c.Intent != "")
	put(plan, "track", c.Track, c.Track != "")
	put(plan, "category", c.Category, c.Category != "")
	put(plan, "tags", c.Tag, len(c.Tag) > 0)
	put(plan, "attributes", typed(c.Set), len(c.Set) > 0)
	put(plan, "allow_questions", true, c.AllowQuestions)
	put(plan, "allow_requests", true, c.AllowRequests)
	if c.Block != "" || len(c.Text) > 0 {
		plan["content"] = c.content()
	}
	audience := object(plan, "audience")
	for name, v := range map[string]string{"where": c.Where, "segment": c.Segment, "list": c.List} {
		put(audience, name, v, v != "")
	}
	put(audience, "all", true, c.All)
	put(audience, "first", c.First, c.First != 0)
	put(audience, "accounts", c.Account, len(c.Account) > 0)
	put(audience, "exclude", map[string]any{"where": c.Exclude}, c.Exclude != "")
	at := object(plan, "when")
	for name, v := range map[string]string{"at": c.At, "time_zone": c.TimeZone, "max_lateness": c.MaxLateness} {
		put(at, name, v, v != "")
	}
	put(at, "local", true, c.Local)
	put(plan, "audience", audience, true)
	put(plan, "when", at, len(at) > 0)
	if plan["subject"] == nil {
		return nil, exitWith(exitUsage, "give the broadcast a subject, or a plan with --plan")
	}
	return plan, nil
}

// object is the object a plan has under a name, or a new one.
func object(plan map[string]any, name string) map[string]any {
	if v, ok := plan[name].(map[string]any); ok {
		return v
	}
	return map[string]any{}
}

func (c *broadcastsCreate) content() map[string]any {
	if c.Block != "" && len(c.Text) == 0 {
		return map[string]any{"block": c.Block}
	}
	var steps []any
	for _, text := range c.Text {
		steps = append(steps, map[string]any{"type": "text", "text": text})
	}
	out := map[string]any{"messages": steps}
	if c.Block != "" {
		out["block"] = c.Block // the server says that it is one or the other
	}
	return out
}
