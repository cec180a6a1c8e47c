package api

import (
	"context"

	"github.com/blockcast/blockcast/engine"
)

// MaxListFile is how many bytes a file of people may have.
const MaxListFile = maxListBody

// ListOfFile makes a list of a bot's people from a CSV file, as upload-list
// does, for pages that are given files. *engine.Error says what is wrong with
// the file as a whole; rows that mean nobody are in the list's refusals.
func (a *API) ListOfFile(ctx context.Context, bot *engine.Bot, name string, file []byte) (*engine.PeopleList, error) {
	ctx = context.WithValue(ctx, callerKey{}, caller{bot: bot})
	out, err := a.uploadList(ctx, &newFileList{Name: name, RawBody: file})
	if err != nil {
		return nil, err
	}
	return a.Store.List(ctx, bot.ID, out.Body.ID)
}
