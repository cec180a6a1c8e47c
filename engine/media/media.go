// Package media keeps files: pictures, films, sounds and documents that a bot
// shows, and those that people send it. It looks into each before it keeps it,
// so that what is served is what it says it is, makes the previews platforms
// want, and knows the address a file is served at.
//
// It knows neither HTTP nor disks: bytes go to Files, rows to Store.
package media

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Limits of what is kept.
const (
	MaxUpload   = 200 << 20 // bytes of an upload: LINE's largest film
	MaxReceived = 100 << 20 // bytes of what a person sends
	MaxPerson   = 500 << 20 // bytes kept of one person together
	MaxPixels   = 25_000_000
	MaxSide     = 16_384 // pixels
	MaxName     = 100    // characters of a name

	maxPreview     = 1_000_000 // bytes: LINE's 1 MB, read strictly
	previewSide    = 1024      // pixels of a preview's longer side
	previewQuality = 80
)

// How long things last.
const (
	keepPerson   = 13 * 30 * 24 * time.Hour // what people sent, as long as the ledger
	staleComing  = time.Hour                // an upload that did not end by then has broken off
	sweepBatch   = 200
	receiveTime  = 20 * time.Second // to fetch what a person sent
	preparePause = time.Second      // between two looks at a file the platform still prepares
	prepareLooks = 8
)

// PreviewName is the last part of a preview's address.
const PreviewName = "preview.jpg"

// Root is where files are served, below the public address.
const Root = "/media/"

// Store keeps the rows. An id of another bot is as unknown: engine.NotFound.
type Store interface {
	// MediaByHash finds a bot's file by its bytes, among the uploads (contact 0)
	// or what one person sent; nil when there is none.
	MediaByHash(ctx context.Context, botID string, contactID int64, hash string) (*engine.Media, error)
	// BeginMedia notes a file whose bytes are about to be kept. Nobody sees it
	// before FinishMedia; one that never gets there is gone media later.
	BeginMedia(ctx context.Context, m engine.Media) error
	FinishMedia(ctx context.Context, id string) error
	// Media returns one of the bot's files.
	Media(ctx context.Context, botID, id string) (*engine.Media, error)
	// MediaByID returns a file of any bot by the id that nobody guesses, nil when
	// there is none.
	MediaByID(ctx context.Context, id string) (*engine.Media, error)
	// MediaOf is how many bytes are kept of what a person sent.
	MediaOf(ctx context.Context, botID string, contactID int64) (int64, error)
	// NoteMedia notes which message of a person brought a file. withdrawn says
	// that they have taken it back: the file is hidden then, unless another
	// message brought it too.
	NoteMedia(ctx context.Context, accountID, messageID, mediaID string, now time.Time) (withdrawn bool, err error)
	// DeleteMedia hides a file; its bytes go with the next sweep.
	DeleteMedia(ctx context.Context, botID, id string, now time.Time) error

	// MediaAttachment returns a platform's own id of a file, for one account and as
	// one kind of message. known is false when nothing is noted that is good at
	// now; an id of "" that is known says that the platform did not take it.
	MediaAttachment(ctx context.Context, accountID, mediaID, kind string, now time.Time) (id string, known bool, err error)
	// KeepMediaAttachment notes it until a time, in the place of an earlier one.
	KeepMediaAttachment(ctx context.Context, accountID, mediaID, kind, id string, until time.Time) error
	// DropMediaAttachment forgets one that the platform refuses, unless another has
	// taken its place meanwhile.
	DropMediaAttachment(ctx context.Context, accountID, mediaID, kind, id string) error

	// OldMedia hides what people sent before a time, and what never came to its
	// end since another.
	OldMedia(ctx context.Context, sent, begun, now time.Time, limit int) error
	// GoneMedia returns files that are hidden: their bytes are to be removed.
	GoneMedia(ctx context.Context, limit int) ([]engine.Media, error)
	// ForgetMedia removes the rows of files whose bytes are gone.
	ForgetMedia(ctx context.Context, ids []string) error
}

// Files keeps bytes under keys, which are letters, digits, dots and slashes. It
// is safe for concurrent use.
type Files interface {
	// Stage takes bytes in, to be looked at before they are kept.
	Stage(ctx context.Context, r io.Reader) (Staged, error)
	// Open returns kept bytes; the error is fs.ErrNotExist when there are none.
	Open(ctx context.Context, key string) (Content, error)
	// Remove removes kept bytes; those that are not there are no error.
	Remove(ctx context.Context, key string) error
}

// Staged is bytes that are not kept yet. Discard ends it in any case.
type Staged interface {
	io.ReaderAt
	Size() int64
	// Keep keeps the bytes under a key for good, also over a loss of power.
	Keep(ctx context.Context, key string) error
	Discard() error
}

// Content is kept bytes, read from anywhere.
type Content interface {
	io.ReaderAt
	io.Closer
}

// Opener fetches an address of the public internet.
type Opener func(ctx context.Context, url string) (*channels.Download, error)

// Config is what a Keeper is made of. Only Log may be nil.
type Config struct {
	Store Store
	Files Files
	Now   func() time.Time
	NewID func() string // 32 hex digits that cannot be guessed
	// PublicURL is where platforms reach the server, without a slash at its end.
	// "" means that nobody knows: what people send then stays with the platform.
	PublicURL string
	Channels  map[string]channels.Channel
	Open      Opener                                           // of addresses that platforms give
	Pause     func(ctx context.Context, d time.Duration) error // waits; the error is ctx's
	Log       *slog.Logger
}

// Keeper keeps files. It is safe for concurrent use.
type Keeper struct {
	Config
	decoding chan struct{} // one picture at a time: a decoded one is large
	attached attached
}

// New returns a Keeper. It starts nothing: sweeping is called for.
func New(c Config) *Keeper {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	return &Keeper{Config: c, decoding: make(chan struct{}, 1)}
}

// URL is where a file is served.
func (k *Keeper) URL(m *engine.Media) string { return k.PublicURL + Path(m) }

// PreviewURL is where its preview is served, "" when it has none.
func (k *Keeper) PreviewURL(m *engine.Media) string {
	if m.Preview == 0 {
		return ""
	}
	return k.PublicURL + Root + m.ID + "/" + PreviewName
}

// Path is a file's address on the server.
func Path(m *engine.Media) string { return Root + m.ID + "/" + m.Name }

// IsID reports whether a text has the form of a file's id.
func IsID(s string) bool {
	return len(s) == idLength && strings.Trim(s, "0123456789abcdef") == ""
}

const idLength = 32

// Key is where a file's bytes are kept.
func Key(m *engine.Media) string { return m.BotID + "/" + m.ID }

// PreviewKey is where its preview's bytes are kept.
func PreviewKey(m *engine.Media) string { return Key(m) + "." + PreviewName }
