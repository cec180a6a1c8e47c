package enginetest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/engine"
)

// Goldens plays every script in the folder, each as a test of its own. With
// -update the turns are written to the scripts instead of being compared.
func Goldens(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s (%v)", folder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			golden(t, file)
		})
	}
}

func golden(t *testing.T, file string) {
	t.Helper()
	var s Script
	goldentest.Read(t, file, &s)
	play(t, filepath.Dir(file), &s)
	goldentest.Compare(t, file, goldentest.JSON(t, &s))
}

// play plays the steps and puts the turn of each beside it.
func play(t *testing.T, folder string, s *Script) {
	t.Helper()
	shelf := newShelf(t)
	p := NewPlayer(t, shelf.publish(folder, s.Flows))
	dress(p, s)
	lastSaid := -1
	turns := make([]*engine.Turn, len(s.Steps))
	for i := range s.Steps {
		do := &s.Steps[i].Do
		p.Responses, p.Requests = do.Answers, nil
		from := lastSaid
		if do.Of > 0 {
			from = do.Of - 1
		}
		var of *engine.Turn
		if from >= 0 && from < i {
			of = turns[from]
		}
		turn := act(t, p, shelf, folder, do, of)
		if len(p.Responses) > 0 {
			t.Errorf("step %d: %d answers were not asked for", i+1, len(p.Responses))
		}
		turns[i] = turn
		s.Steps[i].Turn = show(t, p, turn)
		if turn != nil && hasButtons(turn) {
			lastSaid = i
		}
	}
}

func hasButtons(turn *engine.Turn) (has bool) {
	for i := range turn.Messages {
		turn.Messages[i].Buttons(func(*blocks.Button) { has = true })
	}
	return has
}

func dress(p *Player, s *Script) {
	if s.Channel != "" {
		p.Situation.Account.Channel = s.Channel
	}
	p.Situation.Identity.Group = s.Group
	c := p.Situation.Contact
	if s.Contact == nil {
		return
	}
	c.Name, c.FirstName, c.TimeZone = s.Contact.Name, s.Contact.FirstName, s.Contact.TimeZone
	c.Tags, c.Attributes = s.Contact.Tags, s.Contact.Attributes
	if s.Contact.Phone != "" {
		c.Phones = []engine.Phone{{E164: s.Contact.Phone, Raw: s.Contact.Phone, Source: engine.PhonePlatform}}
	}
}

func act(t *testing.T, p *Player, shelf *shelf, folder string, do *Do, of *engine.Turn) *engine.Turn {
	t.Helper()
	happens := func(kind engine.InteractionKind, data string) *engine.Turn {
		return p.Hears(engine.Interaction{Kind: kind, Inbound: engine.Inbound{Data: data}})
	}
	switch {
	case do.Text != nil:
		return p.Text(*do.Text)
	case do.Pick != "":
		return p.Pick(of, do.Tap, do.Pick)
	case do.Tap > 0:
		return p.Tap(of, do.Tap)
	case do.Location != nil:
		return p.Input(blocks.Input{Kind: blocks.InputLocation, Location: do.Location})
	case do.Media != nil:
		return p.Input(blocks.Input{Kind: blocks.InputMedia, Media: do.Media})
	case do.Sticker:
		return p.Input(blocks.Input{Kind: blocks.InputSticker})
	case do.Follow:
		return happens(engine.DidFollow, "")
	case do.Unfollow:
		return happens(engine.DidUnfollow, "")
	case do.Referral != nil:
		return happens(engine.DidReferral, *do.Referral)
	case do.Postback != nil:
		return happens(engine.DidPostback, *do.Postback)
	case do.Wait != "":
		return p.Wait(duration(t, do.Wait))
	case do.Send != nil:
		return p.Send(do.Send.Block, do.Send.Attributes)
	case do.HandOver != "":
		i := p.Situation.Identity
		i.Conversation, i.ConversationUntil = engine.ConversationAgent, p.Clock.Now().Add(duration(t, do.HandOver))
		return nil
	case do.Publish != nil:
		p.Situation.Library = shelf.publish(folder, do.Publish)
		return nil
	}
	t.Fatalf("a step does nothing: %+v", *do)
	return nil
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("%q is no duration", s)
	}
	return d
}

func show(t *testing.T, p *Player, turn *engine.Turn) *Turn {
	t.Helper()
	if turn == nil {
		return nil
	}
	shown := &Turn{Outcome: turn.Outcome, Said: turn.Messages, Requests: p.Requests, Events: turn.Events}
	if _, b, ok := p.Situation.Library.Block(turn.Block); ok {
		shown.Block = b.Name
	}
	for _, planned := range turn.Timers {
		_, b, _ := p.Situation.Library.Block(planned.Block)
		shown.Planned = append(shown.Planned, Planned{planned.Key, b.Name, planned.DueAt, planned})
	}
	for _, n := range turn.Notices {
		shown.Told = append(shown.Told, Told{n.Topic, n.Data})
	}
	shown.Canceled = turn.Canceled
	if turn.Typing > 0 {
		shown.Typing = turn.Typing.String()
	}
	if turn.Failed != nil {
		shown.Failed = turn.Failed.Error()
	}
	if d := turn.Deltas; !d.Empty() {
		shown.Changes = changes(&d)
	}
	if turn.Touched {
		data, err := json.Marshal(turn.Session)
		if err != nil {
			t.Fatalf("write the session: %v", err)
		}
		shown.Session = data
	}
	return shown
}

func changes(d *engine.Deltas) *Changes {
	c := &Changes{Set: d.Set, Unset: d.Unset, Facts: d.Facts, Bot: d.Bot, AddTags: d.AddTags, DropTags: d.DropTags, Subscribe: d.Subscribe}
	for _, p := range d.Phones {
		c.Phones = append(c.Phones, fmt.Sprintf("%s %q %s", p.E164, p.Raw, p.Source))
	}
	if h := d.Handover; h != nil {
		c.Handover = &Handover{To: string(h.State), Until: h.Until, Note: h.Note}
	}
	return c
}
