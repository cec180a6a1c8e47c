package messenger

import (
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

var _ channels.MediaChecker = (*Channel)(nil)

// What Messenger takes, in bytes.
// https://developers.facebook.com/docs/messenger-platform/send-messages/saving-assets
const (
	maxAttachmentBytes = 25 << 20
	maxImageBytes      = 8 << 20 // of a picture that Meta fetches
)

// CheckMedia implements channels.MediaChecker. Meta's film must be fetched
// within 75 seconds, which its size stands for here.
func (*Channel) CheckMedia(f channels.MediaFile) (doubts []string) {
	doubt := func(format string, args ...any) { doubts = append(doubts, fmt.Sprintf(format, args...)) }
	most := maxAttachmentBytes
	switch f.Kind {
	case blocks.Image:
		most = maxImageBytes
		if !slices.Contains([]string{"image/jpeg", "image/png", "image/gif"}, f.Type) {
			doubt("Messenger shows JPEG, PNG and GIF pictures, not %s", f.Type)
		}
	case blocks.Video:
		if f.Type != "video/mp4" && f.Type != "video/quicktime" {
			doubt("Messenger plays MP4 and MOV films, not %s", f.Type)
		}
	case blocks.Audio:
		if !slices.Contains([]string{"audio/mp4", "audio/mpeg", "audio/aac", "audio/wav"}, f.Type) {
			doubt("Messenger plays M4A, MP3, AAC and WAV sounds, not %s", f.Type)
		}
	}
	if f.Size > int64(most) {
		doubt("Messenger takes it up to %d MB", most>>20)
	}
	return doubts
}
