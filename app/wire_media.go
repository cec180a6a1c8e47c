package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"path/filepath"

	"github.com/blockcast/blockcast/app/fetch"
	"github.com/blockcast/blockcast/app/files"
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/all"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/engine/outbox"
)

// mediaFolder of the data folder holds files where no other is named.
const mediaFolder = "media"

// openMedia opens the platforms and the folder of files, and lets the rooms
// name files.
func (i *instance) openMedia(context.Context) error {
	i.channels = map[string]channels.Channel{} // the keeper asks them, and one of them the keeper
	dir := i.config.MediaDir
	if dir == "" {
		dir = filepath.Join(i.config.Data, mediaFolder)
	}
	i.folder = files.New(dir, i.clock.Now)
	i.undo = append(i.undo, i.folder.Close)
	i.media = media.New(media.Config{
		Store: i.store, Files: i.folder, Now: i.clock.Now, NewID: newMediaID, PublicURL: i.publicURL(), Channels: i.channels,
		Open: fetch.New(fetch.Config{Allow: i.config.AllowHost}).Open, Pause: media.Wait, Log: i.log,
	})
	i.deps.Media = i.media.Resolve
	list, err := all.New(all.Config{Client: newPlatformClient(i.config.Sends), URLs: i.config.channelURLs(), Attachments: i.media})
	if err != nil {
		return err
	}
	for _, kind := range list.Kinds() {
		i.channels[string(kind)], _ = list.Get(kind)
	}
	return nil
}

// publicURL is where platforms reach this instance, "" where a process that
// serves nothing was not told.
func (i *instance) publicURL() string {
	if i.parts.listener == nil {
		return i.config.PublicURL
	}
	return i.config.publicURL(i.parts.listener.Addr())
}

// receive keeps what a person sent.
func (i *instance) receive(ctx context.Context, a *engine.Account, contactID int64, r *blocks.Received) (*blocks.Received, error) {
	return i.media.Receive(ctx, media.Sender{ContactID: contactID, Account: a, Channel: outbox.ChannelAccount(a)}, r)
}

// newMediaID is 128 random bits: whoever knows it may see the file.
func newMediaID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}
