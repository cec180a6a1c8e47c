package app

import "context"

type accountsUpdate struct {
	botConnection `embed:""`
	Account       string            `arg:"" help:"Its id."`
	Credentials   map[string]string `arg:"" optional:"" help:"New ones as name=value, such as channel_access_token=@FILE; @FILE reads a value from a file, - from the input. Those left out stay."`
	Name          string            `help:"What to call it."`
	Resume        bool              `help:"Let it send again, as after the platform refused its credentials."`
}

// Run has new credentials tried with the platform before they are stored: wrong
// ones, or those of another account, change nothing.
func (c *accountsUpdate) Run(ctx context.Context, p *Process, s *settings) error {
	credentials, err := readValues(p, c.Credentials)
	if err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	patch := map[string]any{}
	if len(credentials) > 0 {
		patch["credentials"] = credentials
	}
	if c.Name != "" {
		patch["name"] = c.Name
	}
	if c.Resume {
		patch["state"] = "active"
	}
	if len(patch) == 0 {
		return exitWith(exitUsage, "say what to change: name=value of a credential, --name or --resume")
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PATCH", s.path("accounts", c.Account), patch)
		a, err := decode[accountView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			if err := s.line("changed %s: it is %s", a.Name, a.State); err != nil || a.State != "paused" {
				return err
			}
			return s.line("%s", a.pausedLine())
		})
	})
}

// pausedLine says loudly that an account sends nothing, why, and what to do.
func (a *accountView) pausedLine() string {
	why := a.Reason
	if why == "" {
		why = "nobody said why"
	}
	return "PAUSED: " + a.Name + " sends nothing (" + why + "). Mend it, then: blockcast accounts update " + a.ID + " --resume"
}
