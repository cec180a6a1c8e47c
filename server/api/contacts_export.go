package api

import (
	"bufio"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/sheet"
)

// exportedRow is a person of an export. An import takes it as it is.
type exportedRow struct {
	ID           int64            `json:"id"`
	ExternalID   string           `json:"external_id,omitempty"`
	Name         string           `json:"name,omitempty"`
	FirstName    string           `json:"first_name,omitempty"`
	LastName     string           `json:"last_name,omitempty"`
	Gender       string           `json:"gender,omitempty"`
	Birthday     string           `json:"birthday,omitempty"`
	Locale       string           `json:"locale,omitempty"`
	Language     string           `json:"language,omitempty"`
	TimeZone     string           `json:"time_zone,omitempty"`
	ProfilePic   string           `json:"profile_pic,omitempty"`
	Email        string           `json:"email,omitempty"`
	Phones       []phoneAnswer    `json:"phones,omitempty"`
	Tags         []string         `json:"tags,omitempty"`
	Attributes   map[string]any   `json:"attributes,omitempty"`
	DoNotContact bool             `json:"do_not_contact"`
	Identities   []exportIdentity `json:"identities,omitempty"`
	CreatedAt    time.Time        `json:"created_at"`
	LastSeenAt   *time.Time       `json:"last_seen_at,omitempty"`
}

// exportIdentity is a person's address. The account is told by the platform's
// id of it, which another installation knows too.
type exportIdentity struct {
	Account       string     `json:"account"`
	Channel       string     `json:"channel"`
	User          string     `json:"user"`
	Subscribed    *bool      `json:"subscribed,omitempty"`
	BlockedAt     *time.Time `json:"blocked_at,omitempty"`
	LastInboundAt *time.Time `json:"last_inbound_at,omitempty"`
}

type exporting struct {
	InBot
	Format string `query:"format" enum:"ndjson,csv" default:"ndjson" doc:"NDJSON has one person a line; CSV a header with a column for every attribute."`
}

// exportPath ends the path of the call.
const exportPath = "/contacts/export"

// contactsExport registers …/contacts/export, before …/contacts/{contact}, which
// would take the word for an id.
func (a *API) contactsExport() {
	register(a, get("export-contacts", botPath+exportPath, "Contacts", "All people, the newest first, as NDJSON or CSV", engine.ScopeRead).
		about("Streamed, with all that is known of each: attributes, tags, phones, consent and accounts. The import takes both as they are, here or on another installation. "+
			"People who come while it runs are not in it. "+
			"In CSV a cell that a spreadsheet would take for a formula has a ' in front, which the import takes away again. Should it break off, its last line says so, and is none that the import takes."), a.exportContacts)
}

