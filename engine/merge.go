package engine

import (
	"maps"
	"slices"
	"time"
)

// Merge applies deltas to a contact in memory, as the store applies them to its
// row: whoever made them sees them at once. The contact's maps and lists are
// replaced and not written to, so that copies of it stay as they were.
func Merge(d *Deltas, c *Contact) {
	if len(d.Set)+len(d.Unset) > 0 {
		all := make(map[string]any, len(c.Attributes)+len(d.Set))
		maps.Copy(all, c.Attributes)
		maps.Copy(all, d.Set)
		for _, name := range d.Unset {
			delete(all, name)
		}
		c.Attributes = all
	}
	for name, value := range d.Facts {
		if field := c.fact(name); field != nil {
			*field, _ = value.(string)
		}
	}
	for _, p := range d.Phones {
		c.Phones = mergePhone(c.Phones, p)
	}
	if len(d.AddTags)+len(d.DropTags) > 0 {
		tags := without(slices.Clone(c.Tags), "")
		for _, t := range d.DropTags {
			tags = without(tags, t)
		}
		for _, t := range d.AddTags {
			tags = with(tags, t)
		}
		c.Tags = tags
	}
}

// MergeIdentity applies to an identity what deltas say of consent and of who
// leads the conversation.
func MergeIdentity(d *Deltas, i *Identity, now time.Time) {
	if d.Subscribe != nil {
		if *d.Subscribe {
			if i.SubscribedAt.IsZero() {
				i.SubscribedAt = now
			}
			i.UnsubscribedAt = time.Time{}
		} else {
			i.SubscribedAt, i.UnsubscribedAt = time.Time{}, now
		}
	}
	if h := d.Handover; h != nil {
		i.Conversation, i.ConversationUntil, i.ConversationNote = h.State, h.Until, h.Note
	}
}

// fact returns the field that keeps a writable fact, nil for a name that has
// none of its own.
func (c *Contact) fact(name string) *string {
	switch name {
	case "first_name":
		return &c.FirstName
	case "last_name":
		return &c.LastName
	case "name":
		return &c.Name
	case "gender":
		return &c.Gender
	case "birthday":
		return &c.Birthday
	case "locale":
		return &c.Locale
	case "language":
		return &c.Language
	case "time_zone":
		return &c.TimeZone
	case "profile_pic":
		return &c.ProfilePic
	case "email":
		return &c.Email
	case "external_id":
		return &c.ExternalID
	}
	return nil
}

// mergePhone adds a number, or takes a word on one that is known unless a better
// source told it. They stand as the store reads them: the most believed first,
// and of those believed alike the newest.
func mergePhone(list []Phone, p Phone) []Phone {
	known := slices.IndexFunc(list, func(o Phone) bool { return o.E164 == p.E164 })
	if known >= 0 && list[known].Source.Rank() > p.Source.Rank() {
		return list
	}
	merged := append(make([]Phone, 0, len(list)+1), p)
	for i, o := range list {
		if i != known {
			merged = append(merged, o)
		}
	}
	slices.SortStableFunc(merged, func(a, b Phone) int { return b.Source.Rank() - a.Source.Rank() })
	return merged
}
