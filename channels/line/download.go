package line

import (
	"context"
	"net/http"
	"net/url"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

var _ channels.Downloader = (*Channel)(nil)

// Downloads implements channels.Downloader: what people send, LINE gives to the
// account's token alone. What came from elsewhere has no id.
func (*Channel) Downloads(r *blocks.Received) bool { return r.ID != "" }

// Download implements channels.Downloader. LINE answers 202 while it still
// prepares a large film.
func (c *Channel) Download(ctx context.Context, a channels.Account, r *blocks.Received) (*channels.Download, error) {
	res, err := channels.Fetch(ctx, c.client, c.contentURL(r.ID), authorization(a))
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return &channels.Download{Body: res.Body, Type: res.Header.Get("Content-Type"), Size: res.ContentLength}, nil
	}
	answer := channels.ReadAnswer(res)
	switch answer.Status {
	case http.StatusAccepted:
		return nil, &channels.SendError{Kind: channels.KindDown, Scope: channels.ScopeRecipient, Retry: channels.RetryLater,
			Code: channels.CodePreparing, Message: "LINE was still preparing the file"}
	case http.StatusGone, http.StatusNotFound:
		return nil, &channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Code: code(answer.Status),
			Message: "LINE does not have the file any more: it was taken back, or is too old"}
	}
	return nil, refused(answer, a)
}

// contentURL is where LINE serves the file of a message.
func (c *Channel) contentURL(id string) string {
	return c.dataURL + "/v2/bot/message/" + url.PathEscape(id) + "/content"
}
