package messengerrules

// utility checks a template Meta approved, as far as its form goes: what it
// wants filled in Meta knows.
func (c *checker) utility(o object) {
	c.keys(o, "template_type", "name", "language", "components")
	c.text(o, "name", true, maxName)
	if l, ok := c.child(o, "language"); ok {
		c.keys(l, "code", "policy")
		c.text(l, "code", true, maxTitle)
	}
	seen := map[string]bool{}
	for _, part := range c.list(o, "components", 0, maxComponents) {
		kind, _ := part.fields["type"].(string)
		if seen[kind] && kind != "button" {
			c.fault(part.at("type"), "must not be repeated")
		}
		seen[kind] = true
		switch kind {
		case "header":
			c.keys(part, "type", "parameters")
			for _, p := range c.list(part, "parameters", 1, 1) {
				c.headerParameter(p)
			}
		case "body":
			c.keys(part, "type", "parameters")
			for _, p := range c.list(part, "parameters", 1, maxPlaces) {
				c.textParameter(p)
			}
		case "button":
			c.templateButton(part)
		default:
			c.fault(part.at("type"), "must be one of {HEADER, BODY, BUTTON}")
		}
	}
}

func (c *checker) templateButton(o object) {
	c.keys(o, "type", "sub_type", "index", "parameters")
	if n, ok := o.fields["index"].(float64); !ok || n < 0 || n >= maxComponents || n != float64(int(n)) {
		c.fault(o.at("index"), "must be the place of a button")
	}
	for _, p := range c.list(o, "parameters", 1, 1) {
		switch o.fields["sub_type"] {
		case "quick_reply":
			c.keys(p, "type", "payload")
			if p.fields["type"] != "payload" {
				c.fault(p.at("type"), "must be payload")
			}
			c.text(p, "payload", true, maxPayload)
		case "url":
			c.textParameter(p)
		default:
			c.fault(o.at("sub_type"), "must be one of {QUICK_REPLY, URL}")
		}
	}
}

func (c *checker) textParameter(o object) {
	c.keys(o, "type", "text", "parameter_name")
	if o.fields["type"] != "text" {
		c.fault(o.at("type"), "must be text")
	}
	c.text(o, "text", true, maxParameter)
}

func (c *checker) headerParameter(o object) {
	switch kind := o.fields["type"]; kind {
	case "text":
		c.textParameter(o)
	case "image", "video", "document":
		key, _ := kind.(string)
		c.keys(o, "type", key)
		if file, ok := c.child(o, key); ok {
			c.keys(file, "link", "filename")
			c.url(file, "link", true)
		}
	default:
		c.fault(o.at("type"), "must be one of {TEXT, IMAGE, VIDEO, DOCUMENT}")
	}
}
