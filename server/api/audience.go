package api

import (
	"context"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/flows"
)

// Audiences says whom audiences mean.
type Audiences interface {
	// Estimate counts an audience by account and route.
	Estimate(ctx context.Context, botID string, of broadcast.Asked) (*broadcast.Estimate, error)
	// Asking turns expressions into audiences.
	Asking() *broadcast.Audiences
	// Dependents are the broadcasts still to be sent and the segments, with what
	// they name.
	Dependents(ctx context.Context, botID string) ([]flows.Dependent, error)
}

// estimateAnswer says whom an audience means and how they would be reached now.
type estimateAnswer struct {
	People     int64              `json:"people" doc:"Whom the audience means."`
	Reached    int64              `json:"reached" doc:"How many would be sent something; of each person one address, unless every_identity is asked for."`
	Elsewhere  int64              `json:"elsewhere" doc:"Who has no address on these accounts."`
	Exact      bool               `json:"exact" doc:"Whether everybody was counted; else some were asked, because counting takes longer than a second."`
	Sample     int64              `json:"sample,omitempty" doc:"How many were asked, of an estimate that is not exact."`
	Margin     int64              `json:"margin,omitempty" doc:"Of an estimate that is not exact: people may be so many more or fewer, in 19 of 20 cases."`
	At         time.Time          `json:"at" doc:"When it was asked."`
	Accounts   []estimatedAccount `json:"accounts"`
	Conditions []conditionEffect  `json:"conditions" doc:"What the expression joins with and, each asked alone."`
	Samples    []broadcast.Sample `json:"samples" doc:"Up to five people the audience means, the newest first."`
	Warnings   []string           `json:"warnings"`
}

type estimatedAccount struct {
	AccountID string           `json:"account_id"`
	Channel   string           `json:"channel"`
	Name      string           `json:"name"`
	Routes    map[string]int64 `json:"routes" doc:"How many by each route: free, paid, template."`
	Skipped   map[string]int64 `json:"skipped" doc:"How many would be skipped, by reason."`
}

type conditionEffect struct {
	Where  string `json:"where"`
	People int64  `json:"people" doc:"Whom it alone holds for."`
}

func showEstimate(e *broadcast.Estimate) estimateAnswer {
	out := estimateAnswer{People: e.People, Reached: e.Reached, Elsewhere: e.Elsewhere, Exact: e.Exact, Sample: e.Sample, Margin: e.Margin, At: e.At,
		Accounts: []estimatedAccount{}, Conditions: []conditionEffect{}, Samples: e.Samples, Warnings: orEmpty(e.Warnings)}
	if out.Samples == nil {
		out.Samples = []broadcast.Sample{}
	}
	for _, a := range e.Accounts {
		out.Accounts = append(out.Accounts, estimatedAccount(a))
	}
	for _, c := range e.Conditions {
		out.Conditions = append(out.Conditions, conditionEffect(c))
	}
	return out
}

// AskedOf is what an estimate is about besides the audience.
type AskedOf struct {
	Intent engine.Intent `json:"intent,omitempty" enum:"promotional,direct,utility" default:"promotional"`
	Block  string        `json:"block,omitempty" doc:"What would be sent, by its name or id: a template of it reaches people whose window is closed."`
}

type estimating struct {
	InBot
	Body struct {
		AskedOf
		Audience engine.Audience `json:"audience"`
	}
}

type knownFunction struct {
	Name      string `json:"name"`
	Signature string `json:"signature"`
	Doc       string `json:"doc"`
	Example   string `json:"example"`
}

type fieldsAnswer struct {
	Fields    []broadcast.Name `json:"fields"`
	Functions []knownFunction  `json:"functions" doc:"Those that only expressions over people have."`
	Operators []string         `json:"operators" doc:"Of rows."`
}

type explaining struct {
	InBot
	Body struct {
		Where   string `json:"where" minLength:"1" maxLength:"4096" doc:"An expression over people."`
		Contact int64  `json:"contact" doc:"The contact's id."`
	}
}

type explainedAddress struct {
	IdentityID int64              `json:"identity_id"`
	Holds      bool               `json:"holds"`
	Conditions []explainedHolding `json:"conditions"`
}

type explainedHolding struct {
	Where string `json:"where"`
	Holds bool   `json:"holds"`
}

// audience registers …/audience.
func (a *API) audience() {
	const tag, path = "Audiences", botPath + "/audience"
	register(a, post("estimate-audience", path+"/estimate", tag, "Count an audience by account and route", engine.ScopeRead, http.StatusOK).
		about("Nothing is stored. Counting is exact when it takes less than a second, else some people are asked and the answer says how far off it may be."), a.estimateAudience)
	register(a, get("list-audience-fields", path+"/fields", tag, "List what expressions over people may name", engine.ScopeRead), a.audienceFields)
	register(a, post("write-audience", path+"/expression", tag, "Write rows of a form as an expression", engine.ScopeRead, http.StatusOK).
		about("A row is `field`, `operator` and `value`, or a group of rows in `all` or `any`."), a.writeAudience)
	register(a, post("explain-audience", path+"/explain", tag, "Ask an expression of one person", engine.ScopeRead, http.StatusOK).
		about("Each of the person's addresses is asked, condition by condition."), a.explainAudience)
}

func (a *API) estimateAudience(ctx context.Context, in *estimating) (*body[estimateAnswer], error) {
	return a.estimated(ctx, broadcast.Asked{Audience: in.Body.Audience, Intent: in.Body.Intent, Block: in.Body.Block})
}

func (a *API) estimated(ctx context.Context, of broadcast.Asked) (*body[estimateAnswer], error) {
	e, err := a.Broadcasts.Estimate(ctx, botOf(ctx).ID, of)
	if err != nil {
		return nil, err
	}
	return answer(showEstimate(e), nil)
}

func (a *API) audienceFields(ctx context.Context, _ *InBot) (*body[fieldsAnswer], error) {
	l, err := a.Broadcasts.Asking().Language(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	out := fieldsAnswer{Fields: l.Names, Operators: l.Operators}
	for _, f := range l.Functions {
		out.Functions = append(out.Functions, knownFunction{f.Name, f.Signature, f.Doc, f.Example})
	}
	return answer(out, nil)
}

type writing struct {
	InBot
	Body broadcast.Row
}

type writtenAnswer struct {
	Where string `json:"where" doc:"The expression that says the same."`
}

func (a *API) writeAudience(ctx context.Context, in *writing) (*body[writtenAnswer], error) {
	text, err := a.Broadcasts.Asking().Text(ctx, botOf(ctx).ID, in.Body)
	return answer(writtenAnswer{text}, err)
}

func (a *API) explainAudience(ctx context.Context, in *explaining) (*body[struct {
	Addresses []explainedAddress `json:"addresses" doc:"Empty for a contact who has none, or is not the bot's."`
}], error) {
	asked, err := a.Broadcasts.Asking().Explain(ctx, botOf(ctx).ID, in.Body.Where, in.Body.Contact)
	if err != nil {
		return nil, err
	}
	var out struct {
		Addresses []explainedAddress `json:"addresses" doc:"Empty for a contact who has none, or is not the bot's."`
	}
	out.Addresses = []explainedAddress{}
	for _, e := range asked {
		at := explainedAddress{IdentityID: e.IdentityID, Holds: e.Holds, Conditions: []explainedHolding{}}
		for _, c := range e.Conditions {
			at.Conditions = append(at.Conditions, explainedHolding(c))
		}
		out.Addresses = append(out.Addresses, at)
	}
	return answer(out, nil)
}
