package broadcast

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
)

// Outcome names a part of a run's people.
type Outcome string

// The outcomes that people are asked for by; "" is everybody.
const (
	OutcomeAccepted     Outcome = "accepted" // the platform took it
	OutcomeDelivered    Outcome = "delivered"
	OutcomeRead         Outcome = "read"
	OutcomeClicked      Outcome = "clicked"
	OutcomeReplied      Outcome = "replied"
	OutcomeFailed       Outcome = "failed"
	OutcomeUnknown      Outcome = "unknown"
	OutcomeSkipped      Outcome = "skipped"
	OutcomeCanceled     Outcome = "canceled"
	OutcomeOpen         Outcome = "open" // still to go out
	OutcomeUnsubscribed Outcome = "unsubscribed"
	OutcomeBlocked      Outcome = "blocked"
	OutcomeNotReached   Outcome = "not_reached" // failed, skipped or canceled: it certainly did not arrive
	OutcomeNotClicked   Outcome = "not_clicked" // accepted and not tapped
)

// OutcomeUnsettled is open or unknown: neither accepted nor not reached. It is
// for products that part a broadcast's people in three.
const OutcomeUnsettled Outcome = "unsettled"

// Outcomes are all of them.
func Outcomes() []Outcome {
	return []Outcome{OutcomeAccepted, OutcomeDelivered, OutcomeRead, OutcomeClicked, OutcomeReplied, OutcomeFailed, OutcomeUnknown, OutcomeSkipped, OutcomeCanceled,
		OutcomeOpen, OutcomeUnsubscribed, OutcomeBlocked, OutcomeNotReached, OutcomeNotClicked}
}

// Filter narrows a run's rows; zero fields do not.
type Filter struct {
	Outcome Outcome
	Reason  string // of what was skipped or canceled, or the class of what failed
	Variant string
	// Meant leaves out those who were held out: they got nothing on purpose.
	Meant bool
}

// Recipient is a row of a run with who it is for.
type Recipient struct {
	Delivery       engine.Delivery
	Variant        string
	Name           string
	Phone          string
	User           string // the platform's id of the person
	UnsubscribedAt time.Time
	BlockedAt      time.Time
}

// Question is what an audience asks about each person.
type Question = expression.Filter

// Recipients returns the rows of a run, the newest run's when none is named. A
// broadcast that never began has none.
func (b *Broadcasts) Recipients(ctx context.Context, botID, id, runID string, f Filter, p engine.Page) ([]Recipient, string, error) {
	r, err := b.run(ctx, botID, id, runID)
	if err != nil || r == nil {
		return nil, "", err
	}
	return b.Store.Recipients(ctx, r, f, p)
}

// run finds a run of a broadcast; nil when there is none yet.
func (b *Broadcasts) run(ctx context.Context, botID, id, runID string) (*engine.Run, error) {
	_, runs, err := b.runs(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	return pick(runs, runID)
}

// begun is a run of a broadcast that has one.
func (b *Broadcasts) begun(ctx context.Context, botID, id, runID string) (*engine.Run, error) {
	r, err := b.run(ctx, botID, id, runID)
	if err == nil && r == nil {
		err = &engine.Error{Code: engine.Conflict, Field: "state", Message: "the broadcast has not begun: there is nobody it has gone to yet"}
	}
	return r, err
}
