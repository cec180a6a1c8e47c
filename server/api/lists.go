package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/phone"
)

// Limits of lists.
const (
	maxListed   = 20_000    // people named in one call
	maxListFile = 256 << 20 // bytes of a file, which is read as it comes
	maxKeyed    = 32 << 20  // of one whose call has a key: it is read whole, to be known again
	listBatch   = 2_000     // rows in one transaction
)

// listsPath ends the path of the calls that make lists.
const (
	listsPath    = botPath + "/lists"
	listFilePath = "/lists/csv"
)

// Lists are people that were named one by one.
type Lists interface {
	CreateList(ctx context.Context, l engine.PeopleList) error
	List(ctx context.Context, botID, id string) (*engine.PeopleList, error)
	ListLists(ctx context.Context, botID string, p engine.Page) (items []engine.PeopleList, next string, err error)
	ListRefusals(ctx context.Context, botID, id string, p engine.Page) (items []engine.RefusedRow, next string, err error)
	DeleteList(ctx context.Context, botID, id string) error
	// AddToList puts people on a list, some thousand rows at a time.
	AddToList(ctx context.Context, botID, listID string, rows []engine.ListRow) (*engine.ListAdded, error)
}

// listAnswer is people that were named one by one.
type listAnswer struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Rows       int64     `json:"rows" doc:"How many were given."`
	People     int64     `json:"people" doc:"How many people they mean, each once."`
	Duplicates int64     `json:"duplicates" doc:"Rows that mean somebody again."`
	Refused    int64     `json:"refused" doc:"Rows that mean nobody; see …/refused."`
	CreatedAt  time.Time `json:"created_at"`
}

func showPeopleList(l engine.PeopleList) listAnswer {
	return listAnswer{l.ID, l.Name, l.Rows, l.People, l.Duplicates, l.Refused, l.CreatedAt}
}

