package app

import (
	"cmp"
	"context"
	"time"

	"github.com/blockcast/blockcast/console"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
)

// consoleCommand lets a person in to the broadcasts page.
type consoleCommand struct {
	botConnection `embed:""`
	Admin         bool `help:"Let them open locked ways of sending again, too, as only who administers the bot may."`
}

// Help is shown by --help.
func (c *consoleCommand) Help() string {
	return "The link works once, in the browser it is opened with, and for 15 minutes. Who came in by it stays signed in for 12 hours, or until blockcast tokens revoke ends the token of its name."
}

func (c *consoleCommand) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if s.local {
			return exitWith(exitAway, "no server runs here that could show the page: start one with blockcast serve, or name one with --url and --token")
		}
		var more []string
		if c.Admin {
			more = append(more, engine.ScopeAdmin)
		}
		link, err := consoleLink(ctx, s, cmp.Or(s.public, s.base), more...)
		if err != nil {
			return err
		}
		if s.json {
			return writeJSON(p.Out, map[string]string{"url": link})
		}
		return s.line("%s\n(opens the broadcasts of %s once, within 15 minutes)", link, s.bot.Name)
	})
}

// consoleLink makes a link that signs one person in to a bot's broadcasts, with
// more scopes than those need.
func consoleLink(ctx context.Context, bot *botSession, base string, more ...string) (string, error) {
	raw, err := bot.post(ctx, bot.path("tokens"), map[string]any{
		"name":        console.LinkName + " " + token.NewSecret()[:8],
		"scopes":      append([]string{engine.ScopeBroadcasts, engine.ScopeRead}, more...),
		"valid_until": time.Now().Add(console.SessionLife).UTC().Truncate(time.Second),
	})
	t, err := decode[tokenView](raw, err)
	if err != nil {
		return "", err
	}
	return console.Link(base, t.Token), nil
}
