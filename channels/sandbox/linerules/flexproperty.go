package linerules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	colour     = regexp.MustCompile(`^#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$`)
	pixels     = regexp.MustCompile(`^[0-9]{1,5}(?:\.[0-9]{1,6})?px$`)
	shift      = regexp.MustCompile(`^-?[0-9]{1,5}(?:\.[0-9]{1,6})?(?:px|%)$`)
	percentage = regexp.MustCompile(`^[0-9]{1,3}(?:\.[0-9]{1,6})?%$`)
	ratio      = regexp.MustCompile(`^([0-9]{1,6}):([0-9]{1,6})$`)
	angle      = regexp.MustCompile(`^[0-9]{1,3}(?:\.[0-9]{1,6})?deg$`)
)

const (
	spaces    = "none xs sm md lg xl xxl"
	fontSizes = "xxs xs sm md lg xl xxl 3xl 4xl 5xl"
	borders   = "none light normal medium semi-bold bold"
	// maxAspect is the largest number of an aspect ratio, whose height is at
	// most three times its width.
	maxAspect = 100_000
	maxFlex   = 100_000
)

// property checks one field of a component by its name, or faults it as one
// the kind of component has not.
func (c *checker) property(o object, kind, key string) {
	if strings.Contains(key, " ") || !strings.Contains(properties(kind), " "+key+" ") {
		c.fault(o.at(key), "invalid property")
		return
	}
	switch key {
	case "flex", "maxLines":
		c.whole(o, key, false, 0, maxFlex)
	case "wrap", "scaling", "animated":
		c.flag(o, key)
	case "color", "backgroundColor", "borderColor":
		c.colour(o, key)
	case "margin", "spacing", "cornerRadius":
		c.measure(o, key, spaces, pixels)
	case "lineSpacing":
		c.measure(o, key, "", pixels)
	case "borderWidth":
		c.measure(o, key, borders, pixels)
	case "paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd":
		c.measure(o, key, spaces, pixels, percentage)
	case "offsetTop", "offsetBottom", "offsetStart", "offsetEnd":
		c.measure(o, key, spaces, shift)
	case "width", "maxWidth", "height", "maxHeight":
		if kind == "button" {
			c.oneOf(o, key, false, "sm", "md")
		} else {
			c.measure(o, key, "", pixels, percentage)
		}
	case "size":
		switch kind {
		case "image":
			c.measure(o, key, fontSizes+" full", pixels, percentage)
		default:
			c.measure(o, key, fontSizes, pixels)
		}
	case "aspectRatio":
		c.aspect(o)
	case "aspectMode":
		c.oneOf(o, key, false, "cover", "fit")
	case "position":
		c.oneOf(o, key, false, "relative", "absolute")
	case "align":
		c.oneOf(o, key, false, "start", "end", "center")
	case "gravity":
		c.oneOf(o, key, false, "top", "bottom", "center")
	case "weight":
		c.oneOf(o, key, false, "regular", "bold")
	case "decoration":
		c.oneOf(o, key, false, "none", "underline", "line-through")
	case "style":
		if kind == "button" {
			c.oneOf(o, key, false, "primary", "secondary", "link")
		} else {
			c.oneOf(o, key, false, "normal", "italic")
		}
	case "adjustMode":
		c.oneOf(o, key, false, "shrink-to-fit")
	case "justifyContent":
		c.oneOf(o, key, false, "center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly")
	case "alignItems":
		c.oneOf(o, key, false, "center", "flex-start", "flex-end")
	case "background":
		c.background(o)
	case "text":
		c.text(o, key, 0, maxBubbleBytes, UTF16)
	}
}

// properties names what each kind of component has, a space around each name.
func properties(kind string) string {
	const placed = " type flex margin position offsetTop offsetBottom offsetStart offsetEnd "
	switch kind {
	case "box":
		return placed + "layout contents spacing backgroundColor borderColor borderWidth cornerRadius " +
			"width maxWidth height maxHeight paddingAll paddingTop paddingBottom paddingStart paddingEnd " +
			"action justifyContent alignItems background "
	case "button":
		return placed + "action color style gravity height adjustMode scaling "
	case "image":
		return placed + "url align gravity size aspectRatio aspectMode backgroundColor action animated "
	case "icon":
		return placed + "url size aspectRatio scaling "
	case "text":
		return placed + "text contents size align gravity color weight style decoration wrap lineSpacing " +
			"action maxLines adjustMode scaling "
	case "span":
		return " type text size color weight style decoration "
	case "video":
		return " type url previewUrl altContent aspectRatio action "
	case "separator":
		return " type margin color "
	case "filler":
		return " type flex "
	}
	return " type "
}

func (c *checker) colour(o object, key string) {
	if v := o.fields[key]; v != nil {
		if s, ok := v.(string); !ok || !colour.MatchString(s) {
			c.fault(o.at(key), "Must be a colour such as #1a2b3c")
		}
	}
}

// measure checks a size that is one of some words or of the given forms.
func (c *checker) measure(o object, key, words string, forms ...*regexp.Regexp) {
	s, ok := o.fields[key].(string)
	if ok && slices.Contains(strings.Fields(words), s) {
		return
	}
	for _, form := range forms {
		if ok && form.MatchString(s) {
			return
		}
	}
	c.fault(o.at(key), "invalid property value")
}

func (c *checker) aspect(o object) {
	m := ratio.FindStringSubmatch(o.text("aspectRatio"))
	if m == nil {
		c.fault(o.at("aspectRatio"), "Must be written as width:height")
		return
	}
	w, _ := strconv.Atoi(m[1])
	h, _ := strconv.Atoi(m[2])
	if w < 1 || h < 1 || w > maxAspect || h > maxAspect || h > 3*w {
		c.fault(o.at("aspectRatio"), "The height must be at most three times the width")
	}
}

func (c *checker) background(o object) {
	b, ok := c.object(o, "background", false)
	if !ok {
		return
	}
	c.oneOf(b, "type", true, "linearGradient")
	c.known(b, "type", "angle", "startColor", "endColor", "centerColor", "centerPosition")
	c.measure(b, "angle", "", angle)
	for _, key := range []string{"startColor", "endColor"} {
		if !b.has(key) {
			c.fault(b.at(key), "must be specified")
		}
		c.colour(b, key)
	}
	c.colour(b, "centerColor")
	if b.has("centerPosition") {
		c.measure(b, "centerPosition", "", percentage)
	}
}
