package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// change is what is to become of one contact, and of one identity of it where
// consent or conversation change.
type change struct {
	bot      string
	contact  int64
	identity int64
	deltas   *engine.Deltas
}

// apply adds to s what the changes come to, one statement a table whatever
// their number. Changes of one contact are folded, the later over the earlier.
// Tags alone need a round trip of t before. A contact of another bot is left
// as it is.
func (d *DB) apply(ctx context.Context, t transaction, s *script, changes []change, now time.Time) error {
	changes = slices.DeleteFunc(slices.Clone(changes), func(c change) bool { return c.deltas.Empty() })
	if len(changes) == 0 {
		return nil
	}
	byContact := foldContacts(changes)
	if err := d.applyTags(ctx, t, s, byContact, now); err != nil {
		return err
	}
	ids := slices.Sorted(maps.Keys(byContact))
	if len(ids) > 1 {
		d.lock(s, "contacts", ids)
	}
	if err := d.applyAttributes(s, ids, byContact); err != nil {
		return err
	}
	applyFacts(s, ids, byContact)
	applyPhones(s, ids, byContact, now)
	applyToIdentities(s, changes, now)
	return applyBotValues(s, changes)
}

// common reports whether deltas write rows that other people's do too: tags with
// their counts, and what a bot's people share. In transactions of many people
// such rows would be taken in any order, and two of those wait for each other.
func common(d *engine.Deltas) bool { return d.ChangesTags() || d != nil && len(d.Bot) > 0 }

// contactChange is all that changes about one contact.
type contactChange struct {
	bot    string
	set    map[string]any // nil values unset
	facts  map[string]string
	tags   map[string]tagChange // by key
	phones map[string]engine.Phone
}

func foldContacts(changes []change) map[int64]*contactChange {
	out := map[int64]*contactChange{}
	for _, c := range changes {
		to := out[c.contact]
		if to == nil {
			to = &contactChange{bot: c.bot, set: map[string]any{}, facts: map[string]string{}, tags: map[string]tagChange{}, phones: map[string]engine.Phone{}}
			out[c.contact] = to
		}
		to.fold(c.deltas)
	}
	return out
}

func (to *contactChange) fold(d *engine.Deltas) {
	maps.Copy(to.set, d.Set)
	for _, name := range d.Unset {
		to.set[name] = nil
	}
	for name, v := range d.Facts {
		if slices.Contains(factColumns[:], name) {
			to.facts[name] = factText(v)
		}
	}
	for _, name := range d.DropTags {
		to.tag(name, true)
	}
	for _, name := range d.AddTags {
		to.tag(name, false)
	}
	for _, p := range d.Phones {
		if p.E164 == "" {
			continue
		}
		if has, ok := to.phones[p.E164]; !ok || p.Source.Rank() >= has.Source.Rank() {
			to.phones[p.E164] = p
		}
	}
}

// applyAttributes merges by key: a set key replaces that key and no other.
func (d *DB) applyAttributes(s *script, ids []int64, changes map[int64]*contactChange) error {
	in := newInput("id bigint", "bot_id text", "added jsonb", "dropped jsonb")
	for _, id := range ids {
		c := changes[id]
		if len(c.set) == 0 {
			continue
		}
		added, dropped := map[string]any{}, []string{}
		for name, v := range c.set {
			if v == nil {
				dropped = append(dropped, name)
				continue
			}
			added[name] = v
		}
		a, err := toJSON(added)
		if err != nil {
			return fmt.Errorf("attributes of contact %d: %w", id, err)
		}
		b, err := toJSON(dropped)
		if err != nil {
			return fmt.Errorf("attributes of contact %d: %w", id, err)
		}
		in.add(id, c.bot, a, b)
	}
	if !in.empty() {
		s.with(in, `UPDATE contacts SET attributes = `+d.merged("contacts.attributes", "v.added", "v.dropped")+`
			FROM v WHERE contacts.id = v.id AND contacts.bot_id = v.bot_id`)
	}
	return nil
}

// merged is the JSON object column with the keys of added replaced and those
// listed in dropped gone.
//
// SQLite's json_patch would merge inside nested objects and lose nulls, so the
// object is put together anew from both, every value as the JSON it is.
func (d *DB) merged(column, added, dropped string) string {
	if d.postgres {
		return fmt.Sprintf("(%s - ARRAY(SELECT jsonb_array_elements_text(%s))) || %s", column, dropped, added)
	}
	return fmt.Sprintf(`(SELECT json_group_object(key, json(CASE type WHEN 'text' THEN json_quote(value)
			WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE COALESCE(value, 'null') END))
		FROM (SELECT key, value, type FROM json_each(%[1]s)
				WHERE key NOT IN (SELECT value FROM json_each(%[3]s)) AND key NOT IN (SELECT key FROM json_each(%[2]s))
			UNION ALL SELECT key, value, type FROM json_each(%[2]s)))`, column, added, dropped)
}

// factColumns are the contact's own columns that deltas may write.
var factColumns = [...]string{"first_name", "last_name", "name", "gender", "birthday", "locale", "language", "time_zone", "profile_pic", "email", "external_id"}

