package line

import (
	"github.com/blockcast/blockcast/blocks"
)

// vertical is a box of components under each other.
func vertical(contents ...*component) *component {
	return &component{Type: "box", Layout: "vertical", Contents: contents}
}

// textBlock is a text that may take any number of lines.
func textBlock(text string) *component {
	return &component{Type: "text", Text: text, Wrap: true}
}

// picture fills the width of its bubble.
func picture(url, aspect string) *component {
	return &component{Type: "image", URL: url, Size: "full", AspectRatio: aspect, AspectMode: "cover"}
}

// Shapes of pictures in bubbles.
const (
	square     = "1:1"
	horizontal = "151:100" // as in templates
)

// flexButton is a button of a bubble: LINE's own, or a box that looks like one
// when it has colours, since LINE's has no border and no colour of its text.
func (r *rendering) flexButton(b *blocks.Button) *component {
	if !colored(b) {
		return &component{Type: "button", Height: "sm", Action: r.action(b, maxFlexLabel)}
	}
	return r.coloredButton(b)
}

// coloredButton is a box that looks like a button.
func (r *rendering) coloredButton(b *blocks.Button) *component {
	a := r.action(b, maxFlexLabel)
	box := vertical(&component{
		Type: "text", Text: a.Label, Align: "center", Size: "sm", Weight: "bold", Color: r.color(b.Color),
	})
	box.Action, box.PaddingAll, box.CornerRadius = a, "md", "md"
	box.BackgroundColor = r.color(b.BackgroundColor)
	if c := r.color(b.BorderColor); c != "" {
		box.BorderColor, box.BorderWidth = c, "normal"
	}
	return box
}

// groups makes footers of the buttons, each within what a bubble can hold
// beside a text. No buttons are no groups.
func (r *rendering) groups(buttons []blocks.Button) []*component {
	const room = maxBubbleBytes / 2 // the rest is for text, which JSON may write longer
	var (
		groups []*component
		size   int
	)
	for i := range buttons {
		c := r.flexButton(&buttons[i])
		n := len(encode(c))
		last := len(groups) - 1
		if last < 0 || len(groups[last].Contents) == maxFlexButtons || size+n > room {
			box := vertical(c)
			box.Spacing = "sm"
			groups, size = append(groups, box), n
			continue
		}
		groups[last].Contents = append(groups[last].Contents, c)
		size += n
	}
	return groups
}

// labels are the titles of a footer's buttons.
func labels(footer *component) []string {
	var titles []string
	for _, c := range footer.Contents {
		if c.Action != nil {
			titles = append(titles, c.Action.Label)
		}
	}
	return titles
}

// colored tells whether a button says how it looks.
func colored(b *blocks.Button) bool {
	return b.Color != "" || b.BackgroundColor != "" || b.BorderColor != ""
}

// color passes #rrggbb and #rrggbbaa on; LINE refuses the message for others.
func (r *rendering) color(s string) string {
	if s == "" || hexColor(s) {
		return s
	}
	r.warn("color:refused", "%q is no colour like #1a2b3c and is left out", s)
	return ""
}

func hexColor(s string) bool {
	if len(s) != len("#rrggbb") && len(s) != len("#rrggbbaa") || s[0] != '#' {
		return false
	}
	for _, c := range s[1:] {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}
