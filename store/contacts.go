package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// contactColumns are those of contacts c.
const contactColumns = `c.id, c.bot_id, c.first_name, c.last_name, c.name, c.gender, c.birthday, c.locale, c.language, c.time_zone, c.profile_pic, c.email,
	c.external_id, c.attributes, c.do_not_contact, c.last_seen_at, c.created_at`

// contactPlaces are where the columns of a contact go, whose Attributes are not
// nil.
func contactPlaces(c *engine.Contact) []any {
	return []any{&c.ID, &c.BotID, &c.FirstName, &c.LastName, &c.Name, &c.Gender, &c.Birthday, &c.Locale, &c.Language, &c.TimeZone, &c.ProfilePic, &c.Email,
		&c.ExternalID, fromJSON(&c.Attributes), &c.DoNotContact, moment(&c.LastSeenAt), moment(&c.CreatedAt)}
}

func scanContact(r scanner, c *engine.Contact) error {
	c.Attributes = map[string]any{}
	return r.Scan(contactPlaces(c)...)
}

// Contact returns a contact with attributes, tags and phones; nil when the bot
// does not have it.
func (d *DB) Contact(ctx context.Context, botID string, id int64) (*engine.Contact, error) {
	var out *engine.Contact
	s := new(script)
	readContact(s, botID, id, &out)
	var tags []string
	var phones []engine.Phone
	readTags(s, id, &tags)
	readPhones(s, id, &phones)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read contact %d: %w", id, err)
	}
	if out != nil {
		out.Tags, out.Phones = tags, phones
	}
	return out, nil
}

func readContact(s *script, botID string, id int64, out **engine.Contact) {
	s.query(`SELECT `+contactColumns+` FROM contacts c WHERE c.id = ? AND c.bot_id = ?`, id, botID).each(func(r scanner) error {
		*out = new(engine.Contact)
		return scanContact(r, *out)
	})
}

// ContactByExternalID returns the contact with the owner's own id, the oldest
// where several have it; 0: unknown.
func (d *DB) ContactByExternalID(ctx context.Context, botID, externalID string) (int64, error) {
	if externalID == "" {
		return 0, nil
	}
	var id int64
	s := new(script)
	s.query(`SELECT id FROM contacts WHERE bot_id = ? AND external_id = ? AND external_id <> '' ORDER BY id LIMIT 1`, botID, externalID).one(&id)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("find contact by external id: %w", err)
	}
	return id, nil
}

// likeEscaper keeps % and _ of what people type as they are.
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// ListContacts returns contacts, newest first. search matches names, phone
// digits, e-mail and external id.
func (d *DB) ListContacts(ctx context.Context, botID, search string, p engine.Page) ([]engine.Contact, string, error) {
	before, limit, err := numbered(p)
	if err != nil {
		return nil, "", err
	}
	where, args := `c.bot_id = ?`, []any{botID}
	if before > 0 {
		where += ` AND c.id < ?`
		args = append(args, before)
	}
	if search = strings.TrimSpace(search); search != "" {
		condition, found := searching(botID, search)
		where += " AND (" + condition + ")"
		args = append(args, found...)
	}
	var rows []engine.Contact
	s := new(script)
	s.query(`SELECT `+contactColumns+` FROM contacts c WHERE `+where+` ORDER BY c.id DESC LIMIT ?`, append(args, limit+1)...).each(func(r scanner) error {
		var c engine.Contact
		err := scanContact(r, &c)
		rows = append(rows, c)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list contacts: %w", err)
	}
	rows, next := cut(rows, limit, func(c engine.Contact) string { return fmt.Sprint(c.ID) })
	return rows, next, d.addTagsAndPhones(ctx, rows)
}

// searching is the condition of a search, with its arguments.
func searching(botID, search string) (string, []any) {
	like := "%" + likeEscaper.Replace(flows.FoldLoose(search)) + "%"
	condition := `c.name_key LIKE ? ESCAPE '\' OR c.first_name_key LIKE ? ESCAPE '\' OR c.last_name_key LIKE ? ESCAPE '\' OR c.email_key LIKE ? ESCAPE '\' OR c.external_id = ?`
	args := []any{like, like, like, like, search}
	if digits := phoneDigits(search); len(digits) >= shortestDigits {
		condition += ` OR c.id IN (SELECT p.contact_id FROM contact_phones p WHERE p.bot_id = ? AND p.phone LIKE ?)`
		args = append(args, botID, "%"+digits+"%")
	}
	return condition, args
}

// shortestDigits is how many digits make a search one for a phone number.
const shortestDigits = 3

// phoneDigits is what a search says of a number in international form: its
// digits without the leading zero of the national one; "" when there is more
// than a number in it.
func phoneDigits(s string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("+-. ()", r):
			return -1
		}
		return 'x'
	}, s)
	if strings.Contains(digits, "x") {
		return ""
	}
	return strings.TrimLeft(digits, "0")
}

// readTagsAndPhones adds the reading of what belongs to contacts, all of whom are
// in byID.
func readTagsAndPhones(s *script, in *input, byID map[int64]*engine.Contact) {
	s.with(in, `SELECT ct.contact_id, t.name FROM v JOIN contact_tags ct ON ct.contact_id = v.id JOIN tags t ON t.id = ct.tag_id ORDER BY t.name_key`).each(func(r scanner) error {
		var id int64
		var name string
		err := r.Scan(&id, &name)
		byID[id].Tags = append(byID[id].Tags, name)
		return err
	})
	s.with(in, `SELECT p.contact_id, p.phone, p.raw, p.source FROM v JOIN contact_phones p ON p.contact_id = v.id
		ORDER BY `+phoneRank("p.source")+` DESC, p.added_at DESC, p.phone`).each(func(r scanner) error {
		var id int64
		var p engine.Phone
		err := r.Scan(&id, &p.E164, &p.Raw, &p.Source)
		byID[id].Phones = append(byID[id].Phones, p)
		return err
	})
}

// addTagsAndPhones fills a page of contacts.
func (d *DB) addTagsAndPhones(ctx context.Context, rows []engine.Contact) error {
	if len(rows) == 0 {
		return nil
	}
	byID := map[int64]*engine.Contact{}
	in := newInput("id bigint")
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
		in.add(rows[i].ID)
	}
	s := new(script)
	readTagsAndPhones(s, in, byID)
	if err := d.read(ctx, s); err != nil {
		return fmt.Errorf("read tags and phones: %w", err)
	}
	return nil
}
