package line

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// frame is a blocks.Column with what LINE can show of it.
type frame struct {
	image       string
	tap, button *blocks.Button
	badge       *blocks.Badge
}

// imageCarousel shows a row of pictures: as LINE's template where each has one
// plain action and nothing else, else as Flex bubbles, which have room for
// badges and for buttons in colours.
func (r *rendering) imageCarousel(p *blocks.ImageCarousel) {
	frames := r.frames(p.Columns)
	words := []string{p.AltText}
	if channels.Flat(p.AltText) == "" {
		words = captions(frames)
	}
	switch {
	case len(frames) == 0:
		r.warn("image_carousel:empty", "nothing is shown: the carousel has no picture")
	case plainFrames(frames):
		t := &template{Type: "image_carousel"}
		for i := range frames {
			t.Columns = append(t.Columns, column{ImageURL: frames[i].image, Action: r.frameAction(&frames[i])})
		}
		r.add(message{Type: "template", AltText: alt(words...), Template: t})
	default:
		bubbles := make([]*flex, len(frames))
		for i := range frames {
			bubbles[i] = r.frameBubble(&frames[i])
		}
		r.flexCarousel(bubbles, words)
	}
}

// frames keeps of the columns what LINE can show.
func (r *rendering) frames(columns []blocks.Column) []frame {
	var frames []frame
	for i := range columns {
		if len(frames) == maxBubbles {
			r.warn("image_carousel:too_many_columns", "%d of %d pictures are left out: LINE shows %d", len(columns)-i, len(columns), maxBubbles)
			break
		}
		if f, ok := r.frame(&columns[i]); ok {
			frames = append(frames, f)
		}
	}
	return frames
}

func (r *rendering) frame(c *blocks.Column) (frame, bool) {
	f := frame{image: r.cardImage(c.ImageURL), tap: r.tap(c.Tap)}
	if c.Button != nil {
		if kept := r.buttons([]blocks.Button{*c.Button}); len(kept) == 1 {
			f.button = &kept[0]
		}
	}
	if c.Badge != nil && channels.Flat(c.Badge.Text) != "" {
		f.badge = c.Badge
	}
	if f.image == "" && f.button == nil && f.badge == nil {
		r.warn("image_carousel:column_empty", "a column is left out: there is nothing on it")
		return f, false
	}
	return f, true
}

func captions(frames []frame) []string {
	var words []string
	for i := range frames {
		if b := frames[i].badge; b != nil {
			words = append(words, b.Text)
		}
		if b := frames[i].button; b != nil {
			words = append(words, title(b))
		}
	}
	if len(words) == 0 {
		words = []string{channels.Symbol(blocks.Image)}
	}
	return words
}

// plainFrames tells whether LINE's template shows the pictures as they are.
func plainFrames(frames []frame) bool {
	for i := range frames {
		f := &frames[i]
		if f.image == "" || f.badge != nil || !f.oneAction() {
			return false
		}
		if f.button != nil && (colored(f.button) || !fits(f.button, maxImageLabel)) {
			return false
		}
	}
	return len(frames) <= maxColumns
}

// oneAction tells whether all a picture's taps do the same.
func (f *frame) oneAction() bool {
	if f.tap == nil || f.button == nil {
		return f.tap != f.button
	}
	return f.tap.Action == f.button.Action && f.tap.Value == f.button.Value &&
		reflect.DeepEqual(f.tap.Set, f.button.Set) &&
		slices.Equal(f.tap.Tag, f.button.Tag) && slices.Equal(f.tap.Untag, f.button.Untag)
}

// frameAction is the one action of a plain picture.
func (r *rendering) frameAction(f *frame) *action {
	if f.button != nil {
		return r.action(f.button, maxImageLabel)
	}
	a := r.tapAction(f.tap, "")
	a.Label = "" // it would be shown on the picture
	return a
}

// frameBubble is a picture with its badge at the top and its button at the
// bottom, both lying on it. Without a picture they stand by themselves.
func (r *rendering) frameBubble(f *frame) *flex {
	body := vertical()
	if f.image != "" {
		body.PaddingAll = "0px"
		body.Contents = append(body.Contents, picture(f.image, square))
	}
	if f.badge != nil {
		badge := r.badge(f.badge)
		if f.image != "" {
			badge.Position, badge.OffsetTop, badge.OffsetStart = "absolute", "12px", "12px"
		}
		body.Contents = append(body.Contents, badge)
	}
	if f.button != nil {
		button := r.frameButton(f.button)
		if f.image != "" {
			button.Position, button.OffsetBottom, button.OffsetStart, button.OffsetEnd = "absolute", "12px", "12px", "12px"
		}
		body.Contents = append(body.Contents, button)
	}
	b := &flex{Type: "bubble", Size: "kilo", Body: body}
	if f.tap != nil {
		b.Action = r.tapAction(f.tap, channels.Join(" · ", captions([]frame{*f})...))
	}
	return b
}

// badge is a small label.
func (r *rendering) badge(b *blocks.Badge) *component {
	full := channels.Flat(b.Text)
	text := cut(full, maxBadge, maxLabelUnits)
	if text != full {
		r.warn("badge:text_cut", "the badge %q is cut to %d characters", clip(full), maxBadge)
	}
	box := vertical(&component{Type: "text", Text: text, Size: "xs", Weight: "bold", Align: "center", Color: cmp.Or(r.color(b.Color), "#ffffff")})
	box.BackgroundColor = cmp.Or(r.color(b.BackgroundColor), "#ff334b")
	box.CornerRadius, box.PaddingAll = "xl", "sm"
	return box
}

// frameButton is a button on a picture: in its own colours, or white on a
// shade as LINE's template has it.
func (r *rendering) frameButton(b *blocks.Button) *component {
	box := r.coloredButton(b)
	box.BackgroundColor = cmp.Or(box.BackgroundColor, "#00000080")
	box.Contents[0].Color = cmp.Or(box.Contents[0].Color, "#ffffff")
	return box
}
