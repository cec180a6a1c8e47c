package foreign

import "github.com/blockcast/blockcast/blocks"

// BotBonnie reads one message object of BotBonnie: gallery, image, text, video
// or audio, with buttons and quick replies that open a module or an address.
//
//	{"type": "text", "text": "您的商品已到貨", "buttons": [{"title": "查看", "type": "postback", "value": "module-8Xh2"}],
//	 "quickReplies": [{"title": "更多", "type": "text", "payload": "module-9Kd1"}]}
//
// An error is Faults.
func BotBonnie(data []byte, find Block) (blocks.Message, error) {
	b := botBonnie{new(reader), find}
	m := b.parse("message", data, true)
	if len(b.faults) > 0 || !m.object() {
		return blocks.Message{}, b.err()
	}
	out := blocks.Message{Part: b.part(m), QuickReplies: b.quickReplies(m.at("quickReplies"))}
	if err := b.err(); err != nil {
		return blocks.Message{}, err
	}
	return out, nil
}

type botBonnie struct {
	*reader
	find Block
}

func (b botBonnie) part(m node) blocks.Part {
	switch kind := m.at("type"); kind.word() {
	case "text":
		return &blocks.Text{Text: m.at("text").needed(), Buttons: b.buttons(m)}
	case "gallery":
		return b.gallery(m)
	case "image":
		return b.media(m, blocks.Image, "imageUrl")
	case "video":
		return b.media(m, blocks.Video, "videoUrl")
	case "audio":
		return b.media(m, blocks.Audio, "audioUrl")
	case "":
		kind.fault("is missing: it is one of gallery, image, text, video, audio")
	default:
		kind.fault("is none of gallery, image, text, video, audio")
	}
	return nil
}

// media takes buttons too, where the vendor speaks of none: they can be shown.
func (b botBonnie) media(m node, kind, key string) blocks.Part {
	return &blocks.Media{Kind: kind, URL: m.at(key).media(), Buttons: b.buttons(m)}
}

func (b botBonnie) gallery(m node) blocks.Part {
	p := &blocks.Carousel{}
	for _, n := range m.at("cards").neededList(blocks.MaxCards) {
		if !n.object() {
			continue
		}
		card := blocks.Card{Title: n.at("title").text(), Subtitle: n.at("subtitle").text(), Buttons: b.buttons(n)}
		if image := n.at("imageUrl"); !image.absent() {
			card.ImageURL = image.media()
		}
		if card.Title == "" && card.Subtitle == "" && card.ImageURL == "" {
			n.fault("is empty: give it a title, a subtitle or an imageUrl")
		}
		p.Cards = append(p.Cards, card)
	}
	return p
}

func (b botBonnie) buttons(m node) []blocks.Button {
	var out []blocks.Button
	for _, n := range m.at("buttons").list(blocks.MaxButtons) {
		if n.object() {
			out = append(out, b.button(n))
		}
	}
	return out
}

func (b botBonnie) button(n node) blocks.Button {
	made := blocks.Button{Title: n.at("title").needed()}
	switch kind := n.at("type"); kind.word() {
	case "postback":
		made.Action, made.Value = blocks.ActionGoto, b.module(n.at("value"))
	case "web_url":
		made.Action, made.Value = blocks.ActionURL, n.at("value").link()
	default:
		kind.fault("must be postback or web_url")
	}
	return made
}

// quickReplies says its title for the person where it names no module.
func (b botBonnie) quickReplies(list node) []blocks.Button {
	var out []blocks.Button
	for _, n := range list.list(blocks.MaxQuickReplies) {
		if !n.object() {
			continue
		}
		made := blocks.Button{Title: n.at("title").needed()}
		if kind := n.at("type"); !kind.absent() && kind.word() != "text" {
			kind.fault("must be text")
		}
		if payload := n.at("payload"); payload.absent() {
			made.Action, made.Value = blocks.ActionSay, made.Title
		} else {
			made.Action, made.Value = blocks.ActionGoto, b.module(payload)
		}
		out = append(out, made)
	}
	return out
}

// module is the id of the block or module that a button opens.
func (b botBonnie) module(n node) string {
	before := len(b.faults)
	name := n.needed()
	if len(b.faults) > before {
		return ""
	}
	id, err := b.find(name)
	if err != nil {
		n.note(Fault{Message: n.place + ": " + err.Error(), Err: err})
	}
	return id
}
