package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Upload is a file that comes in.
type Upload struct {
	BotID     string
	ContactID int64  // who sent it; 0: it is uploaded
	Name      string // as its giver calls it
	Type      string // as its giver says; "" leaves it to the name and the bytes
	Body      io.Reader
}

// Keep takes a file in: all of it, or nothing. The same bytes again are the file
// that is there, and made is false. A file that is too large, broken or not what
// it says is *engine.Error.
func (k *Keeper) Keep(ctx context.Context, u Upload) (m *engine.Media, made bool, err error) {
	limit := int64(MaxUpload)
	if u.ContactID != 0 {
		limit = MaxReceived
	}
	in := &measured{r: u.Body, left: limit, hash: sha256.New()}
	staged, err := k.Files.Stage(ctx, in)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, false, refuse("the file is larger than %d MB", limit>>20)
	case err != nil:
		return nil, false, fmt.Errorf("take the file in: %w", err)
	}
	defer func() {
		if failed := staged.Discard(); failed != nil {
			k.Log.Warn("staged file not removed", "error", failed)
		}
	}()
	if staged.Size() == 0 {
		return nil, false, refuse("the file is empty")
	}
	sum := hex.EncodeToString(in.hash.Sum(nil))
	says := claim{u.Name, u.Type, u.ContactID != 0}
	if m, err = k.Store.MediaByHash(ctx, u.BotID, u.ContactID, sum); err != nil {
		return nil, false, err
	}
	if m != nil {
		if _, err := says.format(m.Type); err != nil {
			return nil, false, err
		}
		return m, false, nil
	}
	m = &engine.Media{ID: k.NewID(), BotID: u.BotID, ContactID: u.ContactID, Size: staged.Size(), Hash: sum, CreatedAt: k.Now()}
	preview, err := k.inspect(ctx, staged, says, m)
	if err != nil {
		return nil, false, err
	}
	m.Preview = int64(len(preview))
	if err := k.room(ctx, m); err != nil {
		return nil, false, err
	}
	return m, true, k.write(ctx, m, staged, preview)
}

// room refuses what would make one person's files too many.
func (k *Keeper) room(ctx context.Context, m *engine.Media) error {
	if m.ContactID == 0 {
		return nil
	}
	has, err := k.Store.MediaOf(ctx, m.BotID, m.ContactID)
	if err == nil && has+m.Size > MaxPerson {
		return refuse("more than %d MB are kept of this person already", MaxPerson>>20)
	}
	return err
}

// write notes the file, keeps its bytes and lets it be seen. What breaks off in
// between is swept away later.
func (k *Keeper) write(ctx context.Context, m *engine.Media, staged Staged, preview []byte) error {
	if err := k.Store.BeginMedia(ctx, *m); err != nil {
		return err
	}
	if err := staged.Keep(ctx, Key(m)); err != nil {
		return fmt.Errorf("keep the file: %w", err)
	}
	if len(preview) > 0 {
		if err := k.writePreview(ctx, m, preview); err != nil {
			return fmt.Errorf("keep the preview: %w", err)
		}
	}
	return k.Store.FinishMedia(ctx, m.ID)
}

func (k *Keeper) writePreview(ctx context.Context, m *engine.Media, preview []byte) error {
	staged, err := k.Files.Stage(ctx, bytes.NewReader(preview))
	if err != nil {
		return err
	}
	return errors.Join(staged.Keep(ctx, PreviewKey(m)), staged.Discard())
}

// Doubts says which platforms will not show a file as what it is, by the
// channel's name and in its words.
func (k *Keeper) Doubts(m *engine.Media) map[string][]string {
	out := map[string][]string{}
	for _, kind := range slices.Sorted(maps.Keys(k.Channels)) {
		judge, ok := k.Channels[kind].(channels.MediaChecker)
		if !ok {
			continue
		}
		f := channels.MediaFile{Kind: m.Kind, Type: m.Type, Size: m.Size, Width: m.Width, Height: m.Height, Duration: m.Duration}
		if doubts := judge.CheckMedia(f); len(doubts) > 0 {
			out[kind] = doubts
		}
	}
	return out
}

// Delete hides one of a bot's files at once; caches and platforms may show it a
// while longer.
func (k *Keeper) Delete(ctx context.Context, botID, id string) error {
	return k.Store.DeleteMedia(ctx, botID, id, k.Now())
}

// errTooLarge ends the reading of a file that is beyond its limit.
var errTooLarge = errors.New("the file is too large")

// measured hashes what is read, up to a limit.
type measured struct {
	r    io.Reader
	left int64
	hash hash.Hash
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.left -= int64(n); m.left < 0 {
		return 0, errTooLarge
	}
	m.hash.Write(p[:n])
	return n, err
}
