package app

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// botsCommands manage bots.
type botsCommands struct {
	Create botsCreate `cmd:"" help:"Make a bot."`
	List   botsList   `cmd:"" help:"List the bots."`
	Show   botsShow   `cmd:"" help:"Show one bot."`
	Update botsUpdate `cmd:"" help:"Change a bot's name, zone, region or settings."`
}

// botView is a bot as the API shows it.
type botView struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	TimeZone      string    `json:"time_zone"`
	DefaultRegion string    `json:"default_region"`
	CreatedAt     time.Time `json:"created_at"`
}

type botsCreate struct {
	connection `embed:""`
	Name       string `arg:"" help:"Its name."`
	TimeZone   string `name:"time-zone" default:"Asia/Ho_Chi_Minh" help:"Where its people live, as an IANA name."`
	Region     string `default:"VN" help:"Country whose national phone numbers are understood, as two letters."`
}

func (c *botsCreate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		raw, err := s.post(ctx, "/v1/bots", map[string]any{"name": c.Name, "time_zone": c.TimeZone, "default_region": strings.ToUpper(c.Region)})
		bot, err := decode[botView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("made bot %s (%s)", bot.Name, bot.ID) })
	})
}

type botsList struct {
	connection `embed:""`
}

func (c *botsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		t := newTable("ID", "NAME", "TIME ZONE", "REGION", "MADE")
		return showList(ctx, s, "/v1/bots", maxItems, t, func(b botView) []string {
			return []string{b.ID, b.Name, b.TimeZone, b.DefaultRegion, s.day(b.CreatedAt)}
		})
	})
}

type botsShow struct {
	botConnection `embed:""`
}

func (c *botsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path())
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.facts(raw) })
	})
}

// findBot is the bot a person means by a name or an id, or the only one the
// token reaches.
func findBot(ctx context.Context, api *client, named string) (*botView, error) {
	if looksLikeID(named) {
		bot, err := decode[botView](api.get(ctx, "/v1/bots/"+url.PathEscape(named)))
		return &bot, err
	}
	bots, err := listBots(ctx, api)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, b := range bots {
		if named != "" && strings.EqualFold(b.Name, named) || named == "" && len(bots) == 1 {
			return &b, nil
		}
		names = append(names, b.Name)
	}
	switch {
	case len(bots) == 0:
		return nil, exitWith(exitAbsent, "there is no bot yet; make one with: blockcast bots create NAME")
	case named == "":
		return nil, exitWith(exitUsage, "there are several bots; say which with --bot: %s", strings.Join(names, ", "))
	}
	return nil, exitWith(exitAbsent, "there is no bot %q; there are: %s", named, strings.Join(names, ", "))
}

func listBots(ctx context.Context, api *client) ([]botView, error) {
	list, err := api.list(ctx, "/v1/bots", maxItems)
	if err != nil {
		return nil, err
	}
	return decodeAll[botView](list)
}

func decodeAll[T any](list *items) ([]T, error) {
	out := make([]T, len(list.Items))
	for i, raw := range list.Items {
		v, err := decode[T](raw, nil)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// looksLikeID reports whether a text has the form of our ids.
func looksLikeID(s string) bool {
	if len(s) != 24 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

// facts prints an object's fields one on a line, in the order they came.
func (s *session) facts(raw json.RawMessage) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return err
	}
	t := newTable("FIELD", "VALUE")
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return err
		}
		if key, isKey := name.(string); isKey && key != "$schema" {
			t.add(key, plain(v))
		}
	}
	return t.write(s.p.Out)
}

// plain is a JSON value as a person would write it.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}
