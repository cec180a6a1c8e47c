package line

import (
	"fmt"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

var _ channels.MediaChecker = (*Channel)(nil)

// What LINE shows, in bytes. https://developers.line.biz/en/reference/messaging-api/#message-objects
const (
	maxImageBytes = 10 << 20
	maxMediaBytes = 200 << 20 // of a film or a sound
)

// CheckMedia implements channels.MediaChecker. A file is a link on LINE, and so
// may be anything.
func (*Channel) CheckMedia(f channels.MediaFile) (doubts []string) {
	doubt := func(format string, args ...any) { doubts = append(doubts, fmt.Sprintf(format, args...)) }
	switch f.Kind {
	case blocks.Image:
		if f.Type != "image/jpeg" && f.Type != "image/png" {
			doubt("LINE shows JPEG and PNG pictures, not %s", f.Type)
		}
		if f.Size > maxImageBytes {
			doubt("LINE shows pictures of at most %d MB", maxImageBytes>>20)
		}
	case blocks.Video:
		if f.Type != "video/mp4" {
			doubt("LINE plays MP4 films, not %s", f.Type)
		}
		if f.Size > maxMediaBytes {
			doubt("LINE plays films of at most %d MB", maxMediaBytes>>20)
		}
	case blocks.Audio:
		if f.Type != "audio/mp4" && f.Type != "audio/mpeg" {
			doubt("LINE plays M4A and MP3 sounds, not %s", f.Type)
		}
		if f.Size > maxMediaBytes {
			doubt("LINE plays sounds of at most %d MB", maxMediaBytes>>20)
		}
		if f.Duration <= 0 {
			doubt("LINE wants to know how long a sound is: give its duration in the flow")
		}
	}
	return doubts
}
