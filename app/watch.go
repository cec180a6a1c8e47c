package app

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// healthCommand asks a server whether it is ready.
type healthCommand struct {
	connection `embed:""`
}

func (c *healthCommand) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		raw, failed := s.get(ctx, "/readyz")
		var health struct {
			Ready  bool              `json:"ready"`
			Checks map[string]string `json:"checks"`
		}
		if err := json.Unmarshal(raw, &health); err != nil {
			return errors.Join(failed, err)
		}
		err := s.show(raw, func() error {
			t := newTable("WHAT", "HOW")
			for _, name := range slices.Sorted(maps.Keys(health.Checks)) {
				t.add(name, health.Checks[name])
			}
			return t.write(s.p.Out)
		})
		if err != nil {
			return err
		}
		if !health.Ready {
			return exitWith(exitFailed, "the server is not ready")
		}
		return nil
	})
}

// metricsCommand shows a server's metrics in Prometheus' form.
type metricsCommand struct {
	connection `embed:""`
}

func (c *metricsCommand) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *session) error {
		raw, err := s.get(ctx, "/metrics")
		if err != nil {
			return err
		}
		_, err = s.p.Out.Write(raw)
		return err
	})
}
