package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/store"
)

// migrateCommand brings the tables up to date. Servers with an embedded
// database do it themselves when they start.
type migrateCommand struct {
	Settings Config `embed:""`
}

func (c *migrateCommand) Run(ctx context.Context, p *Process) (err error) {
	if err := c.Settings.check(channelKinds()); err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	folder, err := c.Settings.own()
	if err != nil {
		return err
	}
	defer folder.release()
	now := (&clock{local: time.Now}).Now
	db, err := store.Open(ctx, store.Config{URL: c.Settings.databaseURL(), Now: now, NewID: newIDs(now), Log: c.Settings.log(p)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, "the tables are up to date")
	return err
}
