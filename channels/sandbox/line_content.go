package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// Media is something a person sends: by default the picture of a cat.
type Media struct {
	Type        string // image, video, audio or file. Default: image
	ContentType string // Default: image/png
	Name        string // of a file
	Duration    int64  // of video and audio, in milliseconds
	Data        []byte
}

// media is what the content call serves.
type media struct {
	Media
	unsent bool
}

// SendImage lets a person send a picture, or without data a demo picture.
func (s *Sandbox) SendImage(ctx context.Context, account, id string, data []byte) (*Event, error) {
	return s.SendMedia(ctx, account, id, Media{Data: data})
}

// SendMedia lets a person send a picture, film, sound or file, whose content
// the account can then get.
func (s *Sandbox) SendMedia(ctx context.Context, account, id string, m Media) (*Event, error) {
	if m.Type == "" {
		m.Type = "image"
	}
	if !slices.Contains([]string{"image", "video", "audio", "file"}, m.Type) {
		return nil, fmt.Errorf("type: %q is none of image, video, audio and file", m.Type)
	}
	if s.isMessenger(account) {
		return s.graphSendMedia(ctx, account, id, m)
	}
	if m.Data == nil {
		m.Data, _ = static.ReadFile("static/photo.png")
		m.ContentType = "image/png"
	}
	if m.ContentType == "" {
		m.ContentType = http.DetectContentType(m.Data)
	}
	message := &eventMessage{Type: m.Type, Duration: m.Duration}
	if m.Type == "file" {
		message.FileName, message.FileSize = m.Name, len(m.Data)
	} else {
		message.Provider = &eventProvider{Type: "line"}
	}
	return s.saysMedia(ctx, account, id, message, &media{Media: m})
}

// lineContent serves what a person sent, and its preview; once withdrawn it
// is gone.
func (s *Sandbox) lineContent(c *lineCall) lineAnswer {
	m, refusal := s.media(c)
	if refusal != nil {
		return *refusal
	}
	return lineAnswer{status: http.StatusOK, raw: m.Data, header: map[string]string{"Content-Type": m.ContentType}}
}

// lineTranscoding tells that content is ready; here it always is.
func (s *Sandbox) lineTranscoding(c *lineCall) lineAnswer {
	if _, refusal := s.media(c); refusal != nil {
		return *refusal
	}
	return lineAnswer{status: http.StatusOK, body: map[string]string{"status": "succeeded"}}
}

func (s *Sandbox) media(c *lineCall) (*media, *lineAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := c.account.media.get(c.r.PathValue("id"))
	var refusal lineAnswer
	switch {
	case !ok:
		refusal = lineError(http.StatusNotFound, "Not found")
	case m.unsent:
		refusal = lineError(http.StatusGone, "Gone")
	default:
		return m, nil
	}
	return nil, &refusal
}
