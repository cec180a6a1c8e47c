package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/flows"
)

// factsLibrary publishes one block that says every fact.
func factsLibrary(t *testing.T) *engine.Library {
	t.Helper()
	var steps []map[string]any
	for _, f := range expression.Facts() {
		steps = append(steps, map[string]any{"type": "text", "text": fmt.Sprintf("%[1]s={{ has(%[1]s) ? %[1]s : 'unset' }}", f.Name)})
	}
	document, err := json.Marshal(map[string]any{"format": 1, "flow": "facts",
		"triggers": []any{map[string]any{"on": "keyword", "any": []string{"who am i"}, "block": "all"}},
		"blocks":   []any{map[string]any{"name": "all", "steps": steps}}})
	if err != nil {
		t.Fatal(err)
	}
	checked, problems := flows.Check(document, "facts.json", flows.Catalog{})
	if checked == nil {
		t.Fatal(problems)
	}
	return engine.NewLibrary("b00000000000000000000001", 1, []engine.Published{
		{FlowID: "f", Name: "facts", Number: 1, VersionID: 1, Program: checked.Program}}, nil)
}

// TestFacts holds that a text reads everything that is known of a person, and
// nothing that is not.
func TestFacts(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 8, 2, 30, 0, 0, time.UTC)
	p := enginetest.NewPlayer(t, factsLibrary(t))
	c, i := p.Situation.Contact, p.Situation.Identity
	*c = engine.Contact{ID: 42, FirstName: "Mai", LastName: "Trần", Gender: "female", Birthday: "1995-03-08", Locale: "vi_VN",
		Language: "vi", TimeZone: "Asia/Taipei", ProfilePic: "https://example.com/p.jpg", Email: "mai@example.com", ExternalID: "C-7",
		Tags: []string{"vip", "customer"}, LastSeenAt: at, Phones: []engine.Phone{{E164: "+84912345678", Source: engine.PhoneAPI}}}
	i.ExternalID, i.SubscribedAt, i.LastInboundAt = "U1", at, at.Add(time.Hour)
	check := func(want string) {
		t.Helper()
		if got := strings.Join(enginetest.Said(p.Text(" who am i ")), "\n"); got != strings.TrimSpace(want) {
			t.Errorf("it said\n%s", got)
		}
	}
	check(`
first_name=Mai
last_name=Trần
name=Mai Trần
gender=female
birthday=1995-03-08
locale=vi_VN
language=vi
time_zone=Asia/Taipei
profile_pic=https://example.com/p.jpg
phone=+84912345678
email=mai@example.com
external_id=C-7
user_id=42
messenger_user_id=U1
channel=line
account=Shop OA
tags=vip, customer
subscribed=true
last_seen_at=2026-03-02 10:00
subscribed_at=2024-03-08 10:30
today=2026-03-02
now=2026-03-02 10:00
input=who am i
block=all
flow=facts`)
	*c = engine.Contact{ID: 42}
	i.SubscribedAt, i.LastInboundAt = time.Time{}, time.Time{}
	check(`
first_name=unset
last_name=unset
name=unset
gender=unset
birthday=unset
locale=unset
language=unset
time_zone=unset
profile_pic=unset
phone=unset
email=unset
external_id=unset
user_id=42
messenger_user_id=U1
channel=line
account=Shop OA
tags=unset
subscribed=unset
last_seen_at=2026-03-02 09:00
subscribed_at=unset
today=2026-03-02
now=2026-03-02 09:00
input=who am i
block=all
flow=facts`)
}
