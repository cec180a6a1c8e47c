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

// EachAddress calls f with every address of a file in a message.
func EachAddress(m *Message, f func(string)) {
	Addresses([]Message{*m}, func(a string) string {
		if a != "" {
			f(a)
		}
		return a
	}, nil)
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
