package app

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// pauseCommand stops everything, or one bot.
type pauseCommand struct {
	connection `embed:""`
	switched   `embed:""`
	Reason     string `required:"" help:"Why, for others to read."`
}

// resumeCommand lets it go on.
type resumeCommand struct {
	connection `embed:""`
	switched   `embed:""`
}

// switched says what a switch is about. BLOCKCAST_BOT does not count: who
// means everything must not stop one bot for a setting somebody forgot.
type switched struct {
	Bot string `placeholder:"NAME" help:"Only this bot, by its name or id. Default: everything."`
}

type pauseView struct {
	Bot    string    `json:"bot"`
	Name   string    `json:"name"`
	Reason string    `json:"reason"`
	Actor  string    `json:"actor"`
	Since  time.Time `json:"since"`
}

func (c *pauseCommand) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		path, what, err := c.path(ctx, s)
		if err != nil {
			return err
		}
		raw, err := s.call(ctx, "PUT", path, map[string]any{"reason": c.Reason})
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("%s is PAUSED: nothing goes out and nobody is answered. What people write is kept.\nLet it go on with: blockcast resume%s", what, c.flag())
		})
	})
}

func (c *resumeCommand) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		path, what, err := c.path(ctx, s)
		if err != nil {
			return err
		}
		if _, err := s.call(ctx, "DELETE", path, nil); err != nil {
			return err
		}
		left, err := s.pauses(ctx, path)
		if err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"resumed":true}`), func() error {
			if err := s.line("%s goes on", what); err != nil {
				return err
			}
			for _, p := range left {
				if err := s.line("still paused: %s, because %s", pausedWhat(p), p.Reason); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// path is the switch that is meant, and what it is about.
func (c *switched) path(ctx context.Context, s *session) (path, what string, err error) {
	if c.Bot == "" {
		return "/v1/pause", "everything", nil
	}
	bot, err := findBot(ctx, s.client, c.Bot)
	if err != nil {
		return "", "", err
	}
	return "/v1/bots/" + url.PathEscape(bot.ID) + "/pause", "the bot " + bot.Name, nil
}

func (c *switched) flag() string {
	if c.Bot == "" {
		return ""
	}
	return " --bot " + strconv.Quote(c.Bot)
}

// pauses reads what a switch's path says is paused.
func (s *session) pauses(ctx context.Context, path string) ([]pauseView, error) {
	raw, err := s.get(ctx, path)
	state, err := decode[struct {
		Pauses []pauseView `json:"pauses"`
	}](raw, err)
	return state.Pauses, err
}

// pausedWhat is what a pause stops, in words.
func pausedWhat(p pauseView) string {
	switch {
	case p.Bot == "":
		return "everything"
	case p.Name == "":
		return "the bot " + p.Bot
	}
	return "the bot " + p.Name
}
