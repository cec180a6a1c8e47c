package fetch

import (
	"context"
	"fmt"
	"net/http"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// Open asks for a file and returns it unread: its size is for the caller to
// bound, and its time is that of ctx. Anything but a success is an error in
// words that never hold the URL.
func (c *Client) Open(ctx context.Context, url string) (*channels.Download, error) {
	request, err := prepare(ctx, &blocks.Request{Method: http.MethodGet, URL: url})
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, explain(err)
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("its server answered %d", answer.StatusCode)
	}
	return &channels.Download{Body: answer.Body, Type: answer.Header.Get("Content-Type"), Size: answer.ContentLength}, nil
}
