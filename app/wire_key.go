package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/store"
)

// ring reads the keys of the instance. Only a database of its own may have a
// key that is made on the way: processes that share one must share the key.
func (c *Config) ring() (r *keys.Ring, made bool, err error) {
	if c.SecretKey != "" {
		r, err = keys.Parse(c.SecretKey)
		return r, false, err
	}
	return keys.Load(c.Data)
}

// checkKey refuses a start with a key that cannot open what the database holds,
// and says whence the right one comes.
func (i *instance) checkKey(ctx context.Context) error {
	err := i.store.CheckKey(ctx)
	file := filepath.Join(i.config.Data, keys.FileName)
	switch {
	case !errors.Is(err, store.ErrKey):
		return err
	case i.keyMade: // for nothing: it must not be taken for the right one
		return errors.Join(fmt.Errorf("the key file %s is missing, and what the database holds cannot be read without it: put it back, or give its key as BLOCKCAST_SECRET_KEY", file),
			os.Remove(file))
	case i.config.SecretKey != "":
		return fmt.Errorf("%w: BLOCKCAST_SECRET_KEY must be that key, or a list that holds it", store.ErrKey)
	}
	return fmt.Errorf("%w: put the right key back into %s", store.ErrKey, file)
}
