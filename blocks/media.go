package blocks

import (
	"math"
	"time"
)

// MediaStep says a picture, a film, a sound or a file. Its kinds are Image,
// Video, Audio and File. LINE needs a preview of a film and the length of a
// sound; it shows a file as a link.
//
//	{"type": "image", "url": "https://media.blockcast.example/shirt.png", "quick_replies": [{"title": "More", "goto": "shirts"}]}
//	{"type": "video", "url": "https://media.blockcast.example/tour.mp4", "preview_url": "https://media.blockcast.example/store.png"}
//	{"type": "audio", "url": "https://media.blockcast.example/hello.m4a", "duration": "8s"}
//	{"type": "file", "url": "https://media.blockcast.example/prices.pdf", "name": "Prices {{ today }}.pdf"}
type MediaStep struct {
	URL        Template     `json:"url" doc:"Where it is: https, or media: and the id of a file the bot keeps."`
	PreviewURL *Template    `json:"preview_url,omitempty" doc:"A small picture of it, as url. A file the bot keeps brings its own."`
	Duration   *Span        `json:"duration,omitempty" doc:"How long a film or sound is. A file the bot keeps knows it."`
	Name       *Template    `json:"name,omitempty" doc:"A file's name as shown."`
	Buttons    []ButtonForm `json:"buttons,omitempty" doc:"Under it."`
	Speech

	kind string
}

// maxMediaLength bounds the length of a film or sound.
const maxMediaLength = 24 * time.Hour

// Kind implements Step.
func (s *MediaStep) Kind() string { return s.kind }

// Check implements Step.
func (s *MediaStep) Check(c *Checker) {
	c.MediaURL("url", &s.URL)
	c.MediaURL("preview_url", s.PreviewURL)
	c.Span("duration", s.Duration, time.Millisecond, maxMediaLength)
	c.Template("name", s.Name)
	c.Buttons("buttons", s.Buttons)
	s.Speech.check(c)
}

// Compile implements Step.
func (s *MediaStep) Compile(c *Code) { c.Emit(say{s}) }

func (s *MediaStep) part(env Env) (Part, error) {
	m := &Media{Kind: s.kind}
	var err error
	if m.URL, err = mediaURL(env, nil, &s.URL); err != nil {
		return nil, err
	}
	if m.URL == "" {
		env.Report(ReportEmpty, "the "+s.kind+" "+quoted(s.URL.Source)+" has no address and is not sent")
		return nil, nil
	}
	if m.PreviewURL, err = mediaURL(env, nil, s.PreviewURL); err != nil {
		return nil, err
	}
	if m.Name, err = s.Name.run(env, nil); err != nil {
		return nil, err
	}
	length, err := s.Duration.run(env, 0, maxMediaLength)
	if err != nil {
		return nil, err
	}
	m.Duration = int(min(length.Milliseconds(), math.MaxInt32))
	m.Buttons, err = buttons(env, nil, s.Buttons)
	return m, err
}
