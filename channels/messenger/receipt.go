package messenger

import (
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// pageInbox is the application Meta names when a person of the Page wrote.
const pageInbox = "26390203743090"

// ourMetadata begins the metadata of all our sends; the rest is the ledger's.
const ourMetadata = "d:"

// receipts reads Meta's word about messages of the Page: nil when the event is
// something else. A delivery may name its messages or not; a watermark always
// speaks for all before it.
func (e *event) receipts() []channels.Receipt {
	w := &e.wire
	switch {
	case w.Message != nil && bool(w.Message.IsEcho):
		r := e.receipt(channels.Echo)
		r.MessageID, r.Metadata = string(w.Message.MID), w.Message.Metadata
		r.Foreign = string(w.Message.AppID) == pageInbox || !strings.HasPrefix(r.Metadata, ourMetadata)
		return []channels.Receipt{r}
	case w.Delivery != nil:
		list := []channels.Receipt{}
		for _, mid := range w.Delivery.MIDs {
			r := e.receipt(channels.Delivered)
			if r.MessageID = string(mid); mid != "" {
				list = append(list, r)
			}
		}
		if !w.Delivery.Watermark.IsZero() {
			r := e.receipt(channels.Delivered)
			r.Watermark = w.Delivery.Watermark.Time
			list = append(list, r)
		}
		return list
	case w.Read != nil:
		r := e.receipt(channels.Read)
		if r.MessageID = string(w.Read.MID); r.MessageID == "" {
			r.Watermark = w.Read.Watermark.Time
		}
		if r.MessageID == "" && r.Watermark.IsZero() {
			return []channels.Receipt{}
		}
		return []channels.Receipt{r}
	}
	return nil
}

func (e *event) receipt(kind channels.ReceiptKind) channels.Receipt {
	return channels.Receipt{Account: e.page, Kind: kind, To: e.person(), At: e.at}
}
