package app

import (
	"context"
	"time"
)

// sendsSettleAll settles everything of unknown outcome at once.
type sendsSettleAll struct {
	botConnection `embed:""`
	As            string    `arg:"" enum:"sent,delivered,read,failed" help:"What became of them: ${enum}."`
	Account       string    `help:"Only those of this account, by its id."`
	Block         string    `help:"Only those of this block, by its name, id or alias."`
	Since         time.Time `placeholder:"TIME" help:"Only those asked for from then on, as in 2026-12-01T09:00:00+07:00."`
	Before        time.Time `placeholder:"TIME" help:"Only those asked for before."`
	DryRun        bool      `name:"dry-run" help:"Only count them."`
}

func (c *sendsSettleAll) Run(ctx context.Context, p *Process, s *settings) error {
	body := map[string]any{"as": c.As, "dry_run": c.DryRun}
	for name, value := range map[string]string{"account": c.Account, "block": c.Block} {
		if value != "" {
			body[name] = value
		}
	}
	for name, value := range map[string]time.Time{"since": c.Since, "before": c.Before} {
		if !value.IsZero() {
			body[name] = value.UTC()
		}
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("sends", "settle"), body)
		v, err := decode[struct {
			Settled int `json:"settled"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			if c.DryRun {
				return s.line("%s of unknown outcome would be %s (dry run: nothing is changed)", counted(v.Settled, "send"), c.As)
			}
			return s.line("%s of unknown outcome settled as %s", counted(v.Settled, "send"), c.As)
		})
	})
}
