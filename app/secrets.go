package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/store"
)

// secretsCommands manage the keys of the instance.
type secretsCommands struct {
	Rotate secretsRotate `cmd:"" help:"Seal all secrets with a new key: made now for a data folder, else the first of --secret-key."`
}

type secretsRotate struct {
	Settings Config `embed:""`
}

// Run needs a data folder whose server is stopped. With Postgres the servers
// run on: start them with the new key in front of the old one, rotate, then
// drop the old one.
func (c *secretsRotate) Run(ctx context.Context, p *Process) (err error) {
	if err := c.Settings.check(channelKinds()); err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	folder, err := c.Settings.own()
	if err != nil {
		return err
	}
	defer folder.release()
	made := c.Settings.SecretKey == ""
	ring, err := c.renewed(made)
	if err != nil {
		return err
	}
	n, err := c.reseal(ctx, p, ring)
	if err != nil {
		return err
	}
	if !made {
		_, err = fmt.Fprintf(p.Out, "sealed %s with the first key; the others may be dropped\n", counted(n, "secret"))
		return err
	}
	if err := keys.Forget(c.Settings.Data); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "sealed %s with a new key\n", counted(n, "secret"))
	return err
}

func (c *secretsRotate) renewed(made bool) (*keys.Ring, error) {
	if made {
		return keys.Renew(c.Settings.Data)
	}
	return c.Settings.ring()
}

func (c *secretsRotate) reseal(ctx context.Context, p *Process, ring *keys.Ring) (n int, err error) {
	now := (&clock{local: time.Now}).Now
	db, err := store.Open(ctx, store.Config{URL: c.Settings.databaseURL(), Now: now, NewID: newIDs(now), Cipher: ring, Log: c.Settings.log(p)})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.CheckKey(ctx); err != nil {
		return 0, err
	}
	return db.Reseal(ctx)
}
