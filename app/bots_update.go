package app

import (
	"context"
	"encoding/json"
	"strings"
)

type botsUpdate struct {
	botConnection `embed:""`
	Name          string            `help:"What to call it."`
	TimeZone      string            `name:"time-zone" help:"Where its people live, as an IANA name."`
	Region        string            `help:"Country whose national phone numbers are understood, as two letters."`
	Value         map[string]string `placeholder:"NAME=VALUE" help:"What all its people share and flows read as bot.NAME; null takes it away." mapsep:"none"`
	Set           map[string]string `help:"Settings as name=value, such as all_channels=true; 'bots show' lists them." mapsep:"none"`
}

func (c *botsUpdate) Run(ctx context.Context, p *Process, s *settings) error {
	patch := map[string]any{}
	for name, v := range map[string]string{"name": c.Name, "time_zone": c.TimeZone, "default_region": strings.ToUpper(c.Region)} {
		if v != "" {
			patch[name] = v
		}
	}
	for field, typed := range map[string]map[string]string{"settings": c.Set, "values": c.Value} {
		if len(typed) == 0 {
			continue
		}
		values := map[string]any{}
		for name, v := range typed {
			values[name] = settingValue(v)
		}
		patch[field] = values
	}
	if len(patch) == 0 {
		return exitWith(exitUsage, "say what to change: --name, --time-zone, --region, --value name=value or --set name=value")
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PATCH", s.path(), patch)
		if err != nil {
			return byPlace(raw, err)
		}
		bot, err := decode[botView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("changed bot %s", bot.Name) })
	})
}

// settingValue is what a person typed: true, a number, a list or an object
// where it is one, else the text.
func settingValue(typed string) any {
	var v any
	if json.Unmarshal([]byte(typed), &v) == nil {
		return v
	}
	return typed
}
