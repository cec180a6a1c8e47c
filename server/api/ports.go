package api

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Store keeps the nouns of the API. Every method that takes a bot sees only
// that bot's rows; an id of another bot is as unknown: engine.NotFound. A
// name that is taken is engine.Conflict.
type Store interface {
	// Away reports whether an error means that the database cannot be asked
	// just now.
	Away(err error) bool

	Answers
	Bots
	Tokens
	Accounts
	Attributes
	Secrets
	Webhooks
	Contacts
	Media
	Tags
	Conversations
	Flows
	Sends
	Plans
	Segments
	Lists
	Operations
}

// Answers of calls that may be repeated.
type Answers interface {
	// BeginAnswer takes a key for a call: nil means that it is the call's from
	// now on, else it is what the call that has it asked and was answered.
	BeginAnswer(ctx context.Context, a engine.KeptAnswer, now time.Time) (*engine.KeptAnswer, error)
	// FinishAnswer keeps what the call was answered.
	FinishAnswer(ctx context.Context, a engine.KeptAnswer) error
	// DropAnswer frees the key of a call that came to nothing.
	DropAnswer(ctx context.Context, a engine.KeptAnswer) error
}

// Bots keeps the bots of the instance. Methods that name one answer
// engine.NotFound where there is none.
type Bots interface {
	CreateBot(ctx context.Context, b engine.Bot) error
	Bot(ctx context.Context, id string) (*engine.Bot, error)
	BotByName(ctx context.Context, name string) (*engine.Bot, error)
	ListBots(ctx context.Context, p engine.Page) (items []engine.Bot, next string, err error)
	UpdateBot(ctx context.Context, b engine.Bot) error
	BotValues(ctx context.Context, botID string) (map[string]any, error)
	SetBotValues(ctx context.Context, botID string, set map[string]any) error // nil values unset
	SetAlias(ctx context.Context, botID, kind, foreign, ours string) error
	Alias(ctx context.Context, botID, kind, foreign string) (string, error)
	// ListAliases returns a bot's, of one kind or of all (""), by kind and id.
	ListAliases(ctx context.Context, botID, kind string, p engine.Page) (items []engine.Alias, next string, err error)
	DeleteAlias(ctx context.Context, botID, kind, foreign string) error
	// BotByAlias finds the bot a foreign bot id means; its own id works too.
	// nil when unknown.
	BotByAlias(ctx context.Context, id string) (*engine.Bot, error)
}

// Tokens of bots and of the instance.
type Tokens interface {
	CreateToken(ctx context.Context, t engine.Token) error
	// Token returns a token by the hash of its secret, nil when it is unknown,
	// revoked or past its time at now; it notes the use, at most once a minute.
	Token(ctx context.Context, hash string, now time.Time) (*engine.Token, error)
	ListTokens(ctx context.Context, botID string) ([]engine.Token, error) // botID "": the instance's
	// RotateToken gives the token named by its name or the first digits of its
	// hash another secret; the old one is good until a moment.
	RotateToken(ctx context.Context, botID, nameOrHash, hash string, until, now time.Time) (engine.Token, error)
	// RevokeToken ends a token named by its name or the first digits of its hash.
	RevokeToken(ctx context.Context, botID, nameOrHash string, now time.Time) error
}

// Accounts keeps the connections of bots to platforms, with their aliases.
type Accounts interface {
	CreateAccount(ctx context.Context, a engine.Account, aliases []string) error
	UpdateAccount(ctx context.Context, a engine.Account) error // name, secrets, settings, state, reason
	Account(ctx context.Context, id string) (*engine.Account, error)
	Accounts(ctx context.Context, botID string) ([]engine.Account, error)
}

