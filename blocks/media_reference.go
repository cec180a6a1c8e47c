package blocks

import "strings"

// MediaScheme begins the address of a file the bot keeps: media:0f3c…, the file's
// id. It becomes the file's own address when the message is made ready to send.
const MediaScheme = "media:"

// mediaID is the id in an address of MediaScheme, "" when it is none.
func mediaID(s string) string {
	id, ok := strings.CutPrefix(s, MediaScheme)
	const digits = 32
	if !ok || len(id) != digits || strings.Trim(id, "0123456789abcdef") != "" {
		return ""
	}
	return id
}

// Addresses returns the messages with every address of a file in them replaced:
// of pictures, films, sounds and documents. What was given is left as it is.
// more is told of each Media
// beforehand, to fill in what is known of its file; it may be nil.
func Addresses(messages []Message, replace func(string) string, more func(*Media)) []Message {
	out := make([]Message, len(messages))
	for i := range messages {
		out[i] = messages[i]
		switch p := messages[i].Part.(type) {
		case *Media:
			part := *p
			if more != nil {
				more(&part)
			}
			part.URL, part.PreviewURL = replace(part.URL), replace(part.PreviewURL)
			out[i].Part = &part
		case *Carousel:
			part := *p
			part.Cards = append([]Card(nil), p.Cards...)
			for j := range part.Cards {
				part.Cards[j].ImageURL = replace(part.Cards[j].ImageURL)
			}
			out[i].Part = &part
		case *ImageCarousel:
			part := *p
			part.Columns = append([]Column(nil), p.Columns...)
			for j := range part.Columns {
				part.Columns[j].ImageURL = replace(part.Columns[j].ImageURL)
			}
			out[i].Part = &part
		case *ApprovedTemplate:
			if p.Header == nil {
				break
			}
			part, header := *p, *p.Header
			header.Image, header.Video, header.File = replace(header.Image), replace(header.Video), replace(header.File)
			part.Header = &header
			out[i].Part = &part
		}
		out[i].QuickReplies = pictured(out[i].QuickReplies, replace)
	}
	return out
}

// NamesFile reports whether any address of a file in a message fits.
func NamesFile(m *Message, fits func(address string) bool) bool {
	named := false
	look := func(list ...string) {
		for _, a := range list {
			named = named || a != "" && fits(a)
		}
	}
	switch p := m.Part.(type) {
	case *Media:
		look(p.URL, p.PreviewURL)
	case *Carousel:
		for i := range p.Cards {
			look(p.Cards[i].ImageURL)
		}
	case *ImageCarousel:
		for i := range p.Columns {
			look(p.Columns[i].ImageURL)
		}
	case *ApprovedTemplate:
		if p.Header != nil {
			look(p.Header.Image, p.Header.Video, p.Header.File)
		}
	}
	for i := range m.QuickReplies {
		look(m.QuickReplies[i].ImageURL)
	}
	return named
}

// pictured replaces the pictures of quick replies.
func pictured(list []Button, replace func(string) string) []Button {
	if len(list) == 0 {
		return list
	}
	out := append([]Button(nil), list...)
	for i := range out {
		out[i].ImageURL = replace(out[i].ImageURL)
	}
	return out
}
