package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// talkAnswer is who leads the talk with one identity.
type talkAnswer struct {
	IdentityID    int64      `json:"identity_id"`
	ContactID     int64      `json:"contact_id"`
	ContactName   string     `json:"contact_name,omitempty"`
	AccountID     string     `json:"account_id"`
	With          string     `json:"with" enum:"agent,bot" doc:"Who leads it."`
	Until         *time.Time `json:"until,omitempty" doc:"When it goes back to the bot by itself."`
	Note          string     `json:"note,omitempty"`
	LastInboundAt *time.Time `json:"last_inbound_at,omitempty"`
}

func (a *API) showTalk(t engine.Talk) talkAnswer {
	out := talkAnswer{IdentityID: t.ID, ContactID: t.ContactID, ContactName: t.ContactName, AccountID: t.AccountID, With: "bot", LastInboundAt: at(t.LastInboundAt)}
	if t.HandedOver(a.Now()) {
		out.With, out.Until, out.Note = string(engine.ConversationAgent), at(t.ConversationUntil), t.ConversationNote
	}
	return out
}

// OneConversation is the path of one conversation.
type OneConversation struct {
	InBot
	Identity string `path:"identity" doc:"The identity's id: a person on one account."`
}

type takeConversation struct {
	OneConversation
	Body struct {
		For  string `json:"for,omitempty" doc:"For how long, such as 30m or 2h; half an hour when left out. Taking it again sets it anew."`
		Note string `json:"note,omitempty" maxLength:"500" doc:"For your colleagues, such as who has it."`
	}
}

// conversations registers …/conversations.
func (a *API) conversations() {
	const tag, path = "Conversations", botPath + "/conversations"
	register(a, get("list-conversations", path, tag, "List the conversations that a person leads", engine.ScopeRead).
		about("All others are the bot's."), a.listConversations)
	register(a, get("get-conversation", path+"/{identity}", tag, "Tell who leads a conversation", engine.ScopeRead), a.getConversation)
	register(a, post("take-conversation", path+"/{identity}/take", tag, "Take a conversation over from the bot", engine.ScopeContacts, http.StatusOK).
		about("The bot is silent there until it is released or its time is over; only triggers with `even_if_handed_over` run."), a.takeConversation)
	register(a, post("release-conversation", path+"/{identity}/release", tag, "Give a conversation back to the bot", engine.ScopeContacts, http.StatusOK), a.releaseConversation)
}

func (a *API) listConversations(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[talkAnswer]], error) {
	rows, next, err := a.Store.ListHandedOver(ctx, botOf(ctx).ID, a.Now(), in.page())
	return listed(rows, next, err, a.showTalk)
}

func (a *API) getConversation(ctx context.Context, in *OneConversation) (*body[talkAnswer], error) {
	i, err := a.identity(ctx, in.Identity)
	if err != nil {
		return nil, err
	}
	return a.shownTalk(ctx, i)
}

// identity finds an identity of the call's bot.
func (a *API) identity(ctx context.Context, id string) (*engine.Identity, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		return nil, unknown("path.identity", "an identity's id is a number")
	}
	i, err := a.Store.Identity(ctx, botOf(ctx).ID, n)
	if err == nil && i == nil {
		err = unknown("path.identity", "no identity of this bot has this id")
	}
	return i, err
}

func (a *API) shownTalk(ctx context.Context, i *engine.Identity) (*body[talkAnswer], error) {
	t := engine.Talk{Identity: *i}
	c, err := a.Store.Contact(ctx, botOf(ctx).ID, i.ContactID)
	if err != nil {
		return nil, err
	}
	if c != nil {
		t.ContactName = c.Name
	}
	return answer(a.showTalk(t), nil)
}

func (a *API) takeConversation(ctx context.Context, in *takeConversation) (*body[talkAnswer], error) {
	length, err := duration("for", in.Body.For, handoverTime)
	if err != nil {
		return nil, err
	}
	return a.hand(ctx, in.Identity, engine.Handover{State: engine.ConversationAgent, Until: a.Now().Add(length), Note: in.Body.Note})
}

func (a *API) releaseConversation(ctx context.Context, in *OneConversation) (*body[talkAnswer], error) {
	return a.hand(ctx, in.Identity, engine.Handover{State: engine.ConversationBot})
}

// hand moves a conversation and answers how it stands then.
func (a *API) hand(ctx context.Context, identity string, to engine.Handover) (*body[talkAnswer], error) {
	i, err := a.identity(ctx, identity)
	if err != nil {
		return nil, err
	}
	if err := a.Store.PatchContact(ctx, botOf(ctx).ID, i.ContactID, i.ID, engine.Deltas{Handover: &to}, a.Now()); err != nil {
		return nil, err
	}
	i.Conversation, i.ConversationUntil, i.ConversationNote = to.State, to.Until, to.Note
	return a.shownTalk(ctx, i)
}
