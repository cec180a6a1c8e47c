package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// audienceCommands ask whom expressions over people mean.
type audienceCommands struct {
	Estimate audienceEstimate `cmd:"" help:"Count whom an expression means, by account and route."`
	Explain  audienceExplain  `cmd:"" help:"Ask an expression of one person, condition by condition."`
	Fields   audienceFields   `cmd:"" help:"List what expressions over people may name."`
	Upload   audienceUpload   `cmd:"" help:"Make a list of people from a CSV with a column phone, external_id or contact_id."`
	Lists    audienceLists    `cmd:"" help:"List the lists of people."`
}

// audienceFlags say who is meant, in one way.
type audienceFlags struct {
	Where   string `arg:"" optional:"" help:"An expression over people, such as '\"vip\" in tags and last_seen_at > now - duration(\"30d\")'."`
	All     bool   `help:"Everybody."`
	Segment string `help:"A saved audience, by its name or id."`
	List    string `help:"People who were named one by one, by the list's id."`
	Exclude string `placeholder:"EXPRESSION" help:"Take away for whom this holds."`
}

// audience is what the API takes.
func (f *audienceFlags) audience() (map[string]any, error) {
	out := map[string]any{}
	if f.All {
		out["all"] = true
	}
	for name, v := range map[string]string{"where": f.Where, "segment": f.Segment, "list": f.List} {
		if v != "" {
			out[name] = v
		}
	}
	if len(out) != 1 {
		return nil, exitWith(exitUsage, "say who is meant in one way: an expression, --all, --segment or --list")
	}
	if f.Exclude != "" {
		out["exclude"] = map[string]any{"where": f.Exclude}
	}
	return out, nil
}

// reachFlags say how people would be reached.
type reachFlags struct {
	Accounts []string `name:"account" placeholder:"ID" help:"The accounts it would go out on, the preferred first; all active ones when left out."`
	Intent   string   `enum:"promotional,direct,utility" default:"promotional" help:"What it is: ${enum}."`
	Block    string   `help:"What would be sent: a template of it reaches people whose window is closed."`
}

// body is what the API takes: the accounts beside it, or in an audience.
func (f *reachFlags) body(audience map[string]any) map[string]any {
	out := map[string]any{"intent": f.Intent}
	if f.Block != "" {
		out["block"] = f.Block
	}
	at := out
	if audience != nil {
		out["audience"], at = audience, audience
	}
	if len(f.Accounts) > 0 {
		at["accounts"] = f.Accounts
	}
	return out
}

type audienceEstimate struct {
	botConnection `embed:""`
	audienceFlags `embed:""`
	reachFlags    `embed:""`
}

func (c *audienceEstimate) Run(ctx context.Context, p *Process, s *settings) error {
	audience, err := c.audience()
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("audience", "estimate"), c.body(audience))
		return s.estimate(raw, err)
	})
}

type estimateView struct {
	People    int64     `json:"people"`
	Reached   int64     `json:"reached"`
	Elsewhere int64     `json:"elsewhere"`
	Exact     bool      `json:"exact"`
	Sample    int64     `json:"sample"`
	Margin    int64     `json:"margin"`
	At        time.Time `json:"at"`
	Accounts  []struct {
		Channel string           `json:"channel"`
		Name    string           `json:"name"`
		Routes  map[string]int64 `json:"routes"`
		Skipped map[string]int64 `json:"skipped"`
	} `json:"accounts"`
	Conditions []struct {
		Where  string `json:"where"`
		People int64  `json:"people"`
	} `json:"conditions"`
	Samples []struct {
		ContactID int64  `json:"contact_id"`
		Name      string `json:"name"`
	} `json:"samples"`
	Warnings []string `json:"warnings"`
}

// estimate prints whom an audience means.
func (s *botSession) estimate(raw json.RawMessage, err error) error {
	v, err := decode[estimateView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error { return v.print(s.session) })
}

