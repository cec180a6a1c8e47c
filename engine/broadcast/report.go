package broadcast

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// How long a count serves that took long: so many times as long as it took. A
// count that took less than quickCount is made anew each time.
const (
	quickCount  = 50 * time.Millisecond
	countServes = 20
	countOldest = 2 * time.Minute // no count serves longer
)

// Reports reads what became of runs.
type Reports interface {
	// CountFigures counts a run over the ledger.
	CountFigures(ctx context.Context, r *engine.Run) (*Figures, error)
	// KeptFigures is the last count that was kept of a run, nil when none was.
	KeptFigures(ctx context.Context, runID string) (*Figures, error)
	KeepFigures(ctx context.Context, runID string, f *Figures) error
	// Recipients returns a run's rows, the first first.
	Recipients(ctx context.Context, r *engine.Run, f Filter, p engine.Page) (items []Recipient, next string, err error)
	// RecipientRows are those of one person, one for each address.
	RecipientRows(ctx context.Context, runID string, contactID int64) ([]engine.Delivery, error)
	// HadBroadcasts counts what a person was sent by broadcasts of a category,
	// "" being any, after one time and before another.
	HadBroadcasts(ctx context.Context, contactID int64, category string, since, until time.Time) (int64, error)
	// InAudience reports whether a person is one of those a question means.
	InAudience(ctx context.Context, botID string, f *Question, contactID int64, now time.Time) (bool, error)
	// RetryRows queues failed rows of a run that may be tried again, some at a
	// time, and has the run go on with them; it returns how many.
	RetryRows(ctx context.Context, r *engine.Run, now, expires time.Time, limit int) (int, error)
	// KeepList makes a list of the people whose rows a filter takes.
	KeepList(ctx context.Context, r *engine.Run, f Filter, id, name string, now time.Time) (people int64, err error)
	// DeleteBroadcast removes one that never ran. Conflict: it did, or will.
	DeleteBroadcast(ctx context.Context, botID, id string) error
}

// Figures are what the ledger says of a run at a time.
type Figures struct {
	At        time.Time               `json:"at"`
	State     engine.RunState         `json:"state"` // of the run
	Took      time.Duration           `json:"took"`
	Rows      []Tally                 `json:"rows"`
	Left      []Leaving               `json:"left,omitempty"`
	Clicks    []Click                 `json:"clicks,omitempty"`
	Linked    bool                    `json:"linked,omitempty"` // it has links that count taps
	FollowUps map[engine.Status]int64 `json:"follow_ups,omitempty"`
}

// Tally is how many rows of a run are alike, and what their people did.
type Tally struct {
	AccountID string        `json:"account_id"`
	Variant   string        `json:"variant,omitempty"`
	Status    engine.Status `json:"status"`
	Reason    string        `json:"reason,omitempty"`
	Class     string        `json:"class,omitempty"`
	Route     string        `json:"route,omitempty"`
	Count     int64         `json:"count"`
	Messages  int64         `json:"messages,omitempty"` // that the platform took, of each as many
	Clicked   int64         `json:"clicked,omitempty"`
	Replied12 int64         `json:"replied_12h,omitempty"` // within so many hours
	Replied24 int64         `json:"replied_24h,omitempty"`
	Replied48 int64         `json:"replied_48h,omitempty"`
}

// each is how many messages one of a tally's people got.
func (t *Tally) each() int64 {
	if t.Count == 0 {
		return 0
	}
	return (t.Messages + t.Count - 1) / t.Count
}

// Leaving is how many of those reached said within a day that they want no
// more, or left.
type Leaving struct {
	AccountID    string `json:"account_id"`
	Variant      string `json:"variant,omitempty"`
	Unsubscribed int64  `json:"unsubscribed"`
	Blocked      int64  `json:"blocked"`
}

// Click is how often one button was tapped.
type Click struct {
	Place  string `json:"place"` // message, card and button; see Place
	Title  string `json:"title,omitempty"`
	People int64  `json:"people"` // who are known: taps are counted without them where a bot asks for that
	Taps   int64  `json:"taps"`
}

// Report says what became of a broadcast's run.
type Report struct {
	Broadcast *engine.Broadcast
	Run       *engine.Run // nil: it never began
	Runs      []engine.Run
	Figures   *Figures
	Accounts  map[string]engine.Account // of the bot, by id
}

// Report counts a run of a broadcast: the newest, or the one that is named. A
// run that takes long to count is answered from the last count, whose time is
// the figures' own.
func (b *Broadcasts) Report(ctx context.Context, botID, id, runID string) (*Report, error) {
	out := &Report{Figures: &Figures{At: b.Deps.Now()}, Accounts: map[string]engine.Account{}}
	var err error
	if out.Broadcast, out.Runs, err = b.runs(ctx, botID, id); err != nil {
		return nil, err
	}
	accounts, err := b.Directory.Accounts(ctx, botID)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		out.Accounts[a.ID] = a
	}
	if out.Run, err = pick(out.Runs, runID); err != nil || out.Run == nil {
		return out, err
	}
	out.Figures, err = b.figures(ctx, out.Run)
	return out, err
}

// Tracked is how taps on the links of the run were counted.
func (r *Report) Tracked() engine.Tracking {
	if r.Run == nil || !r.Run.Plan.Track.Counts() {
		return engine.TrackOff
	}
	return r.Run.Plan.Track
}

// TellsWho reports whether it is known who tapped. Where links are counted for
// all at once, those who tapped a link are not among Sum.Clicked, which then is
// no figure of the run's people.
func (r *Report) TellsWho() bool { return r.Tracked() != engine.TrackCount || !r.Figures.Linked }

// runs reads a broadcast with its runs, the newest first.
func (b *Broadcasts) runs(ctx context.Context, botID, id string) (*engine.Broadcast, []engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, nil, err
	}
	runs, err := b.Store.ListRuns(ctx, botID, id)
	return of, runs, err
}

// pick is the run that is named, or the newest that has begun; nil when none
// has.
func pick(runs []engine.Run, id string) (*engine.Run, error) {
	for i := range runs {
		if id == "" && !runs[i].StartedAt.IsZero() || id != "" && runs[i].ID == id {
			return &runs[i], nil
		}
	}
	if id != "" {
		return nil, &engine.Error{Code: engine.NotFound, Field: "run", Message: "the broadcast has no run of this id"}
	}
	return nil, nil
}

// figures counts a run, or takes the last count where counting takes long.
func (b *Broadcasts) figures(ctx context.Context, r *engine.Run) (*Figures, error) {
	now := b.Deps.Now()
	kept, err := b.Store.KeptFigures(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	// A count from before a run's end, or its pause, is not what became of it.
	if kept != nil && kept.State == r.State && !kept.At.Before(r.ClosedAt) && now.Sub(kept.At) < min(kept.Took*countServes, countOldest) {
		return kept, nil
	}
	f, err := b.Store.CountFigures(ctx, r)
	if err != nil {
		return nil, err
	}
	f.At, f.Took, f.State = now, b.Deps.Now().Sub(now), r.State
	if f.Took >= quickCount {
		err = b.Store.KeepFigures(ctx, r.ID, f)
	}
	return f, err
}
