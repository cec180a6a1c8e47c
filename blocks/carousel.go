package blocks

import "fmt"

// KindCarousel is the kind of CarouselStep.
const KindCarousel = "carousel"

// CarouselStep says a row of cards to flip through. With each, a card is made
// for every item of a list; without any card nothing is said.
//
//	{"type": "carousel", "alt_text": "Your orders", "aspect": "square", "cards": [
//	  {"each": "orders", "as": "o", "title": "Order {{ o.code }}", "subtitle": "{{ money(o.total, 'TWD') }}",
//	   "image_url": "https://media.blockcast.example/parcel.png",
//	   "buttons": [{"title": "Track", "goto": "track", "set": {"order_id": "{{ o.code }}"}},
//	               {"title": "Return it", "goto": "return", "when": "o.status == 'delivered'"}]}]}
type CarouselStep struct {
	AltText *Template  `json:"alt_text,omitempty" doc:"What a notification and the list of chats show."`
	Aspect  string     `json:"aspect,omitempty" enum:"square,horizontal" doc:"The shape of the pictures; horizontal unless said."`
	Cards   []CardForm `json:"cards" doc:"From left to right."`
	Speech
}

// CardForm is a card in a flow document, which becomes one Card, or with its Loop
// any number.
type CardForm struct {
	Loop
	Title    Template     `json:"title" doc:"The card's heading."`
	Subtitle *Template    `json:"subtitle,omitempty" doc:"Smaller, under the title."`
	ImageURL *Template    `json:"image_url,omitempty" doc:"The picture on top, https."`
	Tap      *TapForm     `json:"tap,omitempty" doc:"What a tap on the card itself does."`
	Buttons  []ButtonForm `json:"buttons,omitempty" doc:"Under the card."`
}

// Kind implements Step.
func (s *CarouselStep) Kind() string { return KindCarousel }

// Check implements Step.
func (s *CarouselStep) Check(c *Checker) {
	c.Template("alt_text", s.AltText)
	c.In("cards", func() {
		if s.Cards != nil && len(s.Cards) == 0 {
			c.Problem(CodeMissing, "a carousel needs at least one card", "")
		}
		for i := range s.Cards {
			c.At(i, func() { s.Cards[i].check(c) })
		}
	})
	c.AtMost("cards", len(s.Cards), MaxCards)
	s.Speech.check(c)
}

func (f *CardForm) check(c *Checker) {
	c.Loop(&f.Loop, func() {
		c.Needed("title", &f.Title)
		c.Template("subtitle", f.Subtitle)
		c.MediaURL("image_url", f.ImageURL)
		c.Tap("tap", f.Tap)
		c.Buttons("buttons", f.Buttons)
	})
}

// Compile implements Step.
func (s *CarouselStep) Compile(c *Code) { c.Emit(say{s}) }

func (s *CarouselStep) part(env Env) (Part, error) {
	p := &Carousel{Aspect: s.Aspect, Cards: make([]Card, 0, len(s.Cards))}
	var err error
	if p.AltText, err = s.AltText.run(env, nil); err != nil {
		return nil, err
	}
	for i := range s.Cards {
		f := &s.Cards[i]
		more, err := f.Loop.run(env, nil, func(locals map[string]any) (bool, error) {
			if len(p.Cards) == MaxCards {
				env.Report(ReportCut, fmt.Sprintf("the cards after the first %d are left out", MaxCards))
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
	if len(p.Cards) == 0 {
		env.Report(ReportEmpty, "the carousel has no cards and is not sent")
		return nil, nil
	}
	return p, nil
}

// add makes one card; one without any title is left out.
func (f *CardForm) add(env Env, locals map[string]any, p *Carousel) error {
	var card Card
	var err error
	if card.Title, err = f.Title.run(env, locals); err != nil {
		return err
	}
	if blank(card.Title) {
		env.Report(ReportEmpty, "the card "+quoted(f.Title.Source)+" has no title and is left out")
		return nil
	}
	if card.Subtitle, err = f.Subtitle.run(env, locals); err != nil {
		return err
	}
	if card.ImageURL, err = mediaURL(env, locals, f.ImageURL); err != nil {
		return err
	}
	if card.Tap, err = f.Tap.button(env, locals); err != nil {
		return err
	}
	if card.Buttons, err = buttons(env, locals, f.Buttons); err != nil {
		return err
	}
	p.Cards = append(p.Cards, card)
	return nil
}
