package app

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// contactsCommands manage people.
type contactsCommands struct {
	List   contactsList   `cmd:"" help:"List people, the newest first."`
	Show   contactsShow   `cmd:"" help:"Show one person."`
	Create contactsCreate `cmd:"" help:"Add a person."`
	Patch  contactsPatch  `cmd:"" help:"Change attributes and tags of a person."`
	Merge  contactsMerge  `cmd:"" help:"Make two people one: who they both were, everything they said and got."`
	Erase  contactsErase  `cmd:"" help:"Erase a person and all that tells about them."`
	Export contactsExport `cmd:"" help:"Write all people into a CSV or NDJSON file, which the import takes as it is."`
	Import contactsImport `cmd:"" help:"Bring many people from a CSV or NDJSON file. Broken off, the same command goes on."`
}

type contactView struct {
	ID         int64     `json:"id"`
	Name       string    `json:"name"`
	Phone      string    `json:"phone"`
	Language   string    `json:"language"`
	ExternalID string    `json:"external_id"`
	Tags       []string  `json:"tags"`
	LastSeenAt time.Time `json:"last_seen_at"`
	Phones     []struct {
		E164 string `json:"e164"`
	} `json:"phones"`
}

func (c *contactView) phone() string {
	if c.Phone == "" && len(c.Phones) > 0 {
		return c.Phones[0].E164
	}
	return c.Phone
}

type contactsList struct {
	botConnection `embed:""`
	Search        string `arg:"" optional:"" help:"Part of a name, digits of a phone, or an external id."`
	Limit         int    `default:"50" help:"How many at most."`
}

func (c *contactsList) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Limit < 1 || c.Limit > maxItems {
		return exitWith(exitUsage, "--limit must be between 1 and %d", maxItems)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("contacts")
		if c.Search != "" {
			path += "?" + url.Values{"search": {c.Search}}.Encode()
		}
		t := newTable("ID", "NAME", "PHONE", "LANGUAGE", "TAGS", "LAST SEEN")
		return showList(ctx, s.session, path, c.Limit, t, func(v contactView) []string {
			return []string{strconv.FormatInt(v.ID, 10), v.Name, v.phone(), v.Language, strings.Join(v.Tags, ", "), s.moment(v.LastSeenAt)}
		})
	})
}

type contactsShow struct {
	botConnection `embed:""`
	Contact       int64 `arg:"" help:"Its id."`
}

func (c *contactsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("contacts", strconv.FormatInt(c.Contact, 10)))
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.facts(raw) })
	})
}

type contactsCreate struct {
	botConnection `embed:""`
	Name          string            `arg:"" help:"Their name."`
	Phone         string            `help:"Their phone number, national or international."`
	Email         string            `help:"Their e-mail address."`
	ExternalID    string            `name:"external-id" help:"Your own id for them."`
	Language      string            `help:"Their language, as in vi or zh-TW."`
	Set           map[string]string `placeholder:"NAME=VALUE" help:"Attributes."`
	Tag           []string          `help:"Tags."`
}

func (c *contactsCreate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if err := s.declared(ctx, c.Set); err != nil {
			return err
		}
		body := map[string]any{"name": c.Name}
		for name, value := range map[string]string{"phone": c.Phone, "email": c.Email, "external_id": c.ExternalID, "language": c.Language} {
			if value != "" {
				body[name] = value
			}
		}
		if len(c.Set) > 0 {
			body["attributes"] = typed(c.Set)
		}
		if len(c.Tag) > 0 {
			body["tags"] = c.Tag
		}
		raw, err := s.post(ctx, s.path("contacts"), body)
		v, err := decode[contactView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("added %s (%d)", v.Name, v.ID) })
	})
}

type contactsPatch struct {
	botConnection `embed:""`
	Contact       int64             `arg:"" help:"Its id."`
	Set           map[string]string `placeholder:"NAME=VALUE" help:"Attributes to set."`
	Unset         []string          `placeholder:"NAME" help:"Attributes to remove."`
	Tag           []string          `help:"Tags to add."`
	Untag         []string          `help:"Tags to remove."`
}

func (c *contactsPatch) Run(ctx context.Context, p *Process, s *settings) error {
	if len(c.Set)+len(c.Unset)+len(c.Tag)+len(c.Untag) == 0 {
		return exitWith(exitUsage, "say what to change with --set, --unset, --tag or --untag")
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if err := s.declared(ctx, c.Set); err != nil {
			return err
		}
		attributes := typed(c.Set)
		for _, name := range c.Unset {
			attributes[name] = nil
		}
		body := map[string]any{}
		if len(attributes) > 0 {
			body["attributes"] = attributes
		}
		if len(c.Tag) > 0 {
			body["add_tags"] = c.Tag
		}
		if len(c.Untag) > 0 {
			body["remove_tags"] = c.Untag
		}
		id := strconv.FormatInt(c.Contact, 10)
		raw, err := s.call(ctx, "PATCH", s.path("contacts", id), body)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("changed contact %s", id) })
	})
}

// typed reads the values of the command line. The server converts them to the
// declared types.
func typed(given map[string]string) map[string]any {
	out := make(map[string]any, len(given))
	for name, value := range given {
		out[name] = value
	}
	return out
}
