package outbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/messenger"
	"github.com/blockcast/blockcast/engine"
)

// through leads the links of a run for one person.
func through(contact, delivery int64) *linking {
	return &linking{run: "run", contact: contact, delivery: delivery,
		address: func(l *engine.Link, delivery int64) string {
			return fmt.Sprintf("https://bots.example.com/c/%s-%d", l.ID, delivery)
		}}
}

// Whatever holds a link: its payload has our address in the place of the
// target, and nothing else about it changes.
func TestLinksOfAllMessagesAreLed(t *testing.T) {
	t.Parallel()
	account := &engine.Account{ID: "a", BotID: "b"}
	led := 0
	for _, ch := range []channels.Channel{line.New(http.DefaultClient, line.Config{}), messenger.New(http.DefaultClient, messenger.Config{})} {
		for _, c := range blockstest.Messages() {
			plain, _, err := Render(ch, account, []blocks.Message{c.Message})
			if err != nil {
				t.Fatal(err)
			}
			r, _, err := render(ch, account, []blocks.Message{c.Message}, through(1, 7), nil)
			if err != nil {
				t.Fatal(err)
			}
			same := len(r.Links) == 0
			if (r.ID == plain.ID) != same || (string(r.Payloads) == string(plain.Payloads)) != same && !degraded(plain) {
				t.Errorf("%s on %s with %d links is the plain render: %v", c.Name, ch.Kind(), len(r.Links), same)
			}
			if string(r.Messages) != string(plain.Messages) || strings.ReplaceAll(string(r.Buttons), r.ID, plain.ID) != string(plain.Buttons) {
				t.Errorf("%s on %s says something else:\n%s\n%s", c.Name, ch.Kind(), r.Messages, r.Buttons)
			}
			for _, l := range r.Links {
				led++
				if !engine.Trackable(l.Target) || l.RunID != "run" || l.BotID != "b" || l.ContactID != 1 || l.Place == "" {
					t.Errorf("%s has the link %+v", c.Name, l)
				}
			}
		}
	}
	if led < 10 {
		t.Errorf("only %d links were led", led)
	}
}

// degraded reports whether a channel may have left a link out.
func degraded(r *engine.Render) bool {
	var payloads []channels.Payload
	return json.Unmarshal(r.Payloads, &payloads) == nil && len(warnings(payloads)) > 0
}

func shop(target string) []blocks.Message {
	return []blocks.Message{{Part: &blocks.Text{Text: "See https://shop.example.com/text", Buttons: []blocks.Button{{Title: "Shop", Action: blocks.ActionURL, Value: target}}}}}
}

// By count all who are told the same have one render, by person each their own;
// the link is the same.
func TestWhatIsCountedDecidesWhoSharesARender(t *testing.T) {
	t.Parallel()
	ch, account := line.New(http.DefaultClient, line.Config{}), &engine.Account{ID: "a", BotID: "b"}
	of := func(l *linking, target string) *engine.Render {
		t.Helper()
		r, _, err := render(ch, account, shop(target), l, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const target = "https://shop.example.com/"
	first, second := of(through(1, 0), target), of(through(2, 0), target)
	if first.ID != second.ID || string(first.Payloads) != string(second.Payloads) {
		t.Error("two who are told the same have different renders by count")
	}
	if other := of(through(2, 0), target+"2"); other.ID == first.ID || other.Links[0].ID == first.Links[0].ID {
		t.Error("another target is the same link")
	}
	mai, nam := of(through(1, 7), target), of(through(2, 8), target)
	if mai.ID == nam.ID || mai.ID == first.ID || mai.Links[0].ID != nam.Links[0].ID {
		t.Error("by person two must have renders of their own, and the same link")
	}
	if text := string(mai.Payloads); !strings.Contains(text, "https://bots.example.com/c/"+mai.Links[0].ID+"-7") || !strings.Contains(text, "See https://shop.example.com/text") || strings.Contains(text, `shop.example.com/"`) {
		t.Errorf("the payload is %s", text)
	}
	for _, alone := range []string{"tel:+886912345678", "mailto:a@example.com", "line://nv/chat", "https:///", "http://[::1", "shop.example.com", ""} {
		if r := of(through(1, 7), alone); len(r.Links) != 0 {
			t.Errorf("%q is led by %+v", alone, r.Links)
		}
	}
}

// A button without a title shows its target, and not the address that leads
// there.
func TestATargetStaysTheTitle(t *testing.T) {
	t.Parallel()
	m := []blocks.Message{{Part: &blocks.Text{Text: "x", Buttons: []blocks.Button{{Action: blocks.ActionURL, Value: "https://a.example.com"}}}}}
	r, _, err := render(messenger.New(http.DefaultClient, messenger.Config{}), &engine.Account{ID: "a", BotID: "b"}, m, through(1, 7), nil)
	if err != nil || !strings.Contains(string(r.Payloads), `"title":"https://a.`) || strings.Contains(string(r.Payloads), `"title":"https://bots`) {
		t.Errorf("%s %v", r.Payloads, err)
	}
	if b := m[0].Part.(*blocks.Text).Buttons[0]; b.Title != "" || b.Value != "https://a.example.com" {
		t.Errorf("the message says %+v afterwards", b)
	}
}

// Only a run that counts, on an instance that people reach, leads its links.
func TestOnlyRunsThatCountLeadTheirLinks(t *testing.T) {
	t.Parallel()
	address := func(*engine.Link, int64) string { return "" }
	for _, c := range []struct {
		name     string
		track    engine.Tracking
		address  func(*engine.Link, int64) string
		run      string
		leads    bool
		delivery int64
	}{
		{"by person", engine.TrackPerson, address, "r", true, 7},
		{"by count", engine.TrackCount, address, "r", true, 0},
		{"off", engine.TrackOff, address, "r", false, 0},
		{"a run from before", engine.TrackDefault, address, "r", false, 0},
		{"without an address", engine.TrackPerson, nil, "r", false, 0},
		{"a single send", engine.TrackPerson, address, "", false, 0},
	} {
		l := (&attempt{o: &Outbox{Config: Config{Links: c.address}}, d: &engine.Delivery{ID: 7, RunID: c.run}, track: c.track}).linking()
		if (l != nil) != c.leads || l != nil && l.delivery != c.delivery {
			t.Errorf("%s: %+v", c.name, l)
		}
	}
}
