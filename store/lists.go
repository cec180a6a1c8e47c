package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/blockcast/blockcast/engine"
)

const listColumns = `id, bot_id, name, rows, people, duplicates, refusals, created_at`

func scanList(r scanner, l *engine.PeopleList) error {
	return r.Scan(&l.ID, &l.BotID, &l.Name, &l.Rows, &l.People, &l.Duplicates, &l.Refused, moment(&l.CreatedAt))
}

// CreateList makes a list without people.
func (d *DB) CreateList(ctx context.Context, l engine.PeopleList) error {
	s := new(script)
	s.exec(`INSERT INTO lists (id, bot_id, name, created_at) VALUES (?, ?, ?, ?)`, l.ID, l.BotID, l.Name, l.CreatedAt)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("create list: %w", err)
	}
	return nil
}

// List returns one of a bot's lists.
func (d *DB) List(ctx context.Context, botID, id string) (*engine.PeopleList, error) {
	var out *engine.PeopleList
	s := new(script)
	s.query(`SELECT `+listColumns+` FROM lists WHERE id = ? AND bot_id = ?`, id, botID).each(func(r scanner) error {
		out = new(engine.PeopleList)
		return scanList(r, out)
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read list %s: %w", id, err)
	}
	if out == nil {
		return nil, unknown("list", id)
	}
	return out, nil
}

// ListLists returns a bot's lists, the newest first.
func (d *DB) ListLists(ctx context.Context, botID string, p engine.Page) ([]engine.PeopleList, string, error) {
	where, args := `bot_id = ?`, []any{botID}
	where, args, err := madeBefore(where, args, p)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(p)
	var rows []engine.PeopleList
	s := new(script)
	s.query(`SELECT `+listColumns+` FROM lists WHERE `+where+` ORDER BY created_at DESC, id LIMIT ?`, append(args, limit+1)...).each(func(r scanner) error {
		var l engine.PeopleList
		err := scanList(r, &l)
		rows = append(rows, l)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list lists: %w", err)
	}
	rows, next := cut(rows, limit, func(l engine.PeopleList) string { return madeCursor(l.CreatedAt, l.ID) })
	return rows, next, nil
}

// ListRefusals returns rows of a list that mean nobody, in their order.
func (d *DB) ListRefusals(ctx context.Context, botID, id string, p engine.Page) ([]engine.RefusedRow, string, error) {
	var after int64 = -1
	if p.Cursor != "" {
		var err error
		if after, err = strconv.ParseInt(p.Cursor, 10, 64); err != nil {
			return nil, "", badCursor()
		}
	}
	limit := pageLimit(p)
	var rows []engine.RefusedRow
	s := new(script)
	s.query(`SELECT r.line, r.value, r.reason FROM list_refusals r JOIN lists l ON l.id = r.list_id WHERE r.list_id = ? AND l.bot_id = ? AND r.line > ? ORDER BY r.line LIMIT ?`,
		id, botID, after, limit+1).each(func(r scanner) error {
		var row engine.RefusedRow
		err := r.Scan(&row.Line, &row.Text, &row.Reason)
		rows = append(rows, row)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("read refusals of list %s: %w", id, err)
	}
	rows, next := cut(rows, limit, func(r engine.RefusedRow) string { return fmt.Sprint(r.Line) })
	return rows, next, nil
}

// DeleteList forgets a list and who was on it.
func (d *DB) DeleteList(ctx context.Context, botID, id string) error {
	s := new(script)
	s.exec(`DELETE FROM lists WHERE id = ? AND bot_id = ?`, id, botID).must(unknown("list", id))
	s.exec(`DELETE FROM list_people WHERE list_id = ?`, id)
	s.exec(`DELETE FROM list_refusals WHERE list_id = ?`, id)
	return asIs("delete list", d.write(ctx, s))
}

// Reasons why a row of a list means nobody.
const (
	nobodyKnown = "nobody with this %s is known"
	severalMean = "several people have this %s: name them by their contact ids"
)

// AddToList puts people on a list and notes the rows that mean nobody, in one
// transaction: a few thousand rows at a time.
//
// Input: rows, each with one of a contact's id, a number in E.164 and an
// external id, or a refusal already found. A number that was only typed counts
// when nobody has it by more.
// Output: who is new on the list, how many were on it, and the refusals.
func (d *DB) AddToList(ctx context.Context, botID, listID string, rows []engine.ListRow) (*engine.ListAdded, error) {
	out := &engine.ListAdded{Rows: int64(len(rows))}
	err := d.transact(ctx, func(t transaction) error {
		*out = engine.ListAdded{Rows: int64(len(rows))}
		found, refused, err := d.matchRows(ctx, t, botID, rows)
		if err != nil {
			return err
		}
		out.Refused = refused
		in := newInput("contact_id bigint")
		matched := int64(0)
		once := map[int64]bool{}
		for _, id := range found {
			matched++
			if !once[id] {
				once[id] = true
				in.add(id)
			}
		}
		s := new(script)
		s.query(`SELECT 1 FROM lists WHERE id = ? AND bot_id = ?`, listID, botID).each(func(scanner) error { return nil }).must(unknown("list", listID))
		if !in.empty() {
			s.with(in, `INSERT INTO list_people (list_id, contact_id) SELECT ?, contact_id FROM v WHERE true ORDER BY contact_id ON CONFLICT DO NOTHING`, listID).affected(&out.People)
		}
		if err := t.run(ctx, s); err != nil {
			return err
		}
		out.Duplicates = matched - out.People
		s = new(script)
		if len(refused) > 0 {
			r := newInput("line bigint", "value text", "reason text")
			for _, row := range refused {
				r.add(row.Line, row.Text, row.Reason)
			}
			s.with(r, `INSERT INTO list_refusals (list_id, line, value, reason) SELECT ?, line, value, reason FROM v WHERE true ON CONFLICT DO NOTHING`, listID)
		}
		s.exec(`UPDATE lists SET rows = rows + ?, people = people + ?, duplicates = duplicates + ?, refusals = refusals + ? WHERE id = ?`,
			out.Rows, out.People, out.Duplicates, len(refused), listID)
		return t.commit(ctx, s)
	})
	var told *engine.Error
	switch {
	case errors.As(err, &told):
		return nil, told
	case err != nil:
		return nil, fmt.Errorf("add to list %s: %w", listID, err)
	}
	return out, nil
}

// matchRows finds whom rows mean, and which mean nobody.
func (d *DB) matchRows(ctx context.Context, t transaction, botID string, rows []engine.ListRow) (found []int64, refused []engine.RefusedRow, err error) {
	meant, err := d.readMeant(ctx, t, botID, rows)
	if err != nil {
		return nil, nil, err
	}
	for i, r := range rows {
		reason := r.Refused
		switch {
		case reason != "":
		case len(meant[i]) == 0:
			reason = fmt.Sprintf(nobodyKnown, r.By())
		case len(meant[i]) > 1:
			reason = fmt.Sprintf(severalMean, r.By())
		default:
			found = append(found, meant[i][0])
			continue
		}
		refused = append(refused, engine.RefusedRow{Line: r.Line, Text: r.Text, Reason: reason})
	}
	return found, refused, nil
}

// readMeant reads whom each row means: nobody, one person or several. Nothing
// is asked of a row that was refused before. CROSS JOIN holds SQLite to looking
// each row up: otherwise it takes the rows apart once for each person of the
// bot.
func (d *DB) readMeant(ctx context.Context, t transaction, botID string, rows []engine.ListRow) ([][]int64, error) {
	ids, phones, own := newInput("place bigint", "id bigint"), newInput("place bigint", "phone text"), newInput("place bigint", "external_id text")
	for i, r := range rows {
		switch {
		case r.Refused != "":
		case r.ContactID != 0:
			ids.add(i, r.ContactID)
		case r.Phone != "":
			phones.add(i, r.Phone)
		case r.ExternalID != "":
			own.add(i, r.ExternalID)
		}
	}
	meant, surely := make([][]int64, len(rows)), map[int]bool{}
	read := func(r scanner) error {
		var place int
		var id int64
		err := r.Scan(&place, &id)
		meant[place] = append(meant[place], id)
		return err
	}
	s := new(script)
	if !ids.empty() {
		s.with(ids, `SELECT v.place, c.id FROM v CROSS JOIN contacts c WHERE c.id = v.id AND c.bot_id = ? AND c.merged_into = 0`, botID).each(read)
	}
	if !own.empty() {
		s.with(own, `SELECT v.place, c.id FROM v CROSS JOIN contacts c WHERE c.bot_id = ? AND c.external_id = v.external_id AND c.external_id <> '' AND c.merged_into = 0`, botID).each(read)
	}
	if !phones.empty() {
		// Who claims it by more than typing comes first; the others claim nothing then.
		s.with(phones, `SELECT v.place, p.contact_id, CASE WHEN p.source = 'typed' THEN 1 ELSE 0 END AS typed
				FROM v CROSS JOIN contact_phones p CROSS JOIN contacts c
				WHERE p.bot_id = ? AND p.phone = v.phone AND c.id = p.contact_id AND c.merged_into = 0
			ORDER BY typed`, botID).each(func(r scanner) error {
			var place, typed int
			var id int64
			err := r.Scan(&place, &id, &typed)
			if typed == 0 || !surely[place] {
				meant[place] = append(meant[place], id)
				surely[place] = surely[place] || typed == 0
			}
			return err
		})
	}
	if len(s.statements) == 0 {
		return meant, nil
	}
	return meant, t.run(ctx, s)
}
