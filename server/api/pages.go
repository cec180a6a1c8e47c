package api

import (
	"bufio"
	"bytes"
	"context"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// What pages ask for whoever has signed in, as the calls of the same kind
// answer it to a token.

// MaxListFile is how many bytes a file of people may have that a form brings:
// forms are read whole.
const MaxListFile = maxKeyed

func signedIn(ctx context.Context, bot *engine.Bot) context.Context {
	return context.WithValue(ctx, callerKey{}, caller{bot: bot})
}

// ListOfFile makes a list of a bot's people from a CSV file, as upload-list
// does. *engine.Error says what is wrong with the file as a whole; rows that
// mean nobody are in the list's refusals.
func (a *API) ListOfFile(ctx context.Context, bot *engine.Bot, name string, file []byte) (*engine.PeopleList, error) {
	out, err := a.uploadList(signedIn(ctx, bot), &newFileList{Name: name, stream: bytes.NewReader(file)})
	if err != nil {
		return nil, err
	}
	return a.Store.List(ctx, bot.ID, out.Body.ID)
}

// SaveSegment saves an audience under a name, as create-segment does, and
// returns its id.
func (a *API) SaveSegment(ctx context.Context, bot *engine.Bot, name string, of engine.Audience) (string, error) {
	in := &newSegment{}
	in.Body.Name, in.Body.Audience = name, of
	out, err := a.createSegment(signedIn(ctx, bot), in)
	if err != nil {
		return "", err
	}
	return out.Body.ID, nil
}

// ReadPlan makes the attributes of a plan what they are declared to be, as
// create-broadcast does.
func (a *API) ReadPlan(ctx context.Context, bot *engine.Bot, p *engine.Plan) error {
	return a.readPlan(signedIn(ctx, bot), p)
}

// RecipientsFile is what export-recipients streams: some of a run's people as
// CSV, of the newest run when none is named.
func (a *API) RecipientsFile(ctx context.Context, bot *engine.Bot, broadcastID, runID string, f broadcast.Filter) (func(*bufio.Writer), error) {
	return a.recipientsFile(signedIn(ctx, bot), broadcastID, runID, f)
}

// StoryLines tell in words what became of a delivery, as explain-send does.
func (a *API) StoryLines(ctx context.Context, bot *engine.Bot, s *engine.Story) []string {
	return a.explainer(signedIn(ctx, bot)).Story(s)
}