type refusedAnswer struct {
	Line   int64  `json:"line" doc:"Of what was given, from 1."`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

func showRefused(r engine.RefusedRow) refusedAnswer { return refusedAnswer(r) }

type newList struct {
	InBot
	Body struct {
		Name        string   `json:"name,omitempty" maxLength:"100"`
		Contacts    []int64  `json:"contacts,omitempty" doc:"Contacts' ids."`
		Phones      []string `json:"phones,omitempty" doc:"Phone numbers, also in the bot's national form."`
		ExternalIDs []string `json:"external_ids,omitempty" doc:"Their ids in your own system."`
	}
}

// OneList is the path of one list.
type OneList struct {
	InBot
	List string `path:"list" doc:"The list's id."`
}

type newFileList struct {
	InBot
	Name       string `query:"name" maxLength:"100"`
	Contact    string `query:"contact" doc:"The heading of the column with contacts' ids, where it does not say so."`
	Phone      string `query:"phone" doc:"The heading of the column with phone numbers."`
	ExternalID string `query:"external_id" doc:"The heading of the column with your own ids."`
	stream     io.Reader
}

// Resolve implements huma.Resolver.
func (f *newFileList) Resolve(c huma.Context) []error {
	f.stream = limited(streamOf(c), maxListFile)
	return nil
}

var _ huma.Resolver = (*newFileList)(nil)

// lists registers …/lists.
func (a *API) lists() {
	const tag = "Audiences"
	register(a, post("create-list", listsPath, tag, "Name people one by one", engine.ScopeBroadcasts, http.StatusCreated).
		about(fmt.Sprintf("For the audience of a broadcast, at most %d in one call. Who is unknown is listed with the reason, who is named twice counts once.", maxListed)), a.createList)
	register(a, post("upload-list", botPath+listFilePath, tag, "Name people by a file", engine.ScopeBroadcasts, http.StatusCreated).ofStream("text/csv").
		about(fmt.Sprintf("A CSV of at most %d MB with a column `contact_id`, `external_id` or `phone`; of a row the first of these that is filled says who is meant. A file of one column without a heading is taken for phone numbers. "+
			"A broken row harms no other: it is listed with the reason.", maxListFile>>20)), a.uploadList)
	register(a, get("list-lists", listsPath, tag, "List lists, the newest first", engine.ScopeRead), a.listLists)
	register(a, get("get-list", listsPath+"/{list}", tag, "Get a list", engine.ScopeRead), a.getList)
	register(a, get("list-refused", listsPath+"/{list}/refused", tag, "List the rows of a list that mean nobody", engine.ScopeRead), a.listRefused)
	register(a, remove("delete-list", listsPath+"/{list}", tag, "Forget a list", engine.ScopeBroadcasts).
		about("Refused while a scheduled broadcast or a segment uses it."), a.deleteList)
}

func (a *API) createList(ctx context.Context, in *newList) (*body[listAnswer], error) {
	b := &in.Body
	switch n := len(b.Contacts) + len(b.Phones) + len(b.ExternalIDs); {
	case n == 0:
		return nil, invalid("contacts", "name somebody: contacts, phones or external_ids")
	case n > maxListed:
		return nil, invalid("contacts", fmt.Sprintf("a call names at most %d people; a file may name more", maxListed))
	}
	f, err := a.beginList(ctx, b.Name)
	if err != nil {
		return nil, err
	}
	return f.finish(ctx, func() error {
		line := int64(0)
		add := func(by, text string) error {
			line++
			return f.add(ctx, f.row(line, by, text))
		}
		for _, id := range b.Contacts {
			if err := add(byContact, fmt.Sprint(id)); err != nil {
				return err
			}
		}
		for _, p := range b.Phones {
			if err := add(byPhone, p); err != nil {
				return err
			}
		}
		for _, id := range b.ExternalIDs {
			if err := add(byExternal, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *API) uploadList(ctx context.Context, in *newFileList) (*body[listAnswer], error) {
	file, err := readListFile(in.stream, map[string]string{in.Contact: byContact, in.Phone: byPhone, in.ExternalID: byExternal})
	if err != nil {
		return nil, err
	}
	f, err := a.beginList(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return f.finish(ctx, func() error {
		for line, row := range file.rows {
			r := engine.ListRow{Line: line, Text: row.text, Refused: row.refused}
			if row.refused == "" {
				r = f.row(line, row.by, row.text)
			}
			if err := f.add(ctx, r); err != nil {
				return err
			}
		}
		return file.err
	})
}

// filling is a list that is being made.
type filling struct {
	a    *API
	bot  *engine.Bot
	list engine.PeopleList
	rows []engine.ListRow
}

func (a *API) beginList(ctx context.Context, name string) (*filling, error) {
	f := &filling{a: a, bot: botOf(ctx)}
	f.list = engine.PeopleList{ID: a.NewID(), BotID: f.bot.ID, Name: strings.TrimSpace(name), CreatedAt: a.Now()}
	if utf8.RuneCountInString(f.list.Name) > maxSegmentName {
		return nil, invalid("name", "a name has at most 100 characters")
	}
	return f, a.Store.CreateList(ctx, f.list)
}

// row reads who is meant.
func (f *filling) row(line int64, by, text string) engine.ListRow {
	r := engine.ListRow{Line: line, Text: text}
	switch by {
	case byPhone:
		number, err := phone.Parse(text, f.bot.DefaultRegion)
		if err != nil {
			r.Refused = err.Error()
		}
		r.Phone = number
	case byExternal:
		r.ExternalID = strings.TrimSpace(text)
		if r.ExternalID == "" {
			r.Refused = "the row names nobody"
		}
	default:
		if _, err := fmt.Sscan(text, &r.ContactID); err != nil || r.ContactID <= 0 || fmt.Sprint(r.ContactID) != strings.TrimSpace(text) {
			r.ContactID, r.Refused = 0, "a contact's id is a whole number"
		}
	}
	return r
}

func (f *filling) add(ctx context.Context, r engine.ListRow) error {
	f.rows = append(f.rows, r)
	if len(f.rows) < listBatch {
		return nil
	}
	return f.flush(ctx)
}

func (f *filling) flush(ctx context.Context) error {
	if len(f.rows) == 0 {
		return nil
	}
	_, err := f.a.Store.AddToList(ctx, f.bot.ID, f.list.ID, f.rows)
	f.rows = f.rows[:0]
	return err
}

// finish fills the list and answers it; one that could not be filled is
// forgotten.
func (f *filling) finish(ctx context.Context, fill func() error) (*body[listAnswer], error) {
	err := fill()
	if err == nil {
		err = f.flush(ctx)
	}
	if err != nil {
		_ = f.a.Store.DeleteList(context.WithoutCancel(ctx), f.bot.ID, f.list.ID) // the first error is the one to tell
		return nil, err
	}
	l, err := f.a.Store.List(ctx, f.bot.ID, f.list.ID)
	if err != nil {
		return nil, err
	}
	return answer(showPeopleList(*l), nil)
}

func (a *API) listLists(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[listAnswer]], error) {
	rows, next, err := a.Store.ListLists(ctx, botOf(ctx).ID, in.page())
	return listed(rows, next, err, showPeopleList)
}

func (a *API) getList(ctx context.Context, in *OneList) (*body[listAnswer], error) {
	l, err := a.Store.List(ctx, botOf(ctx).ID, in.List)
	if err != nil {
		return nil, err
	}
	return answer(showPeopleList(*l), nil)
}

func (a *API) listRefused(ctx context.Context, in *struct {
	OneList
	Paging
}) (*body[list[refusedAnswer]], error) {
	if _, err := a.Store.List(ctx, botOf(ctx).ID, in.List); err != nil {
		return nil, err
	}
	rows, next, err := a.Store.ListRefusals(ctx, botOf(ctx).ID, in.List, in.page())
	return listed(rows, next, err, showRefused)
}

func (a *API) deleteList(ctx context.Context, in *OneList) (*none, error) {
	l, err := a.Store.List(ctx, botOf(ctx).ID, in.List)
	if err != nil {
		return nil, err
	}
	if err := a.Broadcasts.Asking().FreeList(ctx, l); err != nil {
		return nil, err
	}
	return nil, a.Store.DeleteList(ctx, l.BotID, l.ID)
}
