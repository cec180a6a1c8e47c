package broadcast

import (
	"cmp"
	"context"

	"github.com/blockcast/blockcast/engine"
)

// shownText is how many characters of a finding's text are shown.
const shownText = 300

// show puts people's names and what is said to them to findings, as far as both
// are still kept.
func (b *Broadcasts) show(ctx context.Context, botID string, lists ...[]engine.Finding) error {
	var ids []string
	for _, list := range lists {
		for i := range list {
			if list[i].RenderID != "" {
				ids = append(ids, list[i].RenderID)
			}
		}
	}
	renders, err := b.Store.Renders(ctx, botID, ids)
	if err != nil {
		return err
	}
	names := map[int64]string{}
	for _, list := range lists {
		for i := range list {
			f := &list[i]
			if r := renders[f.RenderID]; r != nil {
				f.Text = cut(texts(r))
			}
			if _, known := names[f.ContactID]; !known {
				c, err := b.Store.Contact(ctx, botID, f.ContactID)
				switch {
				case engine.IsCode(err, engine.NotFound):
					names[f.ContactID] = ""
				case err != nil:
					return err
				default:
					names[f.ContactID] = cmp.Or(c.Name, c.FirstName)
				}
			}
			f.Name = names[f.ContactID]
		}
	}
	return nil
}

func cut(s string) string {
	runes := []rune(s)
	if len(runes) <= shownText {
		return s
	}
	return string(runes[:shownText]) + "…"
}
