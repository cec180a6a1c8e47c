package media

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Resolve makes messages ready to be rendered: media:ID becomes the file's
// address, and of the bot's own files the preview and the length are filled in
// where the author left them out. What was given is left as it is. A file the
// bot does not have is shown as nothing, and doubts say so.
func (k *Keeper) Resolve(ctx context.Context, botID string, messages []blocks.Message) (_ []blocks.Message, doubts []string, err error) {
	if !k.concerns(messages) {
		return messages, nil, nil
	}
	r := resolution{k: k, ctx: ctx, botID: botID, seen: map[string]*engine.Media{}}
	out := blocks.Addresses(messages, r.address, r.complete)
	return out, r.doubts, r.err
}

// concerns reports whether any address is of a file of ours: most messages have
// none, and cost nothing.
func (k *Keeper) concerns(messages []blocks.Message) bool {
	ours := func(a string) bool { return strings.HasPrefix(a, blocks.MediaScheme) || k.idIn(a) != "" }
	for i := range messages {
		if blocks.NamesFile(&messages[i], ours) {
			return true
		}
	}
	return false
}

// idIn is the id in an address of ours, "" when it is another's.
func (k *Keeper) idIn(address string) string {
	id, ok := strings.CutPrefix(address, blocks.MediaScheme)
	if !ok {
		if k.PublicURL == "" {
			return ""
		}
		if id, ok = strings.CutPrefix(address, k.PublicURL+Root); !ok {
			return ""
		}
		id, _, _ = strings.Cut(id, "/")
	}
	if !IsID(id) {
		return ""
	}
	return id
}

// resolution is one Resolve under way.
type resolution struct {
	k      *Keeper
	ctx    context.Context
	botID  string
	seen   map[string]*engine.Media // nil: there is none
	doubts []string
	err    error
}

// find reads the file an address means, nil when it means none of the bot's.
func (r *resolution) find(address string) *engine.Media {
	id := r.k.idIn(address)
	if id == "" || r.err != nil {
		return nil
	}
	if m, ok := r.seen[id]; ok {
		return m
	}
	m, err := r.k.Store.Media(r.ctx, r.botID, id)
	if engine.IsCode(err, engine.NotFound) {
		m, err = nil, nil
	}
	r.seen[id], r.err = m, err
	return m
}

// address is what is sent for an address.
func (r *resolution) address(a string) string {
	m := r.find(a)
	switch {
	case !strings.HasPrefix(a, blocks.MediaScheme):
		return a
	case m == nil:
		r.doubt(fmt.Sprintf("the bot keeps no file %.60q, so nothing is shown for it", a))
		return ""
	case r.k.PublicURL == "":
		r.doubt("no public address is set (--public-url), so that files of the bot cannot be shown")
		return ""
	}
	return r.k.URL(m)
}

func (r *resolution) doubt(text string) {
	if r.err == nil && !slices.Contains(r.doubts, text) {
		r.doubts = append(r.doubts, text)
	}
}

// complete fills in what is known of a file and its author left out.
func (r *resolution) complete(p *blocks.Media) {
	m := r.find(p.URL)
	if m == nil {
		return
	}
	if p.PreviewURL == "" && r.k.PublicURL != "" {
		p.PreviewURL = r.k.PreviewURL(m)
	}
	if p.Duration == 0 {
		p.Duration = int(m.Duration.Milliseconds())
	}
	if p.Name == "" && p.Kind == blocks.File {
		p.Name = m.Name
	}
}