func (a *API) exportContacts(ctx context.Context, in *exporting) (*huma.StreamResponse, error) {
	e := &peopleFile{a: a, bot: botOf(ctx), accounts: map[string]engine.Account{}}
	accounts, err := a.Store.Accounts(ctx, e.bot.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range accounts {
		e.accounts[v.ID] = v
	}
	write, kind := e.ndjson, "application/x-ndjson"
	if in.Format == "csv" {
		write, kind = e.csv, "text/csv; charset=utf-8"
		if e.attributes, err = a.Store.AttributeNames(ctx, e.bot.ID); err != nil {
			return nil, err
		}
	}
	return file("contacts."+in.Format, kind, a.export(ctx, write)), nil
}

// peopleFile writes the people of a bot.
type peopleFile struct {
	a          *API
	bot        *engine.Bot
	accounts   map[string]engine.Account
	attributes []string // the columns of a CSV
}

// each reads everybody, page by page, and flushes after each.
func (e *peopleFile) each(ctx context.Context, w *bufio.Writer, write func(*exportedRow) error, flush func() error) error {
	for page := (engine.Page{Limit: exportPage}); ; {
		people, next, err := e.a.Store.ListContacts(ctx, e.bot.ID, "", page)
		if err != nil {
			return err
		}
		ids := make([]int64, len(people))
		for i, c := range people {
			ids[i] = c.ID
		}
		identities, err := e.a.Store.IdentitiesOf(ctx, e.bot.ID, ids)
		if err != nil {
			return err
		}
		of := map[int64][]engine.Identity{}
		for _, i := range identities {
			of[i.ContactID] = append(of[i.ContactID], i)
		}
		for i := range people {
			if err := write(e.row(&people[i], of[people[i].ID])); err != nil {
				return err
			}
		}
		if err := flush(); err != nil {
			return err
		}
		if err := flushed(w); err != nil {
			return err
		}
		if page.Cursor = next; next == "" {
			return nil
		}
	}
}

func (e *peopleFile) row(c *engine.Contact, identities []engine.Identity) *exportedRow {
	out := &exportedRow{ID: c.ID, ExternalID: c.ExternalID, Name: c.Name, FirstName: c.FirstName, LastName: c.LastName, Gender: c.Gender, Birthday: c.Birthday,
		Locale: c.Locale, Language: c.Language, TimeZone: c.TimeZone, ProfilePic: c.ProfilePic, Email: c.Email, Tags: c.Tags, Attributes: c.Attributes,
		DoNotContact: c.DoNotContact, CreatedAt: c.CreatedAt, LastSeenAt: at(c.LastSeenAt)}
	for _, p := range c.Phones {
		out.Phones = append(out.Phones, phoneAnswer(p))
	}
	for _, i := range identities {
		account := e.accounts[i.AccountID]
		x := exportIdentity{Account: account.ExternalID, Channel: account.Channel, User: i.ExternalID, BlockedAt: at(i.BlockedAt), LastInboundAt: at(i.LastInboundAt)}
		if agreed := !i.SubscribedAt.IsZero(); agreed || !i.UnsubscribedAt.IsZero() {
			x.Subscribed = &agreed
		}
		out.Identities = append(out.Identities, x)
	}
	return out
}

func (e *peopleFile) ndjson(ctx context.Context, w *bufio.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return e.each(ctx, w, func(r *exportedRow) error { return enc.Encode(r) }, func() error { return nil })
}

// exportColumns are those of a CSV before the attributes'.
var exportColumns = [...]string{"id", "external_id", "name", "first_name", "last_name", "gender", "birthday", "locale", "language", "time_zone", "profile_pic", "email",
	"phones", "tags", "do_not_contact", "identities", "created_at", "last_seen_at"}

func (e *peopleFile) csv(ctx context.Context, w *bufio.Writer) error {
	out := sheet.NewWriter(w)
	header := slices.Clone(exportColumns[:])
	for _, name := range e.attributes {
		header = append(header, "attributes."+name)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	return e.each(ctx, w, func(r *exportedRow) error { return out.Write(e.cells(r)) }, func() error {
		out.Flush()
		return out.Error()
	})
}

// cells are a person's; what is a list of several things is JSON in one cell.
func (e *peopleFile) cells(r *exportedRow) []string {
	seen := ""
	if r.LastSeenAt != nil {
		seen = r.LastSeenAt.Format(time.RFC3339)
	}
	out := []string{strconv.FormatInt(r.ID, 10), r.ExternalID, r.Name, r.FirstName, r.LastName, r.Gender, r.Birthday, r.Locale, r.Language, r.TimeZone, r.ProfilePic, r.Email,
		listCell(len(r.Phones), r.Phones), tagsCell(r.Tags), strconv.FormatBool(r.DoNotContact), listCell(len(r.Identities), r.Identities), r.CreatedAt.Format(time.RFC3339), seen}
	for _, name := range e.attributes {
		v, ok := r.Attributes[name]
		if !ok {
			out = append(out, "")
			continue
		}
		out = append(out, valueText(v))
	}
	return out
}

func listCell(n int, list any) string {
	if n == 0 {
		return ""
	}
	return valueText(list)
}

// tagsCell joins tags with commas, as JSON where one holds a sign that parts
// them.
func tagsCell(tags []string) string {
	if slices.ContainsFunc(tags, func(t string) bool { return strings.ContainsAny(t, ",;|[") }) {
		return valueText(tags)
	}
	return strings.Join(tags, ",")
}