// Attributes a bot has declared.
type Attributes interface {
	DeclareAttribute(ctx context.Context, a engine.Attribute) error
	ListAttributes(ctx context.Context, botID string) ([]engine.Attribute, error)
	// RenameAttribute moves what people have; merge: also to a name that is
	// declared already.
	RenameAttribute(ctx context.Context, botID, name, to string, merge bool) error
	DeleteAttribute(ctx context.Context, botID, name string) error
	// AttributeNames are those of all attributes that anybody has.
	AttributeNames(ctx context.Context, botID string) ([]string, error)
	AttributeTypes(ctx context.Context, botID string) (map[string]engine.Attribute, error)
}

// Secrets of a bot, which only requests of its flows read.
type Secrets interface {
	// SetSecret keeps a value under a name; "" removes it.
	SetSecret(ctx context.Context, botID, name, value string) error
	ListSecrets(ctx context.Context, botID string) ([]engine.Secret, error)
}

// Webhooks of a bot, which are told what happens.
type Webhooks interface {
	CreateWebhook(ctx context.Context, w engine.Webhook) error
	Webhook(ctx context.Context, botID, id string) (*engine.Webhook, error)
	ListWebhooks(ctx context.Context, botID string) ([]engine.Webhook, error)
	// UpdateWebhook changes one alone; an error of change leaves it as it was.
	UpdateWebhook(ctx context.Context, botID, id string, change func(*engine.Webhook) error) (*engine.Webhook, error)
	DeleteWebhook(ctx context.Context, botID, id string) error
	// Listens reports whether one that is active is told of a topic.
	Listens(ctx context.Context, botID, topic string) (bool, error)
	// ListPostings returns what a webhook was told, newest first; status "" does
	// not narrow.
	ListPostings(ctx context.Context, botID, webhookID string, status engine.PostingStatus, p engine.Page) (items []engine.Posting, next string, err error)
	Posting(ctx context.Context, botID, webhookID string, id int64) (*engine.Posting, error)
	// RequeuePosting has one that is closed posted again, under the same id.
	RequeuePosting(ctx context.Context, botID, webhookID string, id int64, now time.Time) (*engine.Posting, error)
}

// Contacts keeps the people of bots, and finds them.
type Contacts interface {
	// CreateContact makes a contact with its phones, tags and attributes.
	CreateContact(ctx context.Context, c engine.Contact) (int64, error)
	Contact(ctx context.Context, botID string, id int64) (*engine.Contact, error)
	// ListContacts returns contacts, newest first; search matches names, phone
	// digits and external id, folded.
	ListContacts(ctx context.Context, botID, search string, p engine.Page) (items []engine.Contact, next string, err error)
	// ImportContacts takes in a batch of people in one transaction; see
	// store.DB.
	ImportContacts(ctx context.Context, botID string, rows []engine.ImportRow, now time.Time) ([]engine.Imported, error)
	// PatchContact applies deltas to a contact, and consent and conversation to
	// one identity of it (0: to all).
	PatchContact(ctx context.Context, botID string, id, identityID int64, d engine.Deltas, now time.Time) error
	SetDoNotContact(ctx context.Context, botID string, id int64, on bool) error
	// MergeContacts makes one contact of two; the other's id is an alias then.
	MergeContacts(ctx context.Context, botID string, id, other int64) error
	// EraseContact removes a contact and everything that tells about it.
	EraseContact(ctx context.Context, botID string, id int64) error
	IdentitiesOf(ctx context.Context, botID string, contactIDs []int64) ([]engine.Identity, error)
	// Identity returns one of the bot's identities, nil when unknown.
	Identity(ctx context.Context, botID string, id int64) (*engine.Identity, error)
	Timeline(ctx context.Context, botID string, id int64, p engine.Page) (items []engine.TimelineItem, next string, err error)
}

// Tags of a bot. Case and inner spaces of a name do not matter.
type Tags interface {
	ListTags(ctx context.Context, botID string) ([]engine.Tag, error)
	Tag(ctx context.Context, botID, name string) (*engine.Tag, error)
	RenameTag(ctx context.Context, botID, name, to string) error
	// DeleteTag takes it off everybody first.
	DeleteTag(ctx context.Context, botID, name string) error
}

