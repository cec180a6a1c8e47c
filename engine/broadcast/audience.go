package broadcast

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
)

// MaxSegmentDepth is how deep segments may name each other.
const MaxSegmentDepth = 10

// Audiences turns what authors write about people into questions. It is safe
// for concurrent use.
type Audiences struct {
	Store AudienceStore
	Now   func() time.Time
}

// Resolve turns an audience, without what it excludes, into a question about
// each person. *engine.Error names the field and the place of a mistake.
func (a *Audiences) Resolve(ctx context.Context, botID string, of *engine.Audience) (*expression.Filter, error) {
	return (&resolving{a: a, botID: botID, now: a.Now()}).one(ctx, "audience", of)
}

// Whole is Resolve with what the audience excludes taken away.
func (a *Audiences) Whole(ctx context.Context, botID string, of *engine.Audience) (*expression.Filter, error) {
	return (&resolving{a: a, botID: botID, now: a.Now()}).whole(ctx, "audience", of)
}

// Check says what is wrong with an audience as it would be asked now. name is
// that of the segment that is being written, "" for none: an audience that
// leads back to it is refused.
func (a *Audiences) Check(ctx context.Context, botID, field, name string, of *engine.Audience) error {
	if err := checkAudience(field, of); err != nil {
		return err
	}
	r := &resolving{a: a, botID: botID, now: a.Now()}
	if name != "" {
		r.path = []string{blocks.Fold(name)}
	}
	_, err := r.whole(ctx, field, of)
	return err
}

// Question compiles an expression over a bot's people as of now, with warnings.
func (a *Audiences) Question(ctx context.Context, botID, where string) (*expression.Question, []*expression.Problem, error) {
	r := &resolving{a: a, botID: botID, now: a.Now()}
	return r.question(ctx, "audience.where", where)
}

// Text writes rows of a form as an expression, and makes sure that it can be
// asked.
func (a *Audiences) Text(ctx context.Context, botID string, row Row) (string, error) {
	r := &resolving{a: a, botID: botID, now: a.Now()}
	if err := r.ready(ctx); err != nil {
		return "", err
	}
	text, err := r.people.Text(row)
	if wrong, ok := err.(*expression.RowError); ok {
		return "", invalid(wrong.Place, "%s", wrong.Message)
	}
	if err == nil {
		_, _, err = r.question(ctx, "rows", text)
	}
	return text, err
}

// Row is a condition as a form has it.
type Row = expression.Row

// Name is what expressions over a bot's people may name.
type Name struct {
	Name string `json:"name" doc:"As an expression writes it."`
	Type string `json:"type" enum:"text,number,boolean,date,datetime,list,json"`
	Doc  string `json:"doc,omitempty"`
}

// Language is what expressions over a bot's people are made of.
type Language struct {
	Names     []Name // what is known of everybody, then the bot's attributes
	Functions []expression.Function
	Operators []string // of rows
}

// Language returns what expressions over a bot's people may name and call.
func (a *Audiences) Language(ctx context.Context, botID string) (*Language, error) {
	r := &resolving{a: a, botID: botID, now: a.Now()}
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	out := &Language{Functions: expression.PeopleFunctions(), Operators: expression.RowOperators()}
	for _, f := range expression.PeopleFacts() {
		out.Names = append(out.Names, Name{f.Name, string(f.Type), f.Doc})
	}
	for _, d := range r.declared {
		out.Names = append(out.Names, Name{Name: r.people.Written(d.Name), Type: string(d.Type)})
	}
	return out, nil
}

// resolving is one audience being looked at, with the segments that led there.
type resolving struct {
	a        *Audiences
	botID    string
	now      time.Time
	people   *expression.People
	declared []expression.Declaration
	failed   error // of a look for a broadcast
	path     []string
}

// whole resolves an audience without those it excludes.
func (r *resolving) whole(ctx context.Context, field string, of *engine.Audience) (*expression.Filter, error) {
	in, err := r.one(ctx, field, of)
	if err != nil || of.Exclude == nil {
		return in, err
	}
	out, err := r.whole(ctx, field+".exclude", of.Exclude)
	if err != nil {
		return nil, err
	}
	both := expression.AllOf(*in, out.Negated())
	return &both, nil
}

