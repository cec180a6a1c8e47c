package engine

import "time"

// Webhook is an address of the bot owner's that is told what happens.
type Webhook struct {
	ID          string
	BotID       string
	URL         string
	Description string
	Topics      []string
	State       WebhookState
	Reason      string // why it is disabled
	Failures    int    // answers in a row that were no success
	// FailingSince is when the first of them came, zero while all is well.
	FailingSince time.Time
	CreatedAt    time.Time

	Secret    string    // signs; whsec_ and base64
	OldSecret string    // signs too, until OldUntil
	OldUntil  time.Time // zero: there is none
}

// WebhookState says whether a webhook is told anything.
type WebhookState string

const (
	WebhookActive   WebhookState = "active"   // it is told
	WebhookDisabled WebhookState = "disabled" // by a person, or because it failed for long
)

// Posting is one notice to one webhook.
//
//	queued ─► sending ─► delivered
//	   ▲         ├─► queued    (again later)
//	   │         └─► failed    (given up, or gone)
//	   └── a person has it posted again
type Posting struct {
	ID        int64
	WebhookID string
	BotID     string
	MessageID string // the same for every attempt, and for every webhook
	Topic     string
	ContactID int64
	Body      []byte
	Status    PostingStatus
	Attempts  int    // since it was queued last
	AttemptID string // of the attempt under way
	NextAt    time.Time
	Code      int           // HTTP status of the last answer, 0 when there was none
	Answer    string        // its first kilobyte
	Took      time.Duration // until the answer
	Error     string        // why the last attempt was no success
	CreatedAt time.Time
	ClosedAt  time.Time
}

// PostingStatus is where a posting stands.
type PostingStatus string

const (
	PostingQueued    PostingStatus = "queued"    // posted when NextAt comes
	PostingSending   PostingStatus = "sending"   // a worker posts it
	PostingDelivered PostingStatus = "delivered" // the receiver took it
	PostingFailed    PostingStatus = "failed"    // given up; a person may have it posted again
)
