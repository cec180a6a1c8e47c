package ahachat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// Tokens of the test world, 64 hex digits as the products' are.
const (
	sendToken     = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
	agentToken    = "b1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
	readToken     = "c1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
	otherToken    = "d1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
	instanceToken = "e1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
	busyToken     = "f1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
)

func now() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }

// world plays bots, tokens and the outbox of one call.
type world struct{ compattest.Orders }

func (w *world) BotByAlias(_ context.Context, id string) (*engine.Bot, error) {
	switch id {
	case "12345678", "65f0c0ffee0000000000b071":
		return &engine.Bot{ID: "65f0c0ffee0000000000b071", DefaultRegion: "VN"}, nil
	case "87654321":
		return &engine.Bot{ID: "65f0c0ffee0000000000b072", DefaultRegion: "TW"}, nil
	}
	return nil, nil
}

func (w *world) Token(_ context.Context, hash string, _ time.Time) (*engine.Token, error) {
	return compattest.Tokens{Busy: busyToken, BySecret: map[string]engine.Token{
		sendToken:     {BotID: "65f0c0ffee0000000000b071", Name: "shop", Scopes: []string{"send"}},
		agentToken:    {BotID: "65f0c0ffee0000000000b071", Name: "desk", Scopes: []string{"send", "agent"}},
		readToken:     {BotID: "65f0c0ffee0000000000b071", Name: "report", Scopes: []string{"read"}},
		otherToken:    {BotID: "65f0c0ffee0000000000b072", Name: "other", Scopes: []string{"send"}},
		instanceToken: {Name: "root", Scopes: []string{"instance"}},
	}}.Find(hash)
}

// Accept knows a few people and blocks, as the outbox would.
func (w *world) Accept(_ context.Context, o outbox.Order) (*outbox.Accepted, error) {
	w.Note(o)
	switch {
	case o.To.User == "4040":
		return nil, &engine.Error{Code: engine.NotFound, Field: "user", Message: `no user "4040" is known here`}
	case o.To.User == "5030":
		return nil, &engine.Error{Code: engine.Unavailable, Message: "the database does not keep up: try again in a moment"}
	case o.To.User == "5000":
		return nil, fmt.Errorf("accept: %w", context.DeadlineExceeded)
	case o.To.User == "4090":
		return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1043, Status: engine.Skipped, Reason: "blocked",
			Explanation: "the person has blocked this account: nothing reaches them until they write again."}, nil
	case o.To.Phone == "0900000000":
		return nil, &engine.Error{Code: engine.NotFound, Field: "phone", Message: "nobody is known by the phone number +84900000000"}
	case strings.Contains(o.To.Phone, "/"):
		return nil, &engine.Error{Code: engine.Invalid, Field: "phone", Message: fmt.Sprintf("phone %q: give one number only", o.To.Phone)}
	case o.To.Phone == "0999999999":
		return nil, &engine.Error{Code: engine.Conflict, Field: "phone", Reason: "ambiguous", Message: "two people of one account have the phone number +84999999999 (contacts 7 and 9): send to one of them by id"}
	case strings.EqualFold(o.Block, "ordr shipped"):
		return nil, &engine.Error{Code: engine.NotFound, Field: "block", Message: `no block or module is called "ordr shipped"`, Hint: `did you mean "order shipped"?`}
	case o.Attributes["total"] == "a lot":
		return nil, &engine.Error{Code: engine.Invalid, Field: "total", Message: `attribute "total": "a lot" is no number`}
	case o.Block == "":
		return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", Status: outbox.AttributesSaved}, nil
	}
	return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1042, Status: engine.Queued, Route: "push"}, nil
}

// order is what the outbox was asked, as goldens keep it.
type order struct {
	Source     string          `json:"source"`
	Token      string          `json:"token"`
	User       string          `json:"user,omitempty"`
	Phone      string          `json:"phone,omitempty"`
	Prefer     string          `json:"prefer"`
	Block      string          `json:"block,omitempty"`
	Intent     engine.Intent   `json:"intent"`
	InWindow   bool            `json:"in_window,omitempty"`
	Tag        string          `json:"tag,omitempty"`
	Warnings   []string        `json:"warnings,omitempty"`
	Tags       []string        `json:"tags,omitempty"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	Key        string          `json:"key,omitempty"`
}

// Order implements compattest.World.
func (w *world) Order() any {
	o := w.Last()
	if o == nil {
		return nil
	}
	var attributes json.RawMessage
	if len(o.Attributes) > 0 {
		attributes, _ = json.Marshal(o.Attributes)
	}
	return &order{o.Source, o.Token.Name, o.To.User, o.To.Phone, o.To.Prefer, o.Block, o.Intent, o.InWindow, o.Tag, o.Warnings, o.Tags, attributes, o.Key}
}
