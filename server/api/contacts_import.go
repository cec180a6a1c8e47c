package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
)

// Limits of one call of an import. Larger files come in several.
const (
	maxImportBody = 16 << 20
	maxImportRows = 10_000
	importBatch   = 500 // rows in one transaction
	maxImportTags = 200 // of a row
	maxFactLength = 2000
	maxOwnID      = 200
)

// importPath ends the path of the calls that import.
const importPath = "/contacts/import"

// importedRow is a person as a line of an import has them.
type importedRow struct {
	Facts
	Account    string                     `json:"account,omitempty" doc:"An account's id, the platform's id of it or its name; needless where the bot has one only. With user."`
	User       string                     `json:"user,omitempty" doc:"The platform's id of the person there."`
	Tags       []string                   `json:"tags,omitempty" doc:"Added to those they have."`
	Attributes map[string]json.RawMessage `json:"attributes,omitempty" doc:"Set; null and what is left out stay as they are."`

	// What an export tells besides.
	Phones       []rowPhone      `json:"phones,omitempty"`
	Identities   []rowIdentity   `json:"identities,omitempty"`
	DoNotContact *bool           `json:"do_not_contact,omitempty"`
	ID           json.RawMessage `json:"id,omitempty"` // of where it was exported; not read, as the times
	CreatedAt    json.RawMessage `json:"created_at,omitempty"`
	LastSeenAt   json.RawMessage `json:"last_seen_at,omitempty"`
}

// rowPhone is one number of a person. One that was only typed stays no more
// than that.
type rowPhone struct {
	E164   string             `json:"e164"`
	Raw    string             `json:"raw,omitempty"`
	Source engine.PhoneSource `json:"source,omitempty"`
}

// rowIdentity is one address of a person.
type rowIdentity struct {
	Account    string          `json:"account"`
	Channel    string          `json:"channel,omitempty"` // not read, as what follows consent
	User       string          `json:"user"`
	Subscribed *bool           `json:"subscribed,omitempty"`
	BlockedAt  json.RawMessage `json:"blocked_at,omitempty"`
	LastHeard  json.RawMessage `json:"last_inbound_at,omitempty"`
}

type importAnswer struct {
	Rows    int          `json:"rows"`
	Created int          `json:"created"`
	Updated int          `json:"updated"`
	Refused int          `json:"refused"`
	Results []rowOutcome `json:"results" doc:"One for each row, in their order."`
}

// rowOutcome is what became of a row.
type rowOutcome struct {
	Line      int      `json:"line" doc:"Of the body, the first is 1."`
	Status    string   `json:"status" enum:"created,updated,refused"`
	ContactID int64    `json:"contact_id,omitempty"`
	Field     string   `json:"field,omitempty" doc:"What is wrong with a refused row."`
	Message   string   `json:"message,omitempty" doc:"Why it is refused."`
	Warnings  []string `json:"warnings,omitempty"`
}

type importing struct {
	InBot
	RawBody []byte `contentType:"application/x-ndjson" doc:"One person a line, as JSON."`
}

// contactsImport registers …/contacts/import.
func (a *API) contactsImport() {
	register(a, post("import-contacts", botPath+importPath, "Contacts", "Take in many people, one JSON object a line", engine.ScopeContacts, http.StatusOK).
		ofDocument().about(fmt.Sprintf("A person is recognised by `external_id`, else by `account` and `user`, else by `phone`; who is not is added. "+
		"A row has the fields of a contact, and `account`, `user`, `tags` and `attributes`; or is one of an export, with `phones`, `identities` and `do_not_contact`. What it says is added to what is known: the same file may come twice. "+
		"A row that is refused harms no other. At most %d rows and %d MB a call; every %d are one transaction.", maxImportRows, maxImportBody>>20, importBatch)), a.importContacts)
}