// Conversations says and changes who leads the talk with somebody.
type Conversations interface {
	// ListHandedOver returns those that a person leads at now.
	ListHandedOver(ctx context.Context, botID string, now time.Time, p engine.Page) (items []engine.Talk, next string, err error)
	// ListWithBot returns those that the bot leads, of people who ever wrote.
	ListWithBot(ctx context.Context, botID string, now time.Time, p engine.Page) (items []engine.Talk, next string, err error)
	// CloseConversation gives it back and forgets what the bot had asked.
	CloseConversation(ctx context.Context, botID string, identityID int64) error
}

// Flows keeps drafts and the immutable versions that were published.
type Flows interface {
	// SaveDraft makes the flow when it is new and returns it.
	SaveDraft(ctx context.Context, botID, name string, document []byte, now time.Time) (*engine.Flow, error)
	Flow(ctx context.Context, botID, nameOrID string) (*engine.Flow, error)
	ListFlows(ctx context.Context, botID string) ([]engine.Flow, error)
	// Publish stores the next version with its blocks, triggers' and
	// attributes' declarations in one transaction and raises the bot's
	// revision. expect is the number it follows: another one is Conflict. A
	// block name or alias taken by another flow is Conflict and says whose.
	Publish(ctx context.Context, v engine.FlowVersion, expect int, blocks []engine.BlockInfo, attributes []engine.Attribute) (*engine.FlowVersion, error)
	ListVersions(ctx context.Context, botID, flowID string) ([]engine.FlowVersion, error)
	Version(ctx context.Context, botID, flowID string, number int) (*engine.FlowVersion, error)
	ListBlocks(ctx context.Context, botID string) ([]engine.BlockInfo, error)
	// For the library cache:
	Revision(ctx context.Context, botID string) (int64, error)
	PublishedVersions(ctx context.Context, botID string) ([]engine.FlowVersion, error)
	FlowVersion(ctx context.Context, botID string, id int64) (*engine.FlowVersion, error)
}

// Operations of the instance: what its keepers stop and look at.
type Operations interface {
	// Pause stops a bot, or with an empty BotID the instance.
	Pause(ctx context.Context, p engine.Pause) error
	// Resume ends a pause and reports whether there was one.
	Resume(ctx context.Context, botID, actor string, now time.Time) (bool, error)
	Pauses(ctx context.Context) ([]engine.Pause, error)
	Survey(ctx context.Context, now time.Time) (*engine.Survey, error)
	// Troubles returns what failed lately, the newest first.
	Troubles(ctx context.Context, limit int) ([]engine.Trouble, error)
	// PausedAccounts returns the paused connections of all bots, without their
	// secrets.
	PausedAccounts(ctx context.Context) ([]engine.Account, error)
}

// Sends and their deliveries.
type Sends interface {
	Send(ctx context.Context, botID, id string) (*engine.Send, []engine.Delivery, error)
	Story(ctx context.Context, botID string, deliveryID int64) (*engine.Story, error)
	// ListDeliveries returns deliveries, newest first; zero fields do not narrow.
	ListDeliveries(ctx context.Context, botID string, f engine.DeliveryFilter, p engine.Page) (items []engine.Delivery, next string, err error)
	// Settle sets an unknown delivery to what a person found out.
	Settle(ctx context.Context, botID string, id int64, as engine.Status, now time.Time) error
	// CountUnknown and SettleUnknown do so for all that a filter means.
	CountUnknown(ctx context.Context, botID string, f engine.SettleFilter) (int64, error)
	SettleUnknown(ctx context.Context, botID string, f engine.SettleFilter, as engine.Status, now time.Time) (int64, error)
	// CountDeliveries counts those made in [from, to), by state and the keys.
	CountDeliveries(ctx context.Context, botID string, from, to time.Time, by engine.ReportKeys) ([]engine.ReportRow, error)
	// Tally counts a bot's deliveries by status, by reason or class and by route.
	Tally(ctx context.Context, botID string, since time.Time) ([]engine.TallyRow, error)
}
