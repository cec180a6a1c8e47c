package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/media"
)

// mediaPath ends the path that takes uploads.
const mediaPath = "/media"

// MediaKeeper looks into files and keeps them.
type MediaKeeper interface {
	Keep(ctx context.Context, u media.Upload) (m *engine.Media, made bool, err error)
	Delete(ctx context.Context, botID, id string) error
	URL(m *engine.Media) string
	PreviewURL(m *engine.Media) string
	// Doubts says which channels will not show a file, and why.
	Doubts(m *engine.Media) map[string][]string
}

var _ MediaKeeper = (*media.Keeper)(nil)

// Media of a bot: what was uploaded, and what people sent.
type Media interface {
	Media(ctx context.Context, botID, id string) (*engine.Media, error)
	// ListMedia returns the uploads (contact 0) or what one person sent, newest
	// first.
	ListMedia(ctx context.Context, botID string, contactID int64, p engine.Page) (items []engine.Media, next string, err error)
	// KeptFiles tells of each id whether the bot keeps a file of it.
	KeptFiles(ctx context.Context, botID string, ids []string) (map[string]bool, error)
	// MediaUses returns what would miss a file.
	MediaUses(ctx context.Context, botID, id string) ([]engine.MediaUse, error)
}

// mediaAnswer is a file.
type mediaAnswer struct {
	ID         string              `json:"id"`
	Reference  string              `json:"reference" doc:"What flows and messages write for its address: it stays right when the server moves."`
	URL        string              `json:"url" doc:"Where everybody who knows it may see the file."`
	PreviewURL string              `json:"preview_url,omitempty" doc:"A smaller picture of it. A picture of at most 1 MB is its own; that of a film is a play sign, since films are not looked into."`
	Name       string              `json:"name"`
	Kind       string              `json:"kind" enum:"image,video,audio,file" doc:"The step that shows it."`
	Type       string              `json:"type" doc:"Of its content, found by its bytes."`
	Size       int64               `json:"size" doc:"Bytes."`
	Width      int                 `json:"width,omitempty" doc:"Pixels."`
	Height     int                 `json:"height,omitempty"`
	Duration   float64             `json:"duration,omitempty" doc:"Seconds."`
	Hash       string              `json:"sha256"`
	ContactID  int64               `json:"contact_id,omitempty" doc:"Who sent it; absent when it was uploaded."`
	Doubts     map[string][]string `json:"doubts,omitempty" doc:"Channels that will not show it as what it is, and why."`
	CreatedAt  time.Time           `json:"created_at"`
}

func (a *API) showMedia(m engine.Media) mediaAnswer {
	return mediaAnswer{ID: m.ID, Reference: "media:" + m.ID, URL: a.Media.URL(&m), PreviewURL: a.Media.PreviewURL(&m), Name: m.Name, Kind: m.Kind, Type: m.Type,
		Size: m.Size, Width: m.Width, Height: m.Height, Duration: m.Duration.Seconds(), Hash: m.Hash, ContactID: m.ContactID, Doubts: a.Media.Doubts(&m), CreatedAt: m.CreatedAt}
}

