package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// sourceEvent is what the sends come from that events start.
const sourceEvent = "event"

// newEventBody is what happened, and to whom.
type newEventBody struct {
	Event      string                     `json:"event" minLength:"1" maxLength:"100" doc:"Its name, exactly as the trigger in the flow has it."`
	To         sendTo                     `json:"to" doc:"Whom it is about."`
	Attributes map[string]json.RawMessage `json:"attributes,omitempty" doc:"Saved on the contact before the block is rendered; the block reads them as send.x too."`
	Category   string                     `json:"category,omitempty" maxLength:"20" doc:"For reports."`
	Force      bool                       `json:"force,omitempty" doc:"Even while the person is being asked something else."`
	DryRun     bool                       `json:"dry_run,omitempty" doc:"Only say what would come of it; nothing is stored."`
}

type newEvent struct {
	InBot
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"The same key and body return the first answer for a day."`
	Body newEventBody
}

// events registers …/events.
func (a *API) events() {
	create := post("post-event", botPath+"/events", "Events", "Tell of something that happened to a person", engine.ScopeSend, http.StatusAccepted).
		about("Starts the block of the trigger that the published flows have for the event; the answer is that of a send, and so is all that follows. " +
			"Where no flow has a trigger for it the attributes are saved, nothing is started, and the reason is `no_trigger`.")
	create.rule.keyed = true
	register(a, create, a.postEvent)
}

func (a *API) postEvent(ctx context.Context, in *newEvent) (*sent, error) {
	who, b := callerOf(ctx), &in.Body
	o := &outbox.Order{Bot: who.bot, Source: sourceEvent, Token: who.token, Event: strings.TrimSpace(b.Event), Intent: engine.IntentUtility,
		Category: b.Category, Force: b.Force, DryRun: b.DryRun, Key: in.Key}
	if o.Event == "" {
		return nil, invalid("event", "an event needs a name")
	}
	var err error
	if o.To, err = recipient(b.To); err != nil {
		return nil, err
	}
	if o.Attributes, _, err = readValues(b.Attributes); err != nil {
		return nil, err
	}
	if o.Request, err = json.Marshal(b); err != nil {
		return nil, fmt.Errorf("record the call: %w", err)
	}
	sum := sha256.Sum256(o.Request)
	o.BodyHash = hex.EncodeToString(sum[:])
	got, err := a.Outbox.Accept(ctx, *o)
	if err != nil {
		return nil, placed(err, b.Attributes)
	}
	return showSent(got, o.DryRun)
}
