package api

import (
	"context"

	"github.com/blockcast/blockcast/engine/policy"
)

// messageTags registers /v1/message-tags.
func (a *API) messageTags() {
	register(a, get("list-message-tags", "/v1/message-tags", "Message tags", "Every message tag of the field, with its life and what is done with it now", "").
		about("What a call with such a tag comes to today; it changes on the days the platforms' rules do."), a.listMessageTags)
}

func (a *API) listMessageTags(context.Context, *struct{}) (*body[list[policy.MessageTag]], error) {
	return &body[list[policy.MessageTag]]{list[policy.MessageTag]{Items: policy.MessageTags(a.Now())}}, nil
}
