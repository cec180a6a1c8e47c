package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Sender is who sent a file, and where.
type Sender struct {
	ContactID int64
	Account   *engine.Account
	Channel   channels.Account
}

// Receive fetches what a person sent and keeps it: the answer is the same file
// at our own address, which lasts. It takes at most ReceiveTime. Its error says
// in words for a flow's author why the platform's link has to do.
func (k *Keeper) Receive(ctx context.Context, from Sender, r *blocks.Received) (*blocks.Received, error) {
	if k.PublicURL == "" {
		return nil, errors.New("no public address is set (--public-url), at which it could be served")
	}
	ctx, cancel := context.WithTimeout(ctx, ReceiveTime)
	defer cancel()
	d, err := k.fetch(ctx, from, r)
	if err != nil {
		return nil, plain(err)
	}
	defer d.Body.Close()
	if d.Size > MaxReceived {
		return nil, fmt.Errorf("the file is larger than %d MB", int64(MaxReceived)>>20)
	}
	m, _, err := k.Keep(ctx, Upload{BotID: from.Account.BotID, ContactID: from.ContactID, Name: r.Name, Type: d.Type, Body: d.Body})
	if err != nil {
		return nil, plain(err)
	}
	if r.ID != "" {
		withdrawn, err := k.Store.NoteMedia(ctx, from.Account.ID, r.ID, m.ID, k.Now())
		switch {
		case err != nil:
			return nil, plain(err)
		case withdrawn:
			return nil, errors.New("the person has withdrawn it")
		}
	}
	return &blocks.Received{Type: r.Type, URL: k.URL(m), ID: m.ID, Name: r.Name, Size: m.Size}, nil
}

// ReceiveTime is how long Receive takes at most.
const ReceiveTime = receiveTime

// fetch opens a file where its platform has it, and waits a while for one that
// the platform still prepares.
func (k *Keeper) fetch(ctx context.Context, from Sender, r *blocks.Received) (*channels.Download, error) {
	source, ok := k.Channels[from.Account.Channel].(channels.Downloader)
	if !ok || !source.Downloads(r) {
		return k.Open(ctx, r.URL)
	}
	for look := 1; ; look++ {
		d, err := source.Download(ctx, from.Channel, r)
		var refused *channels.SendError
		if err == nil || look == prepareLooks || !errors.As(err, &refused) || refused.Code != channels.CodePreparing {
			return d, err
		}
		if err := k.Pause(ctx, preparePause); err != nil {
			return nil, err
		}
	}
}

// plain names an error by what an author can understand of it.
func plain(err error) error {
	var refused *channels.SendError
	var mistake *engine.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("it did not come within %v", ReceiveTime)
	case errors.As(err, &refused):
		return errors.New(refused.Message)
	case errors.As(err, &mistake):
		return errors.New(mistake.Message)
	}
	return err
}

// Wait is the Pause of a running server.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