// keyColumns are the facts that are searched, folded and without accents, so
// that "tran" finds Trần.
var keyColumns = [...]string{"first_name", "last_name", "name", "email"}

// applyFacts writes the contact's own columns; what is not named stays.
func applyFacts(s *script, ids []int64, changes map[int64]*contactChange) {
	columns := []string{"id bigint", "bot_id text"}
	var sets []string
	set := func(column string) {
		columns = append(columns, column+" text")
		sets = append(sets, fmt.Sprintf("%[1]s = COALESCE(v.%[1]s, contacts.%[1]s)", column))
	}
	for _, name := range factColumns {
		set(name)
	}
	for _, name := range keyColumns {
		set(name + "_key")
	}
	in := newInput(columns...)
	for _, id := range ids {
		c := changes[id]
		if len(c.facts) == 0 {
			continue
		}
		row := []any{id, c.bot}
		for _, name := range factColumns {
			row = append(row, given(c.facts, name, func(s string) string { return s }))
		}
		for _, name := range keyColumns {
			row = append(row, given(c.facts, name, flows.FoldLoose))
		}
		in.add(row...)
	}
	if !in.empty() {
		s.with(in, `UPDATE contacts SET `+strings.Join(sets, ", ")+` FROM v WHERE contacts.id = v.id AND contacts.bot_id = v.bot_id`)
	}
}

func given(facts map[string]string, name string, as func(string) string) any {
	v, ok := facts[name]
	if !ok {
		return nil
	}
	return as(v)
}

// factText is a fact as it is kept; nil empties it.
func factText(v any) string {
	switch f := v.(type) {
	case nil:
		return ""
	case string:
		return f
	case time.Time:
		return f.Format(time.DateOnly)
	}
	return fmt.Sprint(v)
}

// applyToIdentities writes consent and conversation.
func applyToIdentities(s *script, changes []change, now time.Time) {
	const withdraw, consent = 1, 2 // 0 leaves it
	type row struct {
		consent  int
		handover *engine.Handover
	}
	rows := map[int64]*row{}
	for _, c := range changes {
		if c.identity == 0 || c.deltas.Subscribe == nil && c.deltas.Handover == nil {
			continue
		}
		r := rows[c.identity]
		if r == nil {
			r = new(row)
			rows[c.identity] = r
		}
		if to := c.deltas.Subscribe; to != nil {
			r.consent = withdraw
			if *to {
				r.consent = consent
			}
		}
		if c.deltas.Handover != nil {
			r.handover = c.deltas.Handover
		}
	}
	in := newInput("id bigint", "consent bigint", "moved boolean", "conversation text", "until timestamptz", "note text", "now timestamptz")
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		r, h := rows[id], engine.Handover{}
		if r.handover != nil {
			h = *r.handover
		}
		if h.State == engine.ConversationBot {
			h.Until, h.Note = time.Time{}, ""
		}
		in.add(id, r.consent, r.handover != nil, h.State, h.Until, h.Note, now)
	}
	if in.empty() {
		return
	}
	s.with(in, fmt.Sprintf(`UPDATE identities SET
		subscribed_at = CASE v.consent WHEN %[1]d THEN COALESCE(subscribed_at, v.now) WHEN %[2]d THEN NULL ELSE subscribed_at END,
		unsubscribed_at = CASE v.consent WHEN %[1]d THEN NULL WHEN %[2]d THEN v.now ELSE unsubscribed_at END,
		conversation = CASE WHEN v.moved THEN v.conversation ELSE identities.conversation END,
		conversation_until = CASE WHEN v.moved THEN v.until ELSE conversation_until END,
		conversation_note = CASE WHEN v.moved THEN v.note ELSE conversation_note END
		FROM v WHERE identities.id = v.id`, consent, withdraw))
}

// applyBotValues writes what a bot's people share.
func applyBotValues(s *script, changes []change) error {
	type key struct{ bot, name string }
	values := map[key]any{}
	for _, c := range changes {
		for name, v := range c.deltas.Bot {
			values[key{c.bot, name}] = v
		}
	}
	if len(values) == 0 {
		return nil
	}
	set := newInput("bot_id text", "name text", "value text")
	unset := newInput("bot_id text", "name text")
	keys := slices.SortedFunc(maps.Keys(values), func(x, y key) int { return cmp.Or(cmp.Compare(x.bot, y.bot), cmp.Compare(x.name, y.name)) })
	for _, k := range keys {
		if values[k] == nil {
			unset.add(k.bot, k.name)
			continue
		}
		v, err := toJSON(values[k])
		if err != nil {
			return fmt.Errorf("bot value %q: %w", k.name, err)
		}
		set.add(k.bot, k.name, v)
	}
	if !set.empty() {
		s.with(set, `INSERT INTO bot_values (bot_id, name, value) SELECT bot_id, name, value FROM v WHERE true ORDER BY bot_id, name
			ON CONFLICT (bot_id, name) DO UPDATE SET value = excluded.value`)
	}
	if !unset.empty() {
		s.with(unset, `DELETE FROM bot_values WHERE (bot_id, name) IN (SELECT bot_id, name FROM v)`)
	}
	return nil
}
