package linerules

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Limits of flex containers.
const (
	maxBubbleBytes   = 30 << 10
	maxCarouselBytes = 50 << 10
	maxBubbles       = 12
	maxDepth         = 32   // boxes in boxes; LINE publishes no number
	maxComponents    = 1000 // in one box; a bubble of 30 KB holds fewer
)

// flex checks the container of a flex message; other messages pass.
func (c *checker) flex(raw json.RawMessage) {
	var m struct {
		Type     string          `json:"type"`
		Contents json.RawMessage `json:"contents"`
	}
	if json.Unmarshal(raw, &m) != nil || m.Type != "flex" {
		return
	}
	var v any
	if json.Unmarshal(m.Contents, &v) != nil {
		return
	}
	o, ok := c.asObject(v, "", true)
	if !ok {
		return
	}
	switch o.text("type") {
	case "bubble":
		c.size(m.Contents, "/", maxBubbleBytes)
		c.bubble(o, false)
	case "carousel":
		c.size(m.Contents, "/", maxCarouselBytes)
		c.flexCarousel(o, m.Contents)
	default:
		c.oneOf(o, "type", true, "bubble", "carousel")
	}
}

// size checks how many bytes of JSON a container is, space between them aside.
func (c *checker) size(raw []byte, path string, most int) {
	if len(raw) <= most {
		return
	}
	var tight bytes.Buffer
	if json.Compact(&tight, raw) != nil || tight.Len() > most {
		c.fault(path, "Must not be larger than "+strconv.Itoa(most)+" bytes")
	}
}

// flexCarousel checks a row of bubbles, which are all of one size.
func (c *checker) flexCarousel(o object, raw json.RawMessage) {
	var parts struct {
		Contents []json.RawMessage `json:"contents"`
	}
	c.known(o, "type", "contents")
	bubbles := c.list(o, "contents", 1, maxBubbles)
	if json.Unmarshal(raw, &parts) == nil {
		for i, part := range parts.Contents {
			c.size(part, o.child("contents", i), maxBubbleBytes)
		}
	}
	for _, b := range bubbles {
		if b.text("type") != "bubble" {
			c.oneOf(b, "type", true, "bubble")
			continue
		}
		c.bubble(b, true)
		if bubbleSize(b) != bubbleSize(bubbles[0]) {
			c.fault(b.at("size"), "Must be the same in all bubbles")
		}
	}
}

func bubbleSize(b object) string {
	if s := b.text("size"); s != "" {
		return s
	}
	return "mega"
}

// bubble checks one bubble: header, hero, body and footer, at least one of
// them. A video stands only in the hero of a large bubble on its own.
func (c *checker) bubble(b object, inCarousel bool) {
	c.known(b, "type", "size", "direction", "header", "hero", "body", "footer", "styles", "action")
	c.oneOf(b, "size", false, "nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
	c.oneOf(b, "direction", false, "ltr", "rtl")
	c.flexAction(b, false)
	blocks := 0
	for _, key := range []string{"header", "body", "footer"} {
		if block, ok := c.object(b, key, false); ok {
			blocks++
			if block.text("type") != "box" {
				c.oneOf(block, "type", true, "box")
				continue
			}
			c.component(block, "bubble", 0)
		}
	}
	if hero, ok := c.object(b, "hero", false); ok {
		blocks++
		c.hero(b, hero, inCarousel)
	}
	if blocks == 0 {
		c.fault(b.at("body"), "At least one block must be specified")
	}
	c.styles(b)
}

func (c *checker) hero(b, hero object, inCarousel bool) {
	switch hero.text("type") {
	case "box", "image":
		c.component(hero, "bubble", 0)
	case "video":
		if size := bubbleSize(b); inCarousel || size != "kilo" && size != "mega" && size != "giga" {
			c.fault(hero.at("type"), "A video needs a bubble of its own, of size kilo, mega or giga")
		}
		c.component(hero, "bubble", 0)
	default:
		c.oneOf(hero, "type", true, "box", "image", "video")
	}
}

func (c *checker) styles(b object) {
	styles, ok := c.object(b, "styles", false)
	if !ok {
		return
	}
	c.known(styles, "header", "hero", "body", "footer")
	for _, key := range []string{"header", "hero", "body", "footer"} {
		if s, ok := c.object(styles, key, false); ok {
			c.known(s, "backgroundColor", "separator", "separatorColor")
			c.colour(s, "backgroundColor")
			c.colour(s, "separatorColor")
			c.flag(s, "separator")
		}
	}
}

// component checks one component and all within. Parent is the layout of the
// box around it, "text" for a span, or "bubble" for a block.
func (c *checker) component(o object, parent string, depth int) {
	if depth > maxDepth {
		c.fault(o.path, "Boxes are nested too deeply")
		return
	}
	kind := o.text("type")
	if !slices.Contains(children(parent), kind) {
		c.oneOf(o, "type", true, children(parent)...)
		return
	}
	c.inOrder(func() {
		for key := range o.fields {
			if o.has(key) {
				c.property(o, kind, key)
			}
		}
	})
	switch kind {
	case "box":
		c.oneOf(o, "layout", true, "horizontal", "vertical", "baseline")
		c.flexAction(o, false)
		if !o.has("contents") {
			c.fault(o.at("contents"), "must be specified")
		}
		for _, child := range c.list(o, "contents", 0, maxComponents) {
			c.component(child, o.text("layout"), depth+1)
		}
	case "button":
		c.flexAction(o, true)
	case "text":
		c.flexAction(o, false)
		spans := c.list(o, "contents", 0, maxComponents)
		if o.text("text") == "" && len(spans) == 0 {
			c.fault(o.at("text"), "must be non-empty text")
		}
		for _, s := range spans {
			c.component(s, "text", depth+1)
		}
	case "span":
		if o.text("text") == "" {
			c.fault(o.at("text"), "must be non-empty text")
		}
	case "image", "icon":
		c.flexAction(o, false)
		c.media(o, "url", true)
	case "video":
		c.flexAction(o, false)
		c.media(o, "url", true)
		c.media(o, "previewUrl", true)
		if alt, ok := c.object(o, "altContent", true); ok {
			if k := alt.text("type"); k != "box" && k != "image" {
				c.oneOf(alt, "type", true, "box", "image")
				return
			}
			c.component(alt, "bubble", depth+1)
		}
	}
}

// flexAction checks a component's action; only a button needs one.
func (c *checker) flexAction(o object, required bool) {
	a, ok := c.object(o, "action", required)
	if ok {
		c.action(a, place{label: maxFlexLabel, required: required})
	}
}

// children lists what may stand in a parent; see component.
func children(parent string) []string {
	switch parent {
	case "baseline":
		return []string{"icon", "text", "filler"}
	case "text":
		return []string{"span"}
	case "bubble":
		return []string{"box", "image", "video"}
	default:
		return []string{"box", "button", "image", "text", "separator", "filler"}
	}
}

// known faults every field that is not listed. LINE does so in containers
// only; elsewhere it ignores what it does not know.
func (c *checker) known(o object, keys ...string) {
	c.inOrder(func() {
		for key := range o.fields {
			if !slices.Contains(keys, key) {
				c.fault(o.at(key), "invalid property")
			}
		}
	})
}

// inOrder sorts the faults that check finds while it walks a map, so that the
// same message always gets the same answer.
func (c *checker) inOrder(check func()) {
	before := len(c.problems)
	check()
	slices.SortFunc(c.problems[before:], func(a, b Problem) int {
		return strings.Compare(a.Property, b.Property)
	})
}
