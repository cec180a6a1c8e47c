package app

import (
	"context"
	"maps"
	"slices"
	"strings"
)

type broadcastsCreate struct {
	botConnection `embed:""`
	Subject       string `arg:"" optional:"" help:"What it is called in lists and reports."`
	Plan          string `placeholder:"FILE" help:"File with the whole plan as JSON; - reads the input. Flags change it."`

	Block          string   `group:"What" help:"A block or module: its name, id or alias."`
	Text           []string `group:"What" sep:"none" help:"A text instead of a block; up to five."`
	variantFlags   `embed:"" group:"What"`
	Intent         string `group:"What" help:"Why: promotional, direct or utility. Default: promotional."`
	Category       string `group:"What" help:"For reports and frequency caps, at most 20 characters."`
	Unsubscribe    bool   `group:"What" help:"Say the bot's words about unsubscribing after the rest."`
	AllowQuestions bool   `name:"allow-questions" group:"What" help:"The block may ask."`
	AllowRequests  bool   `name:"allow-requests" group:"What" help:"The block may fetch from other systems, for each person."`

	All     bool     `group:"Who" help:"Everybody."`
	Where   string   `group:"Who" placeholder:"EXPRESSION" help:"Those an expression means, as in '\"vip\" in tags'."`
	Segment string   `group:"Who" help:"A saved segment: its name or id."`
	List    string   `group:"Who" help:"A list of people, by its id."`
	Exclude string   `group:"Who" placeholder:"EXPRESSION" help:"Without those an expression means."`
	First   *int     `group:"Who" placeholder:"NUMBER" help:"Only so many."`
	Account []string `group:"Who" help:"Ids of the accounts it goes out on, the preferred first. Default: all that are active."`

	At          string `group:"When" placeholder:"TIME" help:"As in 2026-12-24T09:00, on the bot's clock, or 2026-12-24T09:00:00+08:00."`
	TimeZone    string `name:"time-zone" group:"When" placeholder:"ZONE" help:"Whose clock --at is on, as in Asia/Taipei."`
	Local       bool   `group:"When" help:"--at is on each person's own clock."`
	MaxLateness string `name:"max-lateness" group:"When" placeholder:"TIME" help:"How much later it may begin, as in 30m. Default: 1h."`
	repeatFlags `embed:"" group:"When"`

	Tag   []string          `group:"Then" help:"Tags for those reached."`
	Set   map[string]string `group:"Then" placeholder:"NAME=VALUE" help:"Attributes for those reached."`
	Track string            `group:"Then" placeholder:"HOW" help:"Count taps on links: person, who tapped and so nobody shares a call; count, without telling who; or off. Default: as the bot's settings say."`
}

func (c *broadcastsCreate) Run(ctx context.Context, p *Process, s *settings) error {
	plan, err := c.plan(p)
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if err := s.declared(ctx, c.Set); err != nil {
			return err
		}
		raw, err := s.post(ctx, s.path("broadcasts"), plan)
		switch {
		case err != nil && c.Plan == "":
			err = byFlags(raw, err)
		case err != nil:
			err = byPlace(raw, err)
		}
		return s.tell(raw, err)
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
	if plan["subject"] == nil {
		return nil, exitWith(exitUsage, "give the broadcast a subject, or a plan with --plan")
	}
	put(plan, "intent", c.Intent, c.Intent != "")
	put(plan, "track", c.Track, c.Track != "")
	put(plan, "category", c.Category, c.Category != "")
	put(plan, "tags", c.Tag, len(c.Tag) > 0)
	put(plan, "attributes", typed(c.Set), len(c.Set) > 0)
	put(plan, "unsubscribe", true, c.Unsubscribe)
	put(plan, "allow_questions", true, c.AllowQuestions)
	put(plan, "allow_requests", true, c.AllowRequests)
	if err := c.says(plan); err != nil {
		return nil, err
	}
	at := object(plan, "when")
	for name, v := range map[string]string{"at": c.At, "time_zone": c.TimeZone, "max_lateness": c.MaxLateness} {
		put(at, name, v, v != "")
	}
	put(at, "local", true, c.Local)
	if err := c.repeat(at); err != nil {
		return nil, err
	}
	put(plan, "when", at, len(at) > 0)
	return plan, c.people(plan)
}

// says puts what is said into a plan: it takes the place of what the file says.
func (c *broadcastsCreate) says(plan map[string]any) error {
	content, err := c.content()
	if err != nil {
		return err
	}
	variants, err := c.variants()
	if err != nil {
		return err
	}
	switch {
	case content != nil && variants != nil:
		return exitWith(exitUsage, "with --variant all that is said is in the variants: leave --block and --text out")
	case content != nil:
		delete(plan, "variants")
		plan["content"] = content
	case variants != nil:
		delete(plan, "content")
		plan["variants"] = variants
	case plan["content"] == nil && plan["variants"] == nil:
		return exitWith(exitUsage, "say what is sent: --block, --text or --variant")
	}
	if c.HoldOut != nil {
		plan["hold_out"] = *c.HoldOut
	}
	return nil
}

// content is what the flags say to all alike, nil when they do not.
func (c *broadcastsCreate) content() (map[string]any, error) {
	switch {
	case c.Block != "" && len(c.Text) > 0:
		return nil, exitWith(exitUsage, "it says a block or texts of its own: give --block or --text, not both")
	case c.Block != "":
		return map[string]any{"block": c.Block}, nil
	case len(c.Text) > 0:
		return texts(c.Text), nil
	}
	return nil, nil
}

// texts is what is said of some texts.
func texts(list []string) map[string]any {
	var steps []any
	for _, text := range list {
		steps = append(steps, map[string]any{"type": "text", "text": text})
	}
	return map[string]any{"messages": steps}
}

// people puts who is meant into a plan: one way, which takes the place of the
// file's.
func (c *broadcastsCreate) people(plan map[string]any) error {
	ways := map[string]any{}
	if c.All {
		ways["all"] = true
	}
	for name, v := range map[string]string{"where": c.Where, "segment": c.Segment, "list": c.List} {
		if v != "" {
			ways[name] = v
		}
	}
	audience := object(plan, "audience")
	if len(ways) > 0 {
		for _, way := range audienceWays {
			delete(audience, way)
		}
		maps.Copy(audience, ways)
	}
	switch said := slices.DeleteFunc(slices.Clone(audienceWays[:]), func(way string) bool { return audience[way] == nil }); {
	case len(said) == 0:
		return exitWith(exitUsage, "say who is meant: everybody with --all, or some of them with --where, --segment or --list")
	case len(ways) > 1:
		return exitWith(exitUsage, "say who is meant in one way, not with --%s: --exclude leaves some of them out", strings.Join(said, " and --"))
	case c.First != nil && *c.First < 1:
		return exitWith(exitUsage, "--first counts people: give 1 or more, or leave it out for all")
	}
	if c.First != nil {
		audience["first"] = *c.First
	}
	if len(c.Account) > 0 {
		audience["accounts"] = c.Account
	}
	if c.Exclude != "" {
		audience["exclude"] = map[string]any{"where": c.Exclude}
	}
	plan["audience"] = audience
	return nil
}

// audienceWays are the ways in which an audience says who is meant.
var audienceWays = [...]string{"all", "where", "segment", "list"}

// object is the object a plan has under a name, or a new one.
func object(plan map[string]any, name string) map[string]any {
	if v, ok := plan[name].(map[string]any); ok {
		return v
	}
	return map[string]any{}
}
