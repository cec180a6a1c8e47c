package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// maxSegmentName is how many characters the name of a segment or list may have.
const maxSegmentName = 100

// Segments are saved audiences. One is found by its id or its name.
type Segments interface {
	CreateSegment(ctx context.Context, s engine.Segment) error
	Segment(ctx context.Context, botID, idOrName string) (*engine.Segment, error)
	Segments(ctx context.Context, botID string) ([]engine.Segment, error)
	UpdateSegment(ctx context.Context, s engine.Segment) error
	DeleteSegment(ctx context.Context, botID, id string) error
}

// segmentAnswer is a saved audience.
type segmentAnswer struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Audience  engine.Audience `json:"audience"`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
}

func showSegment(s engine.Segment) segmentAnswer {
	return segmentAnswer{s.ID, s.Name, s.Audience, s.CreatedAt, s.UpdatedAt}
}

type newSegment struct {
	InBot
	Body struct {
		Name     string          `json:"name" minLength:"1" doc:"No other segment of the bot has it; case does not matter."`
		Audience engine.Audience `json:"audience" doc:"Whom it means: all, where, a segment or a list, and whom it excludes."`
	}
}

// OneSegment is the path of one segment.
type OneSegment struct {
	InBot
	Segment string `path:"segment" doc:"The segment's id or name."`
}

type changeSegment struct {
	OneSegment
	Body struct {
		Name     string           `json:"name,omitempty"`
		Audience *engine.Audience `json:"audience,omitempty"`
	}
}

type estimatingSegment struct {
	OneSegment
	Body struct {
		AskedOf
		Accounts []string `json:"accounts,omitempty" doc:"Ids of the accounts it would go out on, the preferred first; all active ones when left out."`
	}
}

// segments registers …/segments.
func (a *API) segments() {
	const tag, path = "Audiences", botPath + "/segments"
	register(a, post("create-segment", path, tag, "Save an audience under a name", engine.ScopeBroadcasts, http.StatusCreated), a.createSegment)
	register(a, get("list-segments", path, tag, "List segments by name", engine.ScopeRead), a.listSegments)
	register(a, get("get-segment", path+"/{segment}", tag, "Get a segment", engine.ScopeRead), a.getSegment)
	register(a, patch("change-segment", path+"/{segment}", tag, "Rename a segment, or change whom it means", engine.ScopeBroadcasts).
		about("What names it means the new people from then on. It keeps its name while something knows it by that."), a.changeSegment)
	register(a, remove("delete-segment", path+"/{segment}", tag, "Forget a segment", engine.ScopeBroadcasts).
		about("Refused while a scheduled broadcast or another segment uses it; the answer says which."), a.deleteSegment)
	register(a, post("estimate-segment", path+"/{segment}/estimate", tag, "Count a segment by account and route", engine.ScopeRead, http.StatusOK), a.estimateSegment)
}

func (a *API) createSegment(ctx context.Context, in *newSegment) (*body[segmentAnswer], error) {
	s := engine.Segment{ID: a.NewID(), BotID: botOf(ctx).ID, Name: strings.TrimSpace(in.Body.Name), Audience: in.Body.Audience, CreatedAt: a.Now(), UpdatedAt: a.Now()}
	if err := a.checkSegment(ctx, &s); err != nil {
		return nil, err
	}
	return answer(showSegment(s), a.Store.CreateSegment(ctx, s))
}

// checkSegment refuses what no broadcast could use.
func (a *API) checkSegment(ctx context.Context, s *engine.Segment) error {
	switch {
	case s.Name == "":
		return invalid("name", "a segment needs a name")
	case utf8.RuneCountInString(s.Name) > maxSegmentName:
		return invalid("name", "a name has at most 100 characters")
	case len(s.Audience.Accounts) > 0:
		return invalid("audience.accounts", "a segment says who is meant; accounts are chosen by the broadcast")
	case s.Audience.First > 0 || s.Audience.EveryIdentity:
		return invalid("audience", "a segment says who is meant; first and every_identity are chosen by the broadcast")
	}
	return a.Broadcasts.Asking().Check(ctx, s.BotID, "audience", s.Name, &s.Audience)
}

func (a *API) listSegments(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[segmentAnswer]], error) {
	all, err := a.Store.Segments(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(s engine.Segment) string { return s.ID })
	return listed(rows, next, err, showSegment)
}

func (a *API) getSegment(ctx context.Context, in *OneSegment) (*body[segmentAnswer], error) {
	s, err := a.Store.Segment(ctx, botOf(ctx).ID, in.Segment)
	if err != nil {
		return nil, err
	}
	return answer(showSegment(*s), nil)
}

func (a *API) changeSegment(ctx context.Context, in *changeSegment) (*body[segmentAnswer], error) {
	s, err := a.Store.Segment(ctx, botOf(ctx).ID, in.Segment)
	if err != nil {
		return nil, err
	}
	before := *s
	if name := strings.TrimSpace(in.Body.Name); name != "" && name != s.Name {
		s.Name = name
		if !strings.EqualFold(name, before.Name) {
			if err := a.Broadcasts.Asking().Free(ctx, &before, true); err != nil {
				return nil, err
			}
		}
	}
	if in.Body.Audience != nil {
		s.Audience = *in.Body.Audience
	}
	s.UpdatedAt = a.Now()
	if err := a.checkSegment(ctx, s); err != nil {
		return nil, err
	}
	return answer(showSegment(*s), a.Store.UpdateSegment(ctx, *s))
}

func (a *API) deleteSegment(ctx context.Context, in *OneSegment) (*none, error) {
	s, err := a.Store.Segment(ctx, botOf(ctx).ID, in.Segment)
	if err != nil {
		return nil, err
	}
	if err := a.Broadcasts.Asking().Free(ctx, s, false); err != nil {
		return nil, err
	}
	return nil, a.Store.DeleteSegment(ctx, s.BotID, s.ID)
}

func (a *API) estimateSegment(ctx context.Context, in *estimatingSegment) (*body[estimateAnswer], error) {
	s, err := a.Store.Segment(ctx, botOf(ctx).ID, in.Segment)
	if err != nil {
		return nil, err
	}
	of := broadcast.Asked{Audience: s.Audience, Intent: in.Body.Intent, Block: in.Body.Block}
	of.Audience.Accounts = in.Body.Accounts
	return a.estimated(ctx, of)
}
