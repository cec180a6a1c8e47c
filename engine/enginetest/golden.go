package enginetest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// Script is a golden file: what a person and the systems around them do, and
// the turn the flows make of each.
type Script struct {
	Flows   []string `json:"flows"` // documents, relative to the script
	Contact *Person  `json:"contact,omitempty"`
	Channel string   `json:"channel,omitempty"` // line unless said
	Group   bool     `json:"group,omitempty"`
	Steps   []Step   `json:"steps"`
}

// Person is who talks.
type Person struct {
	Name       string         `json:"name,omitempty"`
	FirstName  string         `json:"first_name,omitempty"`
	TimeZone   string         `json:"time_zone,omitempty"`
	Phone      string         `json:"phone,omitempty"`
	Tags       []string       `json:"tags,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Step is one thing done and what came of it.
type Step struct {
	Do   Do    `json:"do"`
	Turn *Turn `json:"turn"` // null where nothing happened
}

// Do is exactly one thing that is done, beside Answers.
type Do struct {
	Text     *string          `json:"text,omitempty"`
	Tap      int              `json:"tap,omitempty"`  // the nth button, from 1, of
	Of       int              `json:"of,omitempty"`   // the nth step, from 1; else of the last step that said any
	Pick     string           `json:"pick,omitempty"` // by the picker that button Tap opens
	Location *blocks.Location `json:"location,omitempty"`
	Media    *blocks.Received `json:"media,omitempty"`
	Sticker  bool             `json:"sticker,omitempty"`
	Follow   bool             `json:"follow,omitempty"`
	Unfollow bool             `json:"unfollow,omitempty"`
	Referral *string          `json:"referral,omitempty"`
	Postback *string          `json:"postback,omitempty"`
	Wait     string           `json:"wait,omitempty"` // time passes, and the timer rings when its time has come
	Send     *SendBlock       `json:"send,omitempty"`
	HandOver string           `json:"hand_over,omitempty"` // a person takes the conversation for so long
	Publish  []string         `json:"publish,omitempty"`   // newer versions of the flows, by file

	Answers []Response `json:"answers,omitempty"` // of the URLs the flow calls
}

// SendBlock is a block given from outside.
type SendBlock struct {
	Block      string         `json:"block"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Turn is a turn as a golden shows it.
type Turn struct {
	Outcome  string           `json:"outcome,omitempty"`
	Block    string           `json:"block,omitempty"` // its name
	Said     []blocks.Message `json:"said,omitempty"`
	Typing   string           `json:"typing,omitempty"`
	Changes  *Changes         `json:"changes,omitempty"`
	Planned  []Planned        `json:"planned,omitempty"`
	Canceled []string         `json:"canceled,omitempty"` // keys of what was planned before
	Told     []Told           `json:"told,omitempty"`
	Requests []Request        `json:"requests,omitempty"`
	Events   []engine.Event   `json:"events,omitempty"`
	Failed   string           `json:"failed,omitempty"`
	Session  json.RawMessage  `json:"session,omitempty"` // afterwards; left out when this turn did not touch it
}

// UnmarshalJSON reads nothing: a golden turn is compared as text with the one
// that was played.
func (t *Turn) UnmarshalJSON([]byte) error { return nil }

// Changes are a turn's deltas.
type Changes struct {
	Set       map[string]any `json:"set,omitempty"`
	Unset     []string       `json:"unset,omitempty"`
	Facts     map[string]any `json:"facts,omitempty"`
	Bot       map[string]any `json:"bot,omitempty"`
	AddTags   []string       `json:"add_tags,omitempty"`
	DropTags  []string       `json:"drop_tags,omitempty"`
	Phones    []string       `json:"phones,omitempty"` // number, what was written, who told it
	Subscribe *bool          `json:"subscribe,omitempty"`
	Handover  *Handover      `json:"handover,omitempty"`
}

// Planned is a block planned for another time.
type Planned struct {
	Key   string       `json:"key"`
	Block string       `json:"block"` // its name
	DueAt time.Time    `json:"due_at"`
	Timer engine.Timer `json:"timer"`
}

// Told is a notice to outgoing webhooks.
type Told struct {
	Topic string          `json:"topic"`
	Data  json.RawMessage `json:"data"`
}

// Handover is who leads the conversation afterwards.
type Handover struct {
	To    string    `json:"to"`
	Until time.Time `json:"until"`
	Note  string    `json:"note,omitempty"`
}

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

// shelf publishes flows as the API does.
type shelf struct {
	t         *testing.T
	known     []flows.Known
	published []engine.Published
	old       map[int64]*flows.Program
	revision  int64
}

func newShelf(t *testing.T) *shelf { return &shelf{t: t, old: map[int64]*flows.Program{}} }

// publish checks the documents and makes the library that holds their newest
// versions.
func (s *shelf) publish(folder string, files []string) *engine.Library {
	s.t.Helper()
	for _, file := range files {
		s.add(filepath.Join(folder, file))
	}
	s.revision++
	old := s.old
	return engine.NewLibrary("b00000000000000000000001", s.revision, append([]engine.Published(nil), s.published...),
		func(id int64) (*flows.Program, error) { return old[id], nil })
}

func (s *shelf) add(file string) {
	s.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	checked, problems := flows.Check(data, filepath.Base(file), flows.Catalog{Blocks: s.known})
	if checked == nil {
		s.t.Fatalf("%s: %v", file, problems)
	}
	// Through what is stored, as a later start of the program would.
	program, err := flows.Compile(data, checked.IDs)
	if err != nil {
		s.t.Fatalf("%s: %v", file, err)
	}
	p := engine.Published{FlowID: fmt.Sprintf("%024x", 0xf0+len(s.published)), Name: program.Flow, Number: 1, Program: program}
	at := len(s.published)
	for i, other := range s.published {
		if other.Name == p.Name {
			at, p.FlowID, p.Number = i, other.FlowID, other.Number+1
		}
	}
	p.VersionID = int64(at+1)*100 + int64(p.Number)
	s.old[p.VersionID] = program
	if at == len(s.published) {
		s.published = append(s.published, p)
	} else {
		s.published[at] = p
	}
	for id, b := range program.Blocks {
		s.known = append(s.known, flows.Known{ID: id, Name: b.Name, Flow: program.Flow, Aliases: b.Aliases, Module: b.Module})
	}
}
