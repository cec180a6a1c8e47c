package engine

import "time"

// Pause stops everything a bot would send or answer, or with an empty BotID
// everything the instance would. What people write is stored meanwhile.
type Pause struct {
	BotID  string    `json:"bot_id,omitempty"`
	Reason string    `json:"reason"`
	Actor  string    `json:"actor,omitempty"` // the name of the token that asked for it
	At     time.Time `json:"at"`
}

// Running is a process at work, as it was last heard of.
type Running struct {
	ID        string        `json:"id"`
	Role      string        `json:"role"` // serve, serve without worker, work
	Version   string        `json:"version"`
	StartedAt time.Time     `json:"started_at"`
	SeenAt    time.Time     `json:"seen_at"`
	Apart     time.Duration `json:"apart"` // the database's clock less the process's own
}

// Survey is a look at what is under way. It is bounded: counts end at
// SurveyRows, so that it costs the same on any ledger.
type Survey struct {
	At time.Time `json:"at"`
	// Open counts the rows that something is still to be done for.
	Open map[Status]int64 `json:"open"`
	// OldestDue is since when the longest waiting row of a working account
	// should have gone out; zero when none waits.
	OldestDue time.Time `json:"oldest_due,omitzero"`
	// Recent counts the newest SurveyRows rows of the ledger, open or not.
	Recent map[Status]int64 `json:"recent"`
	// Inbox counts what people did and nobody has answered yet.
	Inbox       int64     `json:"inbox"`
	OldestInbox time.Time `json:"oldest_inbox,omitzero"`
	// Receipts counts platforms' words that are not applied yet.
	Receipts int64 `json:"receipts"`
	// NoticesDue and NoticesLater count what outgoing webhooks are still to be
	// told: now, and when the pause after a failure is over.
	NoticesDue   int64 `json:"notices_due"`
	NoticesLater int64 `json:"notices_later"`
	// OldestNotice is since when the longest waiting of those should have been
	// posted; zero when none is due.
	OldestNotice time.Time `json:"oldest_notice,omitzero"`
	// Poison counts the events of the last day that no row could be made of.
	Poison int64 `json:"poison"`
	// Accounts counts connections by channel and state.
	Accounts []AccountCount `json:"accounts"`
	Pauses   []Pause        `json:"pauses"`
	// Processes are those heard of in the last minute.
	Processes []Running `json:"processes"`
}

// SurveyRows is the most a survey counts of one kind.
const SurveyRows = 100_000

// AccountCount is how many connections of a channel are in a state.
type AccountCount struct {
	Channel string       `json:"channel"`
	State   AccountState `json:"state"`
	Count   int64        `json:"count"`
}

// Trouble is something that went wrong lately, for whoever looks.
type Trouble struct {
	At    time.Time `json:"at"`
	BotID string    `json:"bot_id"`
	What  string    `json:"what"` // delivery, turn
	ID    int64     `json:"id"`
	Class string    `json:"class"`
	Text  string    `json:"text"`
}

// SettleFilter says which deliveries of unknown outcome are meant; zero fields
// do not narrow.
type SettleFilter struct {
	AccountID string
	BlockID   string
	Since     time.Time // created at or after
	Before    time.Time // created before
}
