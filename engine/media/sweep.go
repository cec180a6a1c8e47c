package media

import (
	"context"
	"errors"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// Sweep removes the bytes of files that are deleted, of people who were erased,
// of uploads that broke off, and of what people sent longer ago than is kept.
func (k *Keeper) Sweep(ctx context.Context) error {
	now := k.Now()
	if err := k.Store.OldMedia(ctx, now.Add(-keepPerson), now.Add(-staleComing), now, sweepBatch); err != nil {
		return err
	}
	for {
		gone, err := k.Store.GoneMedia(ctx, sweepBatch)
		if err != nil || len(gone) == 0 {
			return err
		}
		ids := make([]string, len(gone))
		for i := range gone {
			if err := k.removeBytes(ctx, &gone[i]); err != nil {
				return fmt.Errorf("remove file %s: %w", gone[i].ID, err)
			}
			ids[i] = gone[i].ID
		}
		if err := k.Store.ForgetMedia(ctx, ids); err != nil || len(gone) < sweepBatch {
			return err
		}
	}
}

func (k *Keeper) removeBytes(ctx context.Context, m *engine.Media) error {
	return errors.Join(k.Files.Remove(ctx, Key(m)), k.Files.Remove(ctx, PreviewKey(m)))
}