func (r *resolving) one(ctx context.Context, field string, of *engine.Audience) (*expression.Filter, error) {
	switch {
	case of.All:
		return &expression.Filter{Op: expression.Everyone}, nil
	case of.List != "":
		l, err := r.a.Store.List(ctx, r.botID, of.List)
		if err != nil {
			return nil, inField(err, field+".list")
		}
		return &expression.Filter{Op: expression.InList, List: l.ID}, nil
	case of.Segment != "":
		return r.segment(ctx, field+".segment", of.Segment)
	}
	q, _, err := r.question(ctx, field+".where", of.Where)
	if err != nil {
		return nil, err
	}
	return &q.Filter, nil
}

// segment resolves a saved audience, and those it names.
func (r *resolving) segment(ctx context.Context, field, name string) (*expression.Filter, error) {
	s, err := r.a.Store.Segment(ctx, r.botID, name)
	if err != nil {
		return nil, inField(err, field)
	}
	key := blocks.Fold(s.Name)
	if slices.Contains(r.path, key) {
		return nil, invalid(field, "segments lead in a circle: %s", strings.Join(append(r.path, key), " → "))
	}
	if len(r.path) >= MaxSegmentDepth {
		return nil, invalid(field, "segments name each other more than %d deep", MaxSegmentDepth)
	}
	r.path = append(r.path, key)
	defer func() { r.path = r.path[:len(r.path)-1] }()
	f, err := r.whole(ctx, "audience", &s.Audience)
	if err != nil {
		return nil, within(err, s.Name, field)
	}
	return f, nil
}

// within tells in which segment a mistake is.
func within(err error, segment, field string) error {
	e, ok := err.(*engine.Error)
	if !ok {
		return err
	}
	out := *e
	out.Field = field
	if !strings.HasPrefix(out.Message, "segment") {
		out.Message = fmt.Sprintf("segment %q: %s", segment, e.Message)
	}
	return &out
}

func inField(err error, field string) error {
	e, ok := err.(*engine.Error)
	if !ok {
		return err
	}
	out := *e
	out.Field = field
	return &out
}

// question compiles an expression; a mistake names its place.
func (r *resolving) question(ctx context.Context, field, where string) (*expression.Question, []*expression.Problem, error) {
	if err := r.ready(ctx); err != nil {
		return nil, nil, err
	}
	q, problems := r.people.Question(where)
	if r.failed != nil {
		return nil, nil, r.failed
	}
	if q != nil {
		return q, problems, nil
	}
	for _, p := range problems {
		if !p.Warning {
			return nil, nil, mistake(field, where, p)
		}
	}
	return nil, nil, invalid(field, "the expression cannot be read")
}

// mistake is a problem of an expression as a caller is told it: with the place,
// counted in letters from 1.
func mistake(field, where string, p *expression.Problem) error {
	place := 1 + len([]rune(where[:min(p.Offset, len(where))]))
	return &engine.Error{Code: engine.Invalid, Field: field, Reason: p.Code, Hint: p.Hint,
		Message: fmt.Sprintf("at letter %d: %s", place, p.Message)}
}

// ready reads what expressions of the bot may name, once.
func (r *resolving) ready(ctx context.Context) error {
	if r.people != nil {
		return nil
	}
	bot, err := r.a.Store.Bot(ctx, r.botID)
	if err != nil {
		return err
	}
	types, err := r.a.Store.AttributeTypes(ctx, r.botID)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(bot.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	declared := make([]expression.Declaration, 0, len(types))
	for name, t := range types {
		declared = append(declared, expression.Declaration{Name: name, Type: expression.Type(t.Type), Default: t.Default})
	}
	slices.SortFunc(declared, func(a, b expression.Declaration) int { return strings.Compare(a.Name, b.Name) })
	r.declared = declared
	r.people = expression.NewPeople(expression.PeopleOptions{Attributes: declared, Fold: blocks.Fold, Now: r.now, Zone: zone, MonthDay: bot.Settings.MonthDay,
		Broadcast: func(name string) (ids, near []string) {
			ids, near, err := r.a.Store.BroadcastsNamed(ctx, r.botID, name)
			if err != nil {
				r.failed = err
			}
			return ids, near
		}})
	return nil
}
