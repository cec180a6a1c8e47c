package app

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// configCommand shows the settings as serve and work would find them.
type configCommand struct {
	Settings Config `embed:""`
	JSON     bool   `name:"json" help:"As JSON."`
}

func (c *configCommand) Run(k *kong.Context, p *Process) error {
	shown := map[string]string{}
	t := newTable("SETTING", "VALUE", "ENVIRONMENT")
	walk(k.Selected(), func(f *kong.Flag) {
		value := showSetting(f)
		shown[fileKey(f)] = value
		t.add(fileKey(f), value, envName(f))
	})
	if c.JSON {
		if err := writeJSON(p.Out, shown); err != nil {
			return err
		}
	} else if err := t.write(p.Out); err != nil {
		return err
	}
	if err := c.Settings.check(channelKinds()); err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	return nil
}

// showSetting is a setting's value as text, without what is secret in it.
func showSetting(f *kong.Flag) string {
	value := fmt.Sprint(f.Target.Interface())
	switch {
	case f.Target.IsZero():
		return ""
	case f.Tag.Get(settingTag) != secretSetting:
		return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(value, "map"), "["), "]")
	case strings.HasSuffix(f.Name, "-url"):
		return redactURL(value)
	}
	return masked
}
