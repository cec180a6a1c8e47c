package line

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// Beginnings of LINE's ids: of people U, of groups C, of rooms R.
const (
	userID  = "U"
	groupID = "C"
	roomID  = "R"
)

// Profile implements channels.Profiler for people and groups; LINE tells
// nothing about a room. Who blocked the account, never was its friend or does
// not exist is KindBlocked.
func (c *Channel) Profile(ctx context.Context, a channels.Account, id string) (*channels.Profile, error) {
	path := "/v2/bot/profile/" + url.PathEscape(id)
	switch {
	case strings.HasPrefix(id, groupID):
		path = "/v2/bot/group/" + url.PathEscape(id) + "/summary"
	case strings.HasPrefix(id, roomID):
		return &channels.Profile{}, nil
	}
	var body struct {
		DisplayName string `json:"displayName"`
		GroupName   string `json:"groupName"`
		PictureURL  string `json:"pictureUrl"`
		Language    string `json:"language"`
	}
	if err := c.get(ctx, a, path, &body); err != nil {
		return nil, unknownPerson(err)
	}
	return &channels.Profile{
		Name:       body.DisplayName + body.GroupName, // an answer has one of them
		Language:   body.Language,
		PictureURL: body.PictureURL,
	}, nil
}

// Recognizes implements channels.Recognizer: U, C or R and 32 hex digits.
func (c *Channel) Recognizes(id string) bool {
	const digits = 32
	if len(id) != len(userID)+digits || !strings.Contains(userID+groupID+roomID, id[:1]) {
		return false
	}
	return strings.Trim(id[1:], "0123456789abcdef") == ""
}

// unknownPerson classes LINE's 404, and the 400 it has for what is no id, as a
// person who cannot be reached.
func unknownPerson(err error) error {
	var e *channels.SendError
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case code(http.StatusNotFound), code(http.StatusBadRequest):
		e.Kind, e.Scope, e.Retry = channels.KindBlocked, channels.ScopeRecipient, channels.RetryNever
	}
	return e
}
