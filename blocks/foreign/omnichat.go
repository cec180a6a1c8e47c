package foreign

import (
	"encoding/json"
	"errors"

	"github.com/blockcast/blockcast/blocks"
)

// Kinds of Omnichat's messages.
const (
	OmnichatText     = "text"
	OmnichatImage    = "image"
	OmnichatBlock    = "block"
	OmnichatProducts = "products"
	OmnichatFlex     = "lineFlexMessageTemplates"
	OmnichatWhatsApp = "whatsappTemplate"
)

// maxOmnichat is how many messages a call brings.
const maxOmnichat = 5

// ErrOmnichatBeside is in the Faults of a call with a block beside other
// messages.
var ErrOmnichatBeside = errors.New("has a block beside other messages: send the block alone")

// OmnichatMessages are the messages of one call: what is written in it, or a
// block.
type OmnichatMessages struct {
	Kinds    []string // of all of them, each once, in their order
	Messages []blocks.Message
	Block    string // the id of a block, in the place of Messages
	// Values are the parameters of a flex message that is kept as a block.
	Values map[string]any
}

// Omnichat reads the messages of an Omnichat call: up to five texts, images,
// products and flex messages, or one block. Which of them a call takes is its
// own to say.
//
//	[{"type": "text", "text": "您的訂單已出貨"}, {"type": "image", "image": "https://shop.example/box.png"}]
//	[{"type": "block", "blockId": "65f0c0ff-ee00-8c1f-a7d0-000000000b01"}]
//
// A flex message is one of LINE's own, with altText and contents, or names by
// templateId a block that says it. An error is Faults.
func Omnichat(data []byte, find Block) (*OmnichatMessages, error) {
	o := omnichat{new(reader), find, new(OmnichatMessages)}
	list := o.parse("messages", data, false)
	if err := o.err(); err != nil {
		return nil, err
	}
	for _, n := range list.neededList(maxOmnichat) {
		if n.object() {
			o.message(n)
		}
	}
	switch {
	case o.out.Block != "" && len(o.out.Kinds)+len(o.out.Messages) > 1:
		list.note(Fault{Message: list.place + " " + ErrOmnichatBeside.Error(), Err: ErrOmnichatBeside})
	case len(o.out.Messages) > maxOmnichat:
		list.fault("are %d with all flex messages: a call brings %d", len(o.out.Messages), maxOmnichat)
	}
	if err := o.err(); err != nil {
		return nil, err
	}
	return o.out, nil
}

type omnichat struct {
	*reader
	find Block
	out  *OmnichatMessages
}

func (o omnichat) message(n node) {
	kind := n.at("type")
	switch kind.word() {
	case OmnichatText:
		o.says(&blocks.Text{Text: n.at("text").needed()})
	case OmnichatImage:
		image := n.at("image")
		if url := n.at("url"); image.absent() && !url.absent() { // as other calls of the product have it
			image = url
		}
		o.says(&blocks.Media{Kind: blocks.Image, URL: image.media()})
	case OmnichatProducts:
		o.says(o.products(n))
	case OmnichatBlock:
		o.block(n.at("blockId"), n)
	case OmnichatFlex:
		for _, f := range n.at(OmnichatFlex).neededList(maxOmnichat) {
			if f.object() {
				o.flex(f)
			}
		}
	case OmnichatWhatsApp:
		kind.fault("is whatsappTemplate, and WhatsApp is not served here yet")
	case "":
		kind.fault("is missing: it is one of text, image, block, products, lineFlexMessageTemplates")
	default:
		kind.fault("is none of text, image, block, products, lineFlexMessageTemplates")
	}
	o.kind(kind.word())
}

// kind notes a kind once.
func (o omnichat) kind(kind string) {
	for _, k := range o.out.Kinds {
		if k == kind {
			return
		}
	}
	o.out.Kinds = append(o.out.Kinds, kind)
}

func (o omnichat) says(p blocks.Part) {
	o.out.Messages = append(o.out.Messages, blocks.Message{Part: p})
}

// block finds the block that is sent; there is one at most.
func (o omnichat) block(id, of node) {
	before := len(o.faults)
	name := id.needed()
	if len(o.faults) > before {
		return
	}
	if o.out.Block != "" {
		of.fault("is a second block: a call sends one")
		return
	}
	found, err := o.find(name)
	if err != nil {
		id.note(Fault{Message: id.place + ": " + err.Error(), Err: err})
	}
	o.out.Block = found
}

// products are cards whose button opens the product.
func (o omnichat) products(n node) blocks.Part {
	p := &blocks.Carousel{Aspect: "square"}
	const most = 10
	for _, v := range n.at(OmnichatProducts).neededList(most) {
		if !v.object() {
			continue
		}
		card := blocks.Card{Title: v.at("name").needed(), Subtitle: v.at("price").text(), ImageURL: v.at("image").media()}
		url := v.at("url").link()
		card.Tap = &blocks.Button{Action: blocks.ActionURL, Value: url}
		card.Buttons = []blocks.Button{{Title: v.at("buttonLabel").needed(), Action: blocks.ActionURL, Value: url}}
		p.Cards = append(p.Cards, card)
	}
	return p
}

// flex is a message in LINE's own JSON, or a block by the id of the template it
// was made from, with what is filled in.
func (o omnichat) flex(n node) {
	if id := n.at("templateId"); !id.absent() {
		o.block(id, n)
		o.out.Values = map[string]any{}
		const most = 100
		for _, v := range n.at("parameters").list(most) {
			if v.object() {
				o.out.Values[v.at("key").needed()] = v.at("value").text()
			}
		}
		return
	}
	contents := n.at("contents")
	if contents.absent() {
		n.at("templateId").fault("is missing: the name or id of a block that says it; or bring the message itself, as altText and contents")
		return
	}
	if !contents.object() {
		return
	}
	payload, err := json.Marshal(map[string]any{"type": "flex", "altText": n.at("altText").needed(), "contents": contents.value})
	if err != nil || len(payload) > blocks.MaxRaw {
		n.fault("is longer than %d bytes", blocks.MaxRaw)
		return
	}
	o.says(&blocks.Raw{Channel: "line", Payload: payload})
}
