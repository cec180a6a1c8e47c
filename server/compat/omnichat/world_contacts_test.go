package omnichat_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

func people() []engine.Contact {
	made := now().AddDate(0, -1, 0)
	return []engine.Contact{
		{ID: 70, BotID: shop, Name: "Mai", Email: "mai@example.com", ExternalID: "M7", Tags: []string{"VIP", "old"}, CreatedAt: made, LastSeenAt: now().Add(-time.Hour),
			Phones: []engine.Phone{{E164: "+886912345678"}}, Attributes: map[string]any{"points": 120, "vip": true, "sizes": []any{"S", "M"}, "note": "likes blue", "gone": nil}},
		{ID: 80, BotID: shop, FirstName: "小華", Email: "hua@example.com", CreatedAt: made},
		{ID: 90, BotID: shop, Name: "Lan", CreatedAt: made},
	}
}

func (w *world) Contact(_ context.Context, _ string, id int64) (*engine.Contact, error) {
	for _, c := range people() {
		if c.ID == id {
			return &c, nil
		}
	}
	return nil, nil
}

func (w *world) ContactByExternalID(_ context.Context, _, externalID string) (int64, error) {
	if externalID == "M7" {
		return 70, nil
	}
	return 0, nil
}

func (w *world) ContactsByPhone(_ context.Context, _, e164 string) ([]outbox.PhoneClaim, error) {
	if e164 != "+886912345678" {
		return nil, nil
	}
	return []outbox.PhoneClaim{{ContactID: 90, Source: engine.PhoneTyped}, {ContactID: 70, Source: engine.PhoneAPI}}, nil
}

func (w *world) ListContacts(_ context.Context, _, search string, _ engine.Page) ([]engine.Contact, string, error) {
	return slices.DeleteFunc(people(), func(c engine.Contact) bool { return !strings.Contains(c.Email, strings.ToLower(search)) }), "", nil
}

func (w *world) IdentitiesOf(_ context.Context, _ string, ids []int64) ([]engine.Identity, error) {
	all := slices.DeleteFunc(identities(), func(i engine.Identity) bool { return !slices.Contains(ids, i.ContactID) })
	for n := range all {
		switch all[n].ID {
		case 7:
			all[n].SubscribedAt, all[n].LastInboundAt = now().Add(-48*time.Hour), now().Add(-2*time.Hour)
		case 9:
			all[n].UnsubscribedAt = now().Add(-time.Hour)
		}
	}
	return all, nil
}

func (w *world) AttributeTypes(context.Context, string) (map[string]engine.Attribute, error) {
	return map[string]engine.Attribute{"points": {Type: "number"}, "vip": {Type: "boolean"}, "sizes": {Type: "list"},
		"tier": {Type: "text"}, "spent": {Type: "number"}, "bought": {Type: "date"}, "registered": {Type: "datetime"}}, nil
}

func (w *world) ReadAttributes(_ context.Context, _ *engine.Bot, given map[string]any) (engine.Deltas, []string, error) {
	if given["bought"] == "1st of May" {
		return engine.Deltas{}, nil, &engine.Error{Code: engine.Invalid, Field: "bought", Message: `attribute "bought": needs a date such as 2023-12-30, not "1st of May"`}
	}
	if given["phone"] == "12" {
		return engine.Deltas{}, nil, &engine.Error{Code: engine.Invalid, Field: "phone", Message: `phone "12": this is not a phone number`}
	}
	return engine.Deltas{Set: given}, nil, nil
}

func (w *world) PatchContact(_ context.Context, _ string, id, identityID int64, d engine.Deltas, _ time.Time) error {
	w.note(func(a *asked) { a.Patch = &patch{id, identityID, d.Set, d.Unset, d.AddTags, d.DropTags, d.Subscribe} })
	return nil
}

func (w *world) ImportContacts(_ context.Context, _ string, rows []engine.ImportRow, _ time.Time) ([]engine.Imported, error) {
	if rows[0].User == "Ubad" {
		return []engine.Imported{{Refused: &engine.Error{Code: engine.Invalid, Field: "user", Message: `"Ubad" is no id of a person on LINE`}}}, nil
	}
	w.note(func(a *asked) { a.Added = rows[0].User })
	return []engine.Imported{{ContactID: 99, Created: true}}, nil
}