func (a *API) importContacts(ctx context.Context, in *importing) (*body[importAnswer], error) {
	if lines := bytes.Count(in.RawBody, []byte("\n")); lines > maxImportRows {
		return nil, problem.New(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d lines: send the rest in another call", maxImportRows))
	}
	accounts, err := a.Store.Accounts(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	b := &importBatches{a: a, accounts: accounts, out: importAnswer{Results: []rowOutcome{}}}
	line := 0
	for text := range bytes.Lines(channels.CleanJSON(in.RawBody)) {
		line++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if err := b.add(ctx, line, text); err != nil {
			return nil, err
		}
	}
	return answer(b.out, b.flush(ctx))
}

// importBatches collects rows and stores them batch by batch.
type importBatches struct {
	a        *API
	accounts []engine.Account
	out      importAnswer

	rows   []engine.ImportRow
	places []int // of rows, in out.Results
}

// add reads a line; errors are ours, never the row's.
func (b *importBatches) add(ctx context.Context, line int, text []byte) error {
	b.out.Rows++
	b.out.Results = append(b.out.Results, rowOutcome{Line: line})
	r := &b.out.Results[len(b.out.Results)-1]
	row, warnings, err := b.read(ctx, text)
	var mistake *engine.Error
	switch {
	case errors.As(err, &mistake):
		b.refuse(r, mistake)
		return nil
	case err != nil:
		return err
	}
	r.Warnings = warnings
	b.rows, b.places = append(b.rows, *row), append(b.places, len(b.out.Results)-1)
	if len(b.rows) < importBatch {
		return nil
	}
	return b.flush(ctx)
}

func (b *importBatches) refuse(r *rowOutcome, e *engine.Error) {
	b.out.Refused++
	r.Status, r.Field, r.Message = "refused", e.Field, e.Message
}

// flush stores what is collected.
func (b *importBatches) flush(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	got, err := b.a.Store.ImportContacts(ctx, botOf(ctx).ID, b.rows, b.a.Now())
	if err != nil {
		return err
	}
	for i, g := range got {
		r := &b.out.Results[b.places[i]]
		switch {
		case g.Refused != nil:
			b.refuse(r, g.Refused)
			continue
		case g.Created:
			r.Status = "created"
			b.out.Created++
		default:
			r.Status = "updated"
			b.out.Updated++
		}
		r.ContactID = g.ContactID
	}
	b.rows, b.places = b.rows[:0], b.places[:0]
	return nil
}

// read makes a row of a line.
func (b *importBatches) read(ctx context.Context, text []byte) (*engine.ImportRow, []string, error) {
	row, err := decodeRow(text)
	if err != nil {
		return nil, nil, err
	}
	if err := row.check(); err != nil {
		return nil, nil, err
	}
	given, _, err := readValues(row.Attributes)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range row.given() {
		if value != "" {
			given[name] = value
		}
	}
	d, warnings, err := b.a.Outbox.ReadAttributes(ctx, botOf(ctx), given)
	if err != nil {
		return nil, nil, err
	}
	d.AddTags = row.Tags
	out := &engine.ImportRow{User: strings.TrimSpace(row.User), Deltas: d, DoNotContact: row.DoNotContact}
	out.ExternalID = factText(d.Facts["external_id"])
	for i := range d.Phones {
		d.Phones[i].Source = engine.PhoneImport
		out.Phone = d.Phones[i].E164
	}
	if err := b.readPhones(ctx, row, out); err != nil {
		return nil, nil, err
	}
	if out.User != "" {
		if out.AccountID, err = b.account(strings.TrimSpace(row.Account)); err != nil {
			return nil, nil, err
		}
	}
	for n, i := range row.Identities {
		account, err := b.account(strings.TrimSpace(i.Account))
		if err != nil {
			return nil, nil, err
		}
		if i.User == "" {
			return nil, nil, invalid(fmt.Sprintf("identities[%d].user", n), "an identity needs the platform's id of the person")
		}
		out.Identities = append(out.Identities, engine.ImportIdentity{AccountID: account, User: strings.TrimSpace(i.User), Subscribed: i.Subscribed})
	}
	if out.ExternalID == "" && out.User == "" && out.Phone == "" && len(out.Identities) == 0 {
		return nil, nil, invalid("", "nothing says who this is: give external_id, account and user, or phone")
	}
	return out, warnings, nil
}

// readPhones reads the numbers of an exported person. The first that is more
// than typed may say who they are.
func (b *importBatches) readPhones(ctx context.Context, row *importedRow, out *engine.ImportRow) error {
	for n, p := range row.Phones {
		d, _, err := b.a.Outbox.ReadAttributes(ctx, botOf(ctx), map[string]any{"phone": p.E164})
		if err != nil {
			var mistake *engine.Error
			if errors.As(err, &mistake) {
				return invalid(fmt.Sprintf("phones[%d]", n), mistake.Message)
			}
			return err
		}
		for _, read := range d.Phones {
			read.Source, read.Raw = engine.PhoneImport, cmp.Or(p.Raw, p.E164)
			if p.Source == engine.PhoneTyped {
				read.Source = engine.PhoneTyped
			} else if out.Phone == "" {
				out.Phone = read.E164
			}
			if !slices.ContainsFunc(out.Deltas.Phones, func(has engine.Phone) bool { return has.E164 == read.E164 }) {
				out.Deltas.Phones = append(out.Deltas.Phones, read)
			}
		}
	}
	return nil
}

// decodeRow reads a line without guessing: a field it does not know is refused,
// because a mistyped one would be lost for all rows.
func decodeRow(text []byte) (*importedRow, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	row := new(importedRow)
	if err := d.Decode(row); err != nil {
		return nil, rowError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("", "there is more than one JSON value in the line")
	}
	return row, nil
}

func rowError(err error) error {
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		if typ.Field == "" {
			return invalid("", "the line is no JSON object")
		}
		return invalid(strings.TrimPrefix(typ.Field, "Facts."), "this must be "+wanted(typ.Type.Kind())+", not a "+typ.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return invalid(name, "a contact has no such field: put it into attributes")
	}
	return invalid("", "the line "+problem.NotJSON(err))
}

// wanted is what a field of a row takes.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Slice:
		return "a list of texts"
	case reflect.Map:
		return "an object"
	}
	return "a text"
}

