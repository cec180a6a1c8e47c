package line

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
)

// incoming is a message a person sent.
type incoming struct {
	ID   string `json:"id"`
	Type string `json:"type"`

	Text string `json:"text"` // LINE's own emoji stand in it as (name)

	Provider struct {
		Type string `json:"type"`
		URL  string `json:"originalContentUrl"`
	} `json:"contentProvider"`
	FileName string `json:"fileName"`
	FileSize int64  `json:"fileSize"`

	Title     string  `json:"title"`
	Address   string  `json:"address"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`

	Keywords []string `json:"keywords"` // of a sticker: words for it, at most 15
}

// media tells where a person's file is. LINE serves its own only to the
// account's token, at the link given here; it erases them after a time it does
// not publish. A file from elsewhere has that address and no id.
func (c *Channel) media(m *incoming) *blocks.Received {
	r := &blocks.Received{Type: m.Type, Name: m.FileName, Size: max(0, m.FileSize)}
	if m.Provider.Type == "external" {
		r.URL = m.Provider.URL
		return r
	}
	r.ID = m.ID
	r.URL = c.contentURL(m.ID)
	return r
}

// pickerParams is what LINE's date and time picker gave: one of the three.
type pickerParams struct {
	Date     string `json:"date"`     // 2026-01-02
	Time     string `json:"time"`     // 09:30
	DateTime string `json:"datetime"` // 2026-01-02T09:30
}

// picked writes it as RFC 3339 without a zone; LINE leaves the seconds out.
func (p pickerParams) picked() string {
	if p.Date != "" {
		return p.Date
	}
	v := cmp.Or(p.DateTime, p.Time)
	if len(v) == len("09:30") || len(v) == len("2026-01-02T09:30") {
		v += ":00"
	}
	return v
}
