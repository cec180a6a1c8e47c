package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
)

// databaseFiles end the names of the database and of what SQLite keeps beside
// it. A log that an old database has left would be written into the new one.
var databaseFiles = [...]string{"", "-wal", "-shm", "-journal"}

// restoreCommand makes a data folder from a backup.
type restoreCommand struct {
	Settings Config `embed:""`
	File     string `arg:"" type:"path" help:"What blockcast backup wrote."`
	Key      string `type:"path" placeholder:"FILE" help:"Its secret key. Default: FILE.key where there is one, else the folder's."`
}

// Run puts a copy into a folder that has no database. The instance is paused:
// what stood queued in the backup may have gone out since it was taken.
func (c *restoreCommand) Run(ctx context.Context, p *Process) error {
	if !c.Settings.embedded() {
		return exitWith(exitUsage, "restore makes an embedded database; leave --database-url away")
	}
	if err := store.CheckCopy(ctx, c.File); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	folder, err := c.Settings.own()
	if err != nil {
		return err
	}
	defer folder.release()
	path := filepath.Join(c.Settings.Data, databaseFile)
	for _, name := range databaseFiles {
		if exists(path + name) {
			return exitWith(exitUsage, "%s exists: move it away first, with the files beside it whose names begin so", path+name)
		}
	}
	if err := c.restoreKey(); err != nil {
		return err
	}
	if err := copyFile(c.File, path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := c.stop(ctx, p); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	_, err = fmt.Fprintf(p.Out, "restored %[1]s, PAUSED: what was queued in the backup may have gone out since.\nStart it with blockcast serve --data %[1]s, look at it with blockcast status and, for each bot, blockcast sends list --bot NAME --status queued, then: blockcast resume\n", c.Settings.Data)
	return err
}

// restoreKey puts the backup's key into the folder, unless it has one.
func (c *restoreCommand) restoreKey() error {
	from, to := c.Key, filepath.Join(c.Settings.Data, keys.FileName)
	if from == "" && exists(c.File+keyBeside) {
		from = c.File + keyBeside
	}
	switch {
	case c.Settings.SecretKey != "" || from == "" && exists(to):
		return nil
	case from == "":
		return exitWith(exitUsage, "the backup's secret key is needed: give it with --key, or as BLOCKCAST_SECRET_KEY")
	case exists(to):
		return exitWith(exitUsage, "the folder has a key already, %s: move it away, or leave --key away", to)
	}
	if err := copyFile(from, to); err != nil {
		return fmt.Errorf("restore the key: %w", err)
	}
	return nil
}

// stop brings the restored tables up to date, tries the key and pauses.
func (c *restoreCommand) stop(ctx context.Context, p *Process) (err error) {
	i, err := open(ctx, &c.Settings, parts{}, c.Settings.log(p))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	return i.store.Pause(ctx, engine.Pause{Reason: "restored from " + filepath.Base(c.File), Actor: runTokenName, At: i.clock.Now()})
}

// copyFile makes a new file for its owner alone, whole or not at all.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Link(out.Name(), to)
}
