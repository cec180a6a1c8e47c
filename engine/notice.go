package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// What an outgoing webhook can be told of. A notify step's event has a topic of
// its own, event:NAME.
const (
	TopicAll             = "*"       // every one of them
	TopicEvents          = "event:*" // every notify step
	TopicHandover        = "handover"
	TopicUnsubscribed    = "contact.unsubscribed"
	TopicContactBlocked  = "contact.blocked"
	TopicDeliveryFailed  = "delivery.failed"
	TopicDeliverySkipped = "delivery.skipped"
	TopicAccountPaused   = "account.paused"
	// TopicTest is told to nobody but the webhook that is tried.
	TopicTest = "webhook.test"

	topicEvent = "event:"
)

// Topic is something a webhook can listen to.
type Topic struct{ Name, Doc string }

// Topics are all there are, in the order of the documentation.
func Topics() []Topic {
	return []Topic{
		{TopicAll, "Everything below."},
		{TopicEvents, "Every `notify` step of the bot's flows."},
		{topicEvent + "NAME", "The `notify` steps whose event is NAME."},
		{TopicHandover, "A conversation has gone to a person of yours: a flow or a call gave it, or somebody wrote from outside, such as from the platform's own inbox. Told once, until the bot leads again."},
		{TopicUnsubscribed, "A person has taken back the consent to broadcasts, in a flow or by a button."},
		{TopicContactBlocked, "A person has left or blocked the account."},
		{TopicDeliveryFailed, "A delivery has failed for good."},
		{TopicDeliverySkipped, "A delivery that was accepted did not go out: it expired, the window closed, the person had left …"},
		{TopicAccountPaused, "An account was paused because its platform refuses it. Nothing goes out until somebody resumes it."},
	}
}

// IsTopic reports whether a webhook can listen to something of this name.
func IsTopic(s string) bool {
	if event, ok := strings.CutPrefix(s, topicEvent); ok && s != TopicEvents {
		return blocks.IsEventName(event)
	}
	for _, t := range Topics() {
		if t.Name == s {
			return true
		}
	}
	return false
}

// Notice is what webhooks that listen to its topic are told.
type Notice struct {
	Topic     string
	ContactID int64 // whom it tells about; 0: nobody
	Data      json.RawMessage
}

// Family is the topic that stands for all of its kind.
func (n *Notice) Family() string {
	if strings.HasPrefix(n.Topic, topicEvent) {
		return TopicEvents
	}
	return n.Topic
}

// Body is the bytes that are posted and signed.
func (n *Notice) Body(botID string, at time.Time) ([]byte, error) {
	return compact(struct {
		Type string          `json:"type"`
		At   time.Time       `json:"timestamp"`
		Bot  string          `json:"bot_id"`
		Data json.RawMessage `json:"data"`
	}{n.Topic, at, botID, n.Data})
}

// NewNotice returns a notice with anything JSON can say as its data.
func NewNotice(topic string, contactID int64, data any) (Notice, error) {
	text, err := compact(data)
	return Notice{topic, contactID, text}, err
}

// compact writes JSON as people read it.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// noticed is the data of what a turn tells: who and where, then what.
type noticed struct {
	Event string          `json:"event,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"` // the author's
	Note  string          `json:"note,omitempty"`
	Until time.Time       `json:"until,omitzero"`

	Contact noticedContact `json:"contact"`
	Account noticedAccount `json:"account"`
	Flow    string         `json:"flow,omitempty"`
	Block   string         `json:"block,omitempty"`
	SendID  string         `json:"send_id,omitempty"`
}

type noticedContact struct {
	ID         int64  `json:"id"`
	Name       string `json:"name,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	Phone      string `json:"phone,omitempty"`
}

type noticedAccount struct {
	ID         string `json:"id"`
	Channel    string `json:"channel,omitempty"`
	Name       string `json:"name,omitempty"`
	IdentityID int64  `json:"identity_id,omitempty"`
	UserID     string `json:"user_id,omitempty"` // the platform's
}

// tell adds a notice about the person of the turn. A later one of a topic that
// tells of a state takes the place of an earlier one.
func (r *run) tell(topic string, d noticed) {
	event := strings.HasPrefix(topic, topicEvent)
	if !event {
		r.untell(topic)
	}
	if len(r.turn.Notices) == MaxNoticesPerTurn {
		if event {
			r.limit(EventLimitNotices, fmt.Sprintf("stopped after %d notices to webhooks", MaxNoticesPerTurn))
		}
		return
	}
	s := r.s
	d.Contact = noticedContact{s.Contact.ID, s.Contact.Name, s.Contact.ExternalID, s.Contact.Phone()}
	d.Account = noticedAccount{s.Account.ID, s.Account.Channel, s.Account.Name, s.Identity.ID, s.Identity.ExternalID}
	d.SendID = r.talk.sendID
	if r.block != nil {
		d.Flow, d.Block = r.program.Flow, r.block.Name
	}
	n, err := NewNotice(topic, s.Contact.ID, d)
	if err != nil {
		r.Report(blocks.ReportNotify, err.Error())
		return
	}
	r.turn.Notices = append(r.turn.Notices, n)
}

// untell takes back what the turn was to tell of a topic.
func (r *run) untell(topic string) {
	kept := r.turn.Notices[:0]
	for _, n := range r.turn.Notices {
		if n.Topic != topic {
			kept = append(kept, n)
		}
	}
	r.turn.Notices = kept
}

// HandoverNotice tells that a conversation has gone to a person otherwise than
// by a flow.
func HandoverNotice(c *Contact, a *Account, i *Identity, h Handover) (Notice, error) {
	return NewNotice(TopicHandover, c.ID, noticed{Note: h.Note, Until: h.Until,
		Contact: noticedContact{c.ID, c.Name, c.ExternalID, c.Phone()},
		Account: noticedAccount{a.ID, a.Channel, a.Name, i.ID, i.ExternalID}})
}

// DeliveryNotice tells that a delivery has come to its end without being sent.
// Of the delivery only what was known when it was accepted is read.
func DeliveryNotice(d *Delivery, end Ending) (Notice, error) {
	topic := TopicDeliveryFailed
	if end.Status == Skipped {
		topic = TopicDeliverySkipped
	}
	return NewNotice(topic, d.ContactID, struct {
		Delivery noticedDelivery `json:"delivery"`
		Contact  noticedContact  `json:"contact"`
		Account  noticedAccount  `json:"account"`
	}{
		noticedDelivery{d.ID, d.SendID, d.BlockID, d.Category, end},
		noticedContact{ID: d.ContactID}, noticedAccount{ID: d.AccountID, IdentityID: d.IdentityID},
	})
}

// Ending is how a delivery ended.
type Ending struct {
	Status Status `json:"status"`
	Reason string `json:"reason,omitempty"` // why it was skipped
	Class  string `json:"class,omitempty"`  // of the failure, as all that follow
	Code   string `json:"code,omitempty"`
	Error  string `json:"error,omitempty"`
}

type noticedDelivery struct {
	ID       int64  `json:"id"`
	SendID   string `json:"send_id,omitempty"`
	BlockID  string `json:"block_id,omitempty"`
	Category string `json:"category,omitempty"`
	Ending
}

// AccountNotice tells that an account was paused.
func AccountNotice(a *Account, reason string) (Notice, error) {
	return NewNotice(TopicAccountPaused, 0, struct {
		Account noticedAccount `json:"account"`
		Reason  string         `json:"reason"`
	}{noticedAccount{ID: a.ID, Channel: a.Channel, Name: a.Name}, reason})
}
