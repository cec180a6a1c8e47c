package app

import (
	"context"
	"errors"
	"fmt"
)

// workCommand runs the work behind other processes' webhooks and calls.
type workCommand struct {
	Settings Config `embed:""`
}

func (c *workCommand) Run(ctx context.Context, p *Process) (err error) {
	problems := []error{c.Settings.check(channelKinds())}
	if c.Settings.embedded() || c.Settings.RedisURL == "" {
		problems = append(problems, errors.New("work needs --database-url and --redis-url; without them serve does the work itself"))
	}
	if err := errors.Join(problems...); err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	log := c.Settings.log(p)
	i, err := open(ctx, &c.Settings, parts{works: true, role: roleWork}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	if err := i.start(ctx); err != nil {
		return err
	}
	fmt.Fprintln(p.Out, "blockcast works")
	return i.watchClock(ctx)
}
