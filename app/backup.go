package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/store"
)

// keyBeside ends the name of a key that is copied beside a backup.
const keyBeside = ".key"

// backupCommand copies the embedded database, also while a server uses it.
type backupCommand struct {
	Settings Config `embed:""`
	File     string `arg:"" type:"path" help:"Where to; it must not exist yet."`
	WithKey  bool   `name:"with-key" help:"Copy the secret key too, to FILE.key: whoever has both has all credentials."`
}

func (c *backupCommand) Run(ctx context.Context, p *Process) error {
	if !c.Settings.embedded() {
		return exitWith(exitUsage, "backup copies the embedded database; with Postgres use pg_dump or your provider's backups, and keep BLOCKCAST_SECRET_KEY with them")
	}
	from := filepath.Join(c.Settings.Data, databaseFile)
	if folder := filepath.Dir(c.File); !exists(folder) {
		return exitWith(exitUsage, "there is no folder %s: make it first", folder)
	}
	err := store.Backup(ctx, from, c.File)
	switch {
	case errors.Is(err, fs.ErrExist):
		return exitWith(exitUsage, "%s exists already; a backup writes over nothing", c.File)
	case errors.Is(err, fs.ErrNotExist) && !exists(from):
		return exitWith(exitAbsent, "there is no database in %s; name its folder with --data", c.Settings.Data)
	case err != nil:
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(p.Out, "wrote %s, %.1f MB, and read it through: it is whole\n", c.File, float64(info.Size())/(1<<20)); err != nil {
		return err
	}
	return c.key(p)
}

// key copies the key, or says what it is needed for.
func (c *backupCommand) key(p *Process) error {
	path := filepath.Join(c.Settings.Data, keys.FileName)
	if c.Settings.SecretKey != "" {
		_, err := fmt.Fprintln(p.Out, "Its credentials are sealed with BLOCKCAST_SECRET_KEY: keep that elsewhere, the backup cannot be used without it.")
		return err
	}
	if !c.WithKey {
		_, err := fmt.Fprintf(p.Out, "Its credentials are sealed with %s: keep a copy of that file elsewhere, the backup cannot be used without it.\n", path)
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("copy the key: %w", err)
	}
	f, err := os.OpenFile(c.File+keyBeside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy the key: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("copy the key: %w", err)
	}
	_, err = fmt.Fprintf(p.Out, "wrote %s: keep it apart from the backup, together they open everything\n", c.File+keyBeside)
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