// check refuses what is too long to be meant.
func (r *importedRow) check() error {
	for name, v := range r.given() {
		most := maxFactLength
		if name == "external_id" {
			most = maxOwnID
		}
		if text, _ := v.(string); utf8.RuneCountInString(text) > most {
			return invalid(name, fmt.Sprintf("this has more than %d characters", most))
		}
	}
	if utf8.RuneCountInString(r.User) > maxOwnID {
		return invalid("user", fmt.Sprintf("this has more than %d characters", maxOwnID))
	}
	if len(r.Phones) > maxImportTags || len(r.Identities) > maxImportTags {
		return invalid("", fmt.Sprintf("a person has at most %d phones and identities", maxImportTags))
	}
	if len(r.Tags) > maxImportTags {
		return invalid("tags", fmt.Sprintf("there are more than %d tags", maxImportTags))
	}
	for _, t := range r.Tags {
		if len(t) > blocks.MaxTagName {
			return invalid("tags", fmt.Sprintf("a tag's name has at most %d bytes", blocks.MaxTagName))
		}
	}
	return nil
}

// account finds the account a row names, or the only one there is.
func (b *importBatches) account(named string) (string, error) {
	var open []string
	for _, a := range b.accounts {
		if a.State == engine.AccountDisconnected {
			continue
		}
		if named != "" && (named == a.ID || named == a.ExternalID || strings.EqualFold(named, a.Name)) {
			return a.ID, nil
		}
		open = append(open, a.ID)
	}
	switch {
	case named != "":
		return "", unknown("account", fmt.Sprintf("the bot has no account %q", named))
	case len(open) == 1:
		return open[0], nil
	case len(open) == 0:
		return "", unknown("account", "the bot has no account for the user")
	}
	return "", invalid("account", "the bot has several accounts: say whose user this is")
}
