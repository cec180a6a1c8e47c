package engine

import "time"

// Media is a file a bot keeps and serves: one that was uploaded, or one that a
// person sent. Its bytes never change.
type Media struct {
	ID        string // 32 hex digits nobody guesses: who knows it may see the file
	BotID     string
	ContactID int64  // who sent it; 0 when it was uploaded
	Name      string // the last part of its address
	Kind      string // blocks.Image, Video, Audio or File
	Type      string // of its content, as in image/png
	Size      int64  // bytes
	Hash      string // SHA-256 of its bytes, hex
	Width     int    // of an image or a film, pixels; 0 when unknown
	Height    int
	Duration  time.Duration // of a film or a sound; 0 when unknown
	Preview   int64         // bytes of its preview, a JPEG; 0 when there is none
	CreatedAt time.Time
}

// MediaUse is one thing that would miss a file.
type MediaUse struct {
	Kind string // flow or broadcast
	ID   string
	Name string
}