// mediaUse is what would miss a file.
type mediaUse struct {
	Kind string `json:"kind" enum:"flow,broadcast"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// mediaWithUses is a file and what names it.
type mediaWithUses struct {
	mediaAnswer
	Uses []mediaUse `json:"uses" doc:"Published flows, and broadcasts still to be sent, that name it."`
}

// OneMedia is the path of one file.
type OneMedia struct {
	InBot
	Media string `path:"media" doc:"The file's id."`
}

// uploading is a file as it comes. Its body is read by the handler.
type uploading struct {
	InBot
	Name        string `query:"name" maxLength:"300" doc:"What the file is called, as in shirt.png."`
	ContentType string `header:"Content-Type" doc:"What it is, as in image/png; application/octet-stream leaves that to the name and the bytes."`
	stream      io.Reader
}

// Resolve implements huma.Resolver.
func (u *uploading) Resolve(c huma.Context) []error {
	u.stream = streamOf(c)
	return nil
}

var _ huma.Resolver = (*uploading)(nil)

// uploaded answers 201 to a new file, 200 to one that was there.
type uploaded struct {
	Status int
	Body   mediaAnswer
}

// media registers …/media.
func (a *API) media() {
	const tag, path = "Media", botPath + mediaPath
	register(a, post("upload-media", path, tag, "Upload a file", engine.ScopeFlows, http.StatusCreated).ofFile().
		about("The body is the file itself, not a form: pictures (JPEG, PNG, GIF, WebP), films (MP4, MOV), sounds (M4A, MP3, AAC, OGG, WAV), PDF, DOCX, XLSX, PPTX, ZIP, CSV and plain text, up to 200 MB. "+
			"It is looked into: what is not what it says, is broken, or unfolds into more than 25 million pixels is refused. Previews are made. "+
			"The same bytes again are the same file, and answer 200; so a repeated upload needs no key."), a.uploadMedia)
	register(a, get("list-media", path, tag, "List files, the newest first", engine.ScopeRead), a.listMedia)
	register(a, get("get-media", path+"/{media}", tag, "Get a file, and what names it", engine.ScopeRead), a.getMedia)
	register(a, remove("delete-media", path+"/{media}", tag, "Delete a file", engine.ScopeFlows).
		about("Refused while a published flow or a broadcast that is still to be sent names it, unless `force` is true. Platforms and browsers may go on showing what they have of it."), a.deleteMedia)
}

func (a *API) uploadMedia(ctx context.Context, in *uploading) (*uploaded, error) {
	m, made, err := a.Media.Keep(ctx, media.Upload{BotID: botOf(ctx).ID, Name: in.Name, Type: in.ContentType, Body: in.stream})
	if err != nil {
		return nil, err
	}
	out := &uploaded{Status: http.StatusOK, Body: a.showMedia(*m)}
	if made {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *API) listMedia(ctx context.Context, in *struct {
	InBot
	Paging
	Contact int64 `query:"contact" minimum:"1" doc:"What this person sent, instead of what was uploaded."`
}) (*body[list[mediaAnswer]], error) {
	rows, next, err := a.Store.ListMedia(ctx, botOf(ctx).ID, in.Contact, in.page())
	return listed(rows, next, err, a.showMedia)
}

func (a *API) getMedia(ctx context.Context, in *OneMedia) (*body[mediaWithUses], error) {
	m, err := a.Store.Media(ctx, botOf(ctx).ID, in.Media)
	if err != nil {
		return nil, err
	}
	uses, err := a.Store.MediaUses(ctx, m.BotID, m.ID)
	out := mediaWithUses{mediaAnswer: a.showMedia(*m), Uses: []mediaUse{}}
	for _, u := range uses {
		out.Uses = append(out.Uses, mediaUse(u))
	}
	return answer(out, err)
}

func (a *API) deleteMedia(ctx context.Context, in *struct {
	OneMedia
	Force bool `query:"force" doc:"Delete it although something names it, which then shows nothing."`
}) (*none, error) {
	bot := botOf(ctx).ID
	m, err := a.Store.Media(ctx, bot, in.Media)
	if err != nil {
		return nil, err
	}
	uses, err := a.Store.MediaUses(ctx, bot, m.ID)
	if err != nil {
		return nil, err
	}
	if len(uses) > 0 && !in.Force {
		return nil, &engine.Error{Code: engine.Conflict, Message: "the file is used by " + usesText(uses) + ": take it out there first, or delete it with force=true"}
	}
	return nil, a.Media.Delete(ctx, bot, m.ID)
}

// usesText names the first uses.
func usesText(uses []engine.MediaUse) string {
	const shown = 5
	var names []string
	for _, u := range uses[:min(len(uses), shown)] {
		names = append(names, fmt.Sprintf("the %s %q", u.Kind, u.Name))
	}
	if more := len(uses) - shown; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