// print shows an estimate to people: how many and how, what each condition does
// alone, and some of them.
func (v *estimateView) print(s *session) error {
	many := persons(v.People)
	if !v.Exact {
		many = fmt.Sprintf("about %s, %d more or fewer (%d were asked)", many, v.Margin, v.Sample)
	}
	if err := s.line("%s; %d would get it", many, v.Reached); err != nil {
		return err
	}
	if err := v.ways().writeAny(s.p.Out); err != nil {
		return err
	}
	if len(v.Conditions) > 0 {
		t := newTable("PEOPLE", "CONDITION ALONE")
		for _, c := range v.Conditions {
			t.add(strconv.FormatInt(c.People, 10), c.Where)
		}
		if err := s.line(""); err != nil {
			return err
		}
		if err := t.write(s.p.Out); err != nil {
			return err
		}
	}
	var names []string
	for _, p := range v.Samples {
		names = append(names, fmt.Sprintf("%s (%d)", p.Name, p.ContactID))
	}
	if len(names) > 0 {
		if err := s.line("\nsuch as %s", strings.Join(names, ", ")); err != nil {
			return err
		}
	}
	for _, w := range v.Warnings {
		if err := s.line("note: %s", w); err != nil {
			return err
		}
	}
	return nil
}

// ways are how people would be reached, and why not.
func (v *estimateView) ways() *table {
	t := newTable("ACCOUNT", "CHANNEL", "HOW", "PEOPLE")
	for _, a := range v.Accounts {
		for _, route := range slices.Sorted(maps.Keys(a.Routes)) {
			t.add(a.Name, a.Channel, route, strconv.FormatInt(a.Routes[route], 10))
		}
		for _, reason := range slices.Sorted(maps.Keys(a.Skipped)) {
			t.add(a.Name, a.Channel, "skipped: "+reason, strconv.FormatInt(a.Skipped[reason], 10))
		}
	}
	if v.Elsewhere > 0 {
		t.add("(none of these)", "", "no address", strconv.FormatInt(v.Elsewhere, 10))
	}
	return t
}

type audienceExplain struct {
	botConnection `embed:""`
	Contact       int64  `arg:"" help:"The contact's id."`
	Where         string `arg:"" help:"An expression over people."`
}

func (c *audienceExplain) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("audience", "explain"), map[string]any{"where": c.Where, "contact": c.Contact})
		v, err := decode[struct {
			Addresses []struct {
				IdentityID int64 `json:"identity_id"`
				Conditions []struct {
					Where string `json:"where"`
					Holds bool   `json:"holds"`
				} `json:"conditions"`
			} `json:"addresses"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			t := newTable("ADDRESS", "HOLDS", "CONDITION")
			for _, a := range v.Addresses {
				for _, c := range a.Conditions {
					t.add(strconv.FormatInt(a.IdentityID, 10), map[bool]string{true: "yes", false: "no"}[c.Holds], c.Where)
				}
			}
			return t.write(s.p.Out)
		})
	})
}

type audienceFields struct {
	botConnection `embed:""`
}

func (c *audienceFields) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("audience", "fields"))
		v, err := decode[struct {
			Fields []struct {
				Name string `json:"name"`
				Type string `json:"type"`
				Doc  string `json:"doc"`
			} `json:"fields"`
			Functions []struct {
				Example string `json:"example"`
				Doc     string `json:"doc"`
			} `json:"functions"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			t := newTable("NAME", "TYPE", "WHAT IT IS")
			for _, f := range v.Fields {
				t.add(f.Name, f.Type, f.Doc)
			}
			for _, f := range v.Functions {
				t.add(f.Example, "", f.Doc)
			}
			return t.write(s.p.Out)
		})
	})
}

type peopleListView struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Rows       int64     `json:"rows"`
	People     int64     `json:"people"`
	Duplicates int64     `json:"duplicates"`
	Refused    int64     `json:"refused"`
	CreatedAt  time.Time `json:"created_at"`
}

type audienceLists struct {
	botConnection `embed:""`
}

func (c *audienceLists) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		return showList(ctx, s.session, s.path("lists"), maxItems, newTable("ID", "NAME", "PEOPLE", "REFUSED", "MADE"), func(v peopleListView) []string {
			return []string{v.ID, v.Name, strconv.FormatInt(v.People, 10), strconv.FormatInt(v.Refused, 10), s.moment(v.CreatedAt)}
		})
	})
}
