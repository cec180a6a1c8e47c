package messenger

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// profileFields are those that need no approval of their own.
const profileFields = "name,first_name,last_name,profile_pic"

// Profile implements channels.Profiler. Meta tells only about people who have
// written to the Page. Where it tells nothing about anybody, because the app
// lacks the permission, that is an error of the account.
func (c *Channel) Profile(ctx context.Context, a channels.Account, id string) (*channels.Profile, error) {
	if !isID(id) {
		return nil, refusal(channels.KindBlocked, "to", fmt.Sprintf("%q is no id of a person", clip(id)))
	}
	var body struct {
		Name    string `json:"name"`
		First   string `json:"first_name"`
		Last    string `json:"last_name"`
		Picture string `json:"profile_pic"`
	}
	if err := c.get(ctx, a, "/"+id, url.Values{"fields": {profileFields}}, &body); err != nil {
		return nil, unknownPerson(err)
	}
	return &channels.Profile{
		Name:      strings.TrimSpace(joinName(body.Name, body.First, body.Last)),
		FirstName: body.First, LastName: body.Last, PictureURL: body.Picture,
	}, nil
}

// Recognizes implements channels.Recognizer: digits alone.
func (c *Channel) Recognizes(id string) bool { return isID(id) }

// joinName is the whole name, of its parts where Meta leaves it out.
func joinName(name, first, last string) string {
	if name != "" {
		return name
	}
	return channels.Join(" ", first, last)
}

// unknownPerson classes what Meta says of an id it does not know, or will not
// tell about, as a person who cannot be reached.
func unknownPerson(err error) error {
	var e *channels.SendError
	if errors.As(err, &e) && (e.Code == "100" || strings.HasPrefix(e.Code, "100/") || strings.HasSuffix(e.Code, "/2018218")) {
		e.Kind, e.Scope, e.Retry = channels.KindBlocked, channels.ScopeRecipient, channels.RetryNever
	}
	return err
}
