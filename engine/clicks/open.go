package clicks

import (
	"context"
	"errors"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
)

// Opened is what an address stands for.
type Opened struct {
	Link       *engine.Link
	DeliveryID int64 // of the person it was given to, 0 where it was given to many
}

// Open finds where an address leads by its end. nil means nowhere: it is none
// of ours, or the link is kept no more. An error means that nobody knows just
// now; a link that was asked for a while ago is known without the database.
func (k *Clicks) Open(ctx context.Context, token string) (*Opened, error) {
	id, delivery, ok := k.signer.read(token)
	if !ok {
		return nil, nil
	}
	l, fresh := k.known.get(id)
	if fresh {
		return &Opened{l, delivery}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	read, err := k.Store.Link(ctx, id)
	switch {
	case err != nil && l == nil:
		return nil, err
	case err != nil:
		k.Log.Warn("link not read again", "link_id", id, "error", err)
		return &Opened{l, delivery}, nil
	}
	k.known.put(id, read)
	if read == nil {
		return nil, nil
	}
	return &Opened{read, delivery}, nil
}

// Count counts a tap. It returns when it is kept, or after a moment in any
// case: nobody who taps waits for the database, which is tried on.
func (k *Clicks) Count(ctx context.Context, o *Opened) {
	tap := engine.Click{Link: *o.Link, DeliveryID: o.DeliveryID, At: k.Now()}
	_, err := k.taps.Do(context.WithoutCancel(ctx), tap)
	if errors.Is(err, group.ErrFull) || errors.Is(err, group.ErrStopped) {
		k.lost(1, err)
	}
}

func (k *Clicks) lost(n int, err error) {
	k.Log.Error("taps on links lost", "taps", n, "error", err)
	k.Observe(Lost, n)
}
