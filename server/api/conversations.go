package api

import (
	"context"
	"encoding/json"
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
	register(a, get("list-conversations", path, tag, "List the conversations that a person leads, or the bot", engine.ScopeRead), a.listConversations)
	register(a, get("get-conversation", path+"/{identity}", tag, "Tell who leads a conversation", engine.ScopeRead), a.getConversation)
	register(a, post("take-conversation", path+"/{identity}/take", tag, "Take a conversation over from the bot", engine.ScopeContacts, http.StatusOK).
		about("The bot is silent there until it is released or its time is over; only triggers with `even_if_handed_over` run."), a.takeConversation)
	register(a, post("release-conversation", path+"/{identity}/release", tag, "Give a conversation back to the bot", engine.ScopeContacts, http.StatusOK), a.releaseConversation)
	register(a, post("close-conversation", path+"/{identity}/close", tag, "End a conversation", engine.ScopeContacts, http.StatusOK).
		about("It goes back to the bot, which forgets what it had asked: the next thing the person writes begins anew. Sends that waited for the end of what was asked go out."), a.closeConversation)
	reply := post("reply", path+"/{identity}/reply", tag, "Write to the person as a person of yours", engine.ScopeAgent, http.StatusAccepted).
		about("The answer is that of a send, and so is all that follows. Where a platform closes a conversation for programs, it is open for people longer.")
	reply.rule.keyed = true
	register(a, reply, a.reply)
}

func (a *API) listConversations(ctx context.Context, in *struct {
	InBot
	Paging
	With string `query:"with" enum:"agent,bot" default:"agent" doc:"Who leads them. The bot's are those of people who ever wrote."`
}) (*body[list[talkAnswer]], error) {
	of := a.Store.ListHandedOver
	if in.With == "bot" {
		of = a.Store.ListWithBot
	}
	rows, next, err := of(ctx, botOf(ctx).ID, a.Now(), in.page())
	return listed(rows, next, err, a.showTalk)
}

func (a *API) closeConversation(ctx context.Context, in *OneConversation) (*body[talkAnswer], error) {
	i, err := a.identity(ctx, in.Identity)
	if err != nil {
		return nil, err
	}
	if err := a.Store.CloseConversation(ctx, botOf(ctx).ID, i.ID); err != nil {
		return nil, err
	}
	if a.Ring != nil {
		a.Ring(i.ContactID)
	}
	i.Conversation, i.ConversationUntil, i.ConversationNote = engine.ConversationBot, time.Time{}, ""
	return a.shownTalk(ctx, i)
}

type replying struct {
	OneConversation
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"The same key and body return the first answer for a day."`
	Body struct {
		Messages []json.RawMessage `json:"messages" minItems:"1" maxItems:"5" doc:"Such as {\"type\": \"text\", \"text\": \"Hello\"}; a text's type may be left out. Texts are literal."`
		Category string            `json:"category,omitempty" maxLength:"20" doc:"For reports."`
	}
}

// reply is a send with the intent of a person.
func (a *API) reply(ctx context.Context, in *replying) (*sent, error) {
	i, err := a.identity(ctx, in.Identity)
	if err != nil {
		return nil, err
	}
	return a.send(ctx, &newSend{InBot: in.InBot, Key: in.Key, Body: NewSendBody{
		To: sendTo{Identity: i.ID}, Messages: in.Body.Messages, Category: in.Body.Category, Intent: engine.IntentAgent}})
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
