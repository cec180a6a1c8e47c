package blocks

import (
	"fmt"
	"strings"
)

// KindImageCarousel is the kind of ImageCarouselStep.
const KindImageCarousel = "image_carousel"

// ImageCarouselStep says a row of pictures, each with at most one button and a
// badge. A button without an action of its own does what a tap on the picture
// does.
//
//	{"type": "image_carousel", "alt_text": "This week's coupons", "columns": [
//	  {"image_url": "https://media.blockcast.example/coupon10.png", "tap": {"goto": "claim", "set": {"coupon": "ten"}},
//	   "button": {"title": "Get it", "color": "#ffffff", "background_color": "#06c755"},
//	   "badge": {"text": "NEW", "background_color": "#ff334b"}}]}
type ImageCarouselStep struct {
	AltText *Template    `json:"alt_text,omitempty" doc:"What a notification and the list of chats show."`
	Columns []ColumnForm `json:"columns" doc:"From left to right."`
	Speech
}

// ColumnForm is a picture as authored.
type ColumnForm struct {
	Loop
	ImageURL Template          `json:"image_url" doc:"The picture, https."`
	Tap      *TapForm          `json:"tap,omitempty" doc:"What a tap on the picture does."`
	Button   *ColumnButtonForm `json:"button,omitempty" doc:"A button under the picture."`
	Badge    *BadgeForm        `json:"badge,omitempty" doc:"A small label over the picture."`
}

// ColumnButtonForm is the button of a picture as authored.
type ColumnButtonForm struct {
	Title           Template `json:"title" doc:"What the button shows."`
	Color           Color    `json:"color,omitempty" doc:"Of the title."`
	BackgroundColor Color    `json:"background_color,omitempty" doc:"Of the button."`
	BorderColor     Color    `json:"border_color,omitempty" doc:"Of its border."`
	ActionForm
}

// BadgeForm is a small label on a picture in a flow document.
type BadgeForm struct {
	Text            Template `json:"text" doc:"A word or two."`
	Color           Color    `json:"color,omitempty" doc:"Of the text."`
	BackgroundColor Color    `json:"background_color,omitempty" doc:"Of the badge."`
}

// Color is a colour as the web writes it: # and six hex digits.
type Color string

// Read implements Field.
func (c *Color) Read(v any) error {
	s, ok := v.(string)
	if !ok || len(s) != 7 || s[0] != '#' || strings.Trim(strings.ToLower(s[1:]), "0123456789abcdef") != "" {
		return wanted("a colour such as #06c755", v)
	}
	*c = Color(strings.ToLower(s))
	return nil
}

// Schema implements Field.
func (c *Color) Schema() map[string]any { return reference("color") }

// Kind implements Step.
func (s *ImageCarouselStep) Kind() string { return KindImageCarousel }

// Check implements Step.
func (s *ImageCarouselStep) Check(c *Checker) {
	c.Template("alt_text", s.AltText)
	c.In("columns", func() {
		if s.Columns != nil && len(s.Columns) == 0 {
			c.Problem(CodeMissing, "an image carousel needs at least one column", "")
		}
		for i := range s.Columns {
			c.At(i, func() { s.Columns[i].check(c) })
		}
	})
	c.AtMost("columns", len(s.Columns), MaxCards)
	s.Speech.check(c)
}

func (f *ColumnForm) check(c *Checker) {
	c.Loop(&f.Loop, func() {
		c.MediaURL("image_url", &f.ImageURL)
		c.Tap("tap", f.Tap)
		if b := f.Button; b != nil {
			c.In("button", func() {
				c.Needed("title", &b.Title)
				if len(b.actions()) > 0 || f.Tap == nil {
					b.ActionForm.check(c)
				} else if len(b.Set)+len(b.Tag)+len(b.Untag) > 0 {
					c.Problem(CodeMissing, "sets or tags, but does nothing else when tapped", "give one of "+actionNames)
				}
			})
		}
		if b := f.Badge; b != nil {
			c.In("badge", func() { c.Needed("text", &b.Text) })
		}
	})
}

// Compile implements Step.
func (s *ImageCarouselStep) Compile(c *Code) { c.Emit(say{s}) }

func (s *ImageCarouselStep) part(env Env) (Part, error) {
	p := &ImageCarousel{Columns: make([]Column, 0, len(s.Columns))}
	var err error
	if p.AltText, err = s.AltText.run(env, nil); err != nil {
		return nil, err
	}
	for i := range s.Columns {
		f := &s.Columns[i]
		more, err := f.Loop.run(env, nil, func(locals map[string]any) (bool, error) {
			if len(p.Columns) == MaxCards {
				env.Report(ReportCut, fmt.Sprintf("the pictures after the first %d are left out", MaxCards))
				return false, nil
			}
			return true, f.add(env, locals, p)
		})
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if len(p.Columns) == 0 {
		env.Report(ReportEmpty, "the image carousel has no pictures and is not sent")
		return nil, nil
	}
	return p, nil
}

// add makes one column; one without a picture is left out.
func (f *ColumnForm) add(env Env, locals map[string]any, p *ImageCarousel) error {
	var column Column
	var err error
	if column.ImageURL, err = mediaURL(env, locals, &f.ImageURL); err != nil {
		return err
	}
	if column.ImageURL == "" {
		env.Report(ReportEmpty, "the picture "+quoted(f.ImageURL.Source)+" has no address and is left out")
		return nil
	}
	if column.Tap, err = f.Tap.button(env, locals); err != nil {
		return err
	}
	if column.Button, err = f.button(env, locals, column.Tap); err != nil {
		return err
	}
	if column.Badge, err = f.Badge.badge(env, locals); err != nil {
		return err
	}
	p.Columns = append(p.Columns, column)
	return nil
}

// button makes the column's button; without an action it does what tap does.
func (f *ColumnForm) button(env Env, locals map[string]any, tap *Button) (*Button, error) {
	form := f.Button
	if form == nil {
		return nil, nil
	}
	var b Button
	var err error
	switch {
	case form.acts:
		if b, err = form.ActionForm.button(env, locals); err != nil {
			return nil, err
		}
	case tap != nil:
		b = *tap
	}
	if b.Title, err = form.Title.run(env, locals); err != nil {
		return nil, err
	}
	why := b.usable(true)
	if b.Action == "" {
		why = "a tap does nothing"
	}
	if why != "" {
		env.Report(ReportButton, fmt.Sprintf("button %s is left out: %s", quoted(b.Title), why))
		return nil, nil
	}
	b.Color, b.BackgroundColor, b.BorderColor = string(form.Color), string(form.BackgroundColor), string(form.BorderColor)
	return &b, nil
}

// badge makes the badge, nil when there is none or its text is empty.
func (f *BadgeForm) badge(env Env, locals map[string]any) (*Badge, error) {
	if f == nil {
		return nil, nil
	}
	text, err := f.Text.run(env, locals)
	if err != nil || blank(text) {
		return nil, err
	}
	return &Badge{Text: text, Color: string(f.Color), BackgroundColor: string(f.BackgroundColor)}, nil
}
