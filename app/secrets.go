package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/store"
)

// secretsCommands manage the secrets of bots, and the keys of the instance that
// seal them.
type secretsCommands struct {
	Set    secretsSet    `cmd:"" help:"Set a secret that requests of flows read as secret.NAME. It is never shown again."`
	List   secretsList   `cmd:"" help:"List the secrets, without their values."`
	Delete secretsDelete `cmd:"" help:"Delete a secret."`
	Rotate secretsRotate `cmd:"" help:"Seal all secrets with a new key: made now for a data folder, else the first of --secret-key."`
}

type secretView struct {
	Name      string    `json:"name"`
	UpdatedAt time.Time `json:"updated_at"`
}

type secretsSet struct {
	botConnection `embed:""`
	Name          string `arg:"" help:"Its name, as flows write it after secret."`
	Value         string `arg:"" help:"What it is; @FILE reads it from a file, - from the input."`
}

func (c *secretsSet) Run(ctx context.Context, p *Process, s *settings) error {
	read, err := readValues(p, map[string]string{"value": c.Value})
	if err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PUT", s.path("secrets", c.Name), map[string]any{"value": read["value"]})
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("set %s", c.Name) })
	})
}

type secretsList struct {
	botConnection `embed:""`
}

func (c *secretsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "LAST SET")
		return showList(ctx, s.session, s.path("secrets"), maxItems, t, func(v secretView) []string {
			return []string{v.Name, s.moment(v.UpdatedAt)}
		})
	})
}

type secretsDelete struct {
	botConnection `embed:""`
	Name          string `arg:"" help:"Its name."`
}

func (c *secretsDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("secrets", c.Name), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"deleted":true}`), func() error { return s.line("deleted %s", c.Name) })
	})
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
	if errors.Is(err, errFolderTaken) {
		return exitWith(exitFailed, "a server uses %s, and its key is changed while it does not run: stop it, run this again, start it", c.Settings.Data)
	}
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
	ring, _, err := c.Settings.ring()
	return ring, err
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
