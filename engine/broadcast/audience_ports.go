package broadcast

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// AudienceStore knows who people are and what audiences name. What is not a
// bot's own is *engine.Error with NotFound.
type AudienceStore interface {
	Bot(ctx context.Context, id string) (*engine.Bot, error)
	AttributeTypes(ctx context.Context, botID string) (map[string]engine.Attribute, error)
	// Segment finds a saved audience by its id or its name.
	Segment(ctx context.Context, botID, idOrName string) (*engine.Segment, error)
	Segments(ctx context.Context, botID string) ([]engine.Segment, error)
	// ScheduledPlans returns the bot's broadcasts that are still to start.
	ScheduledPlans(ctx context.Context, botID string) ([]engine.Broadcast, error)
	// List finds people that were named one by one.
	List(ctx context.Context, botID, id string) (*engine.PeopleList, error)
	// BroadcastsNamed finds broadcasts by id or subject, the newest first; near
	// are subjects of the newest ones where there are none.
	BroadcastsNamed(ctx context.Context, botID, name string) (ids, near []string, err error)
	// Addresses returns what expressions see of contacts, one for each address
	// of theirs.
	Addresses(ctx context.Context, botID string, contacts []int64, now time.Time) ([]Address, error)
	// SurveyAudience asks a filter of everybody, or of some. ErrSlow: it took longer
	// than it may.
	SurveyAudience(ctx context.Context, q Survey) (*Surveyed, error)
	// SurveysSomeQuickly says that a survey of some takes as long for any number
	// of people. Else it is hardly shorter than one of everybody, and would hold
	// that up.
	SurveysSomeQuickly() bool
}

// ErrSlow says that a survey took longer than it may.
var ErrSlow = errors.New("the survey takes too long")

// Address is one address of a person as expressions see it.
type Address struct {
	Matched
	AccountID string
	Person    expression.Person
}

// Matched names an address.
type Matched struct{ ContactID, IdentityID int64 }

// Survey is a question about how many people an audience means.
type Survey struct {
	BotID      string
	Filter     *expression.Filter
	Conditions []*expression.Filter // each asked alone
	Accounts   []Surveying
	Each       bool // every address counts, not the best of a person
	Some       int  // about how many contacts are asked, by chance; 0: all are
	Samples    int  // people to name
	Within     time.Duration
	Now        time.Time
}

// Scattered is the condition, as SQL over a column of contacts' ids, that
// somebody is asked of whom one in every is. Who is asked is scattered: what
// repeats along the ids, such as one file in two that was imported, must not be
// met in step.
func Scattered(column string, every int64) string {
	return spread("estimate", every).SQL(column) + " = 0"
}

// Surveying is one account of a survey.
type Surveying struct {
	AccountID string
	Skip      policy.Many
}

// Surveyed is what came of a survey: counts of those who were asked.
type Surveyed struct {
	Asked      int64 // contacts
	Drawn, Of  int64 // places where contacts were looked for and those there are, not all of which have one; 0 when everybody was asked
	People     int64 // whom the filter holds for, on any address or none
	Conditions []int64
	Routes     []Routed
	Samples    []Sample
}

// Routed counts addresses that would be written to by one route of one account,
// or would be skipped.
type Routed struct {
	AccountID string
	Route     string // push or template, "" where they are skipped
	Skip      string
	Count     int64
}

// Sample is a person an audience means.
type Sample struct {
	ContactID  int64  `json:"contact_id"`
	IdentityID int64  `json:"identity_id"`
	AccountID  string `json:"account_id"`
	Name       string `json:"name"`
}
