package linerules

const imagemapWidth = 1040

// imagemap checks a picture with tappable areas. Its width is always 1040.
func (c *checker) imagemap(o object) {
	c.media(o, "baseUrl", true)
	c.text(o, "altText", 1, maxAltText, UTF16)
	if size, ok := c.object(o, "baseSize", true); ok {
		c.whole(size, "width", true, imagemapWidth, imagemapWidth)
		c.whole(size, "height", true, 1, 1<<31-1)
	}
	for _, a := range c.list(o, "actions", 0, maxImagemapActions) {
		c.imagemapAction(a)
	}
	if !o.has("actions") {
		c.fault(o.at("actions"), "May not be null")
	}
	if v, ok := c.object(o, "video", false); ok {
		c.media(v, "originalContentUrl", true)
		c.media(v, "previewImageUrl", true)
		c.area(v)
		if link, ok := c.object(v, "externalLink", false); ok {
			c.uri(link, "linkUri", true, maxActionURI, "http", "https", "line", "tel")
			c.text(link, "label", 1, imagemapLinkLabel, UTF16)
		}
	}
}

func (c *checker) imagemapAction(a object) {
	c.area(a)
	c.text(a, "label", 0, imagemapLabel, UTF16)
	switch a.text("type") {
	case "uri":
		c.uri(a, "linkUri", true, maxActionURI, "http", "https", "line", "tel")
	case "message":
		c.text(a, "text", 1, imagemapText, UTF16)
	case "clipboard":
		c.text(a, "clipboardText", 1, maxClipboard, UTF16)
	default:
		c.oneOf(a, "type", true, "uri", "message", "clipboard")
	}
}

func (c *checker) area(o object) {
	area, ok := c.object(o, "area", true)
	if !ok {
		return
	}
	c.whole(area, "x", true, 0, imagemapWidth)
	c.whole(area, "y", true, 0, 1<<31-1)
	c.whole(area, "width", true, 1, imagemapWidth)
	c.whole(area, "height", true, 1, 1<<31-1)
}
