package console

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// Who is meant and what is said, as the form's choices name them.
const (
	whoAll     = "all"
	whoWhere   = "where"
	whoSegment = "segment"
	whoList    = "list"

	saysBlock    = "block"
	saysMessages = "messages"
	saysKept     = "kept" // what the page has no fields for

	byHand = "hand"
	atTime = "at"
)

// form is a plan as the page's fields hold it: what people typed, right or
// wrong.
type form struct {
	Subject    string
	Category   string
	Intent     string
	Who        string
	Where      string
	Segment    string
	List       string
	But        string // an expression over those who are left out
	First      string
	Accounts   []string
	Says       string
	Block      string
	Messages   []formMessage
	Raw        string // messages the page has no fields for, as JSON
	Questions  bool
	Requests   bool
	When       string
	At         string
	Zone       string
	Local      bool
	Repeat     repeatForm
	Farewell   bool // says how to unsubscribe
	Awaited    bool // transactional
	Tags       string
	kept       engine.Plan // what the form has no fields for stays as it was
	Version    int
	FirstError string // the field of the error that is shown
}

// newForm is where a new broadcast begins.
func newForm(bot *engine.Bot) *form {
	return &form{Intent: string(engine.IntentPromotional), Who: whoAll, Says: saysBlock, When: byHand, Zone: bot.TimeZone, Messages: blank(nil)}
}

// formOf shows a plan.
func formOf(b *engine.Broadcast, bot *engine.Bot) *form {
	p := &b.Plan
	f := newForm(bot)
	f.kept, f.Version = *p, b.Version
	f.Subject, f.Category, f.Intent = p.Subject, p.Category, string(p.Intent)
	a := &p.Audience
	switch {
	case a.Where != "":
		f.Who, f.Where = whoWhere, a.Where
	case a.Segment != "":
		f.Who, f.Segment = whoSegment, a.Segment
	case a.List != "":
		f.Who, f.List = whoList, a.List
	}
	if a.Exclude != nil {
		f.But = a.Exclude.Where
	}
	if a.First > 0 {
		f.First = strconv.Itoa(a.First)
	}
	f.Accounts, f.Block = a.Accounts, p.Content.Block
	if len(p.Variants) > 0 || len(p.Content.Template) > 0 {
		f.Says = saysKept
	}
	if len(p.Content.Messages) > 0 {
		f.Says = saysMessages
		f.Messages, f.Raw = readMessages(p.Content.Messages)
	}
	f.Questions, f.Requests = p.AllowQuestions, p.AllowRequests
	if p.When.At != "" {
		f.When, f.At, f.Local = atTime, p.When.At, p.When.Local
		if p.When.TimeZone != "" {
			f.Zone = p.When.TimeZone
		}
		f.Repeat = repeatOf(p.When.Repeat)
	}
	f.Farewell, f.Awaited = p.Unsubscribe, p.Transactional
	f.Tags = strings.Join(p.Tags, ", ")
	return f
}

// readForm takes what was typed.
func readForm(c *fiber.Ctx, f *form) {
	text := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	is := func(name string) bool { return c.FormValue(name) != "" }
	f.Subject, f.Category, f.Intent = text("subject"), text("category"), text("intent")
	f.Who, f.Where, f.Segment, f.List = text("who"), text("where"), text("segment"), text("list")
	f.But, f.First, f.Accounts = text("but"), text("first"), many(c, "account")
	f.Says, f.Block, f.Raw = text("says"), text("block"), text("raw")
	f.Questions, f.Requests = is("questions"), is("requests")
	f.When, f.At, f.Zone, f.Local = text("when"), text("at"), text("zone"), is("local")
	f.Repeat = readRepeat(c)
	f.Farewell, f.Awaited = is("farewell"), is("awaited")
	f.Tags = text("tags")
	f.Version, _ = strconv.Atoi(c.FormValue("version")) // another number is a conflict, which is said
	f.Messages = nil
	for n := range maxMessages {
		f.Messages = append(f.Messages, readMessage(func(name string) string { return text("message" + strconv.Itoa(n) + "_" + name) }))
	}
}

// many returns all values of a field.
func many(c *fiber.Ctx, name string) []string {
	var out []string
	for _, v := range c.Request().PostArgs().PeekMulti(name) {
		out = append(out, string(v))
	}
	return out
}

// plan is what the form asks for. Errors name the plan's field.
func (f *form) plan() (engine.Plan, error) {
	p := f.kept
	p.Subject, p.Category, p.Intent = f.Subject, f.Category, engine.Intent(f.Intent)
	var err error
	if p.Audience, err = f.audience(); err != nil {
		return p, err
	}
	if p.Content, err = f.content(); err != nil {
		return p, err
	}
	if f.Says != saysKept {
		p.Variants = nil
	}
	p.AllowQuestions, p.AllowRequests = f.Questions, f.Requests
	p.Unsubscribe, p.Transactional = f.Farewell, f.Awaited && p.Intent == engine.IntentUtility
	p.Tags = separated(f.Tags)
	if f.When != atTime {
		p.When = engine.When{}
		return p, nil
	}
	if f.At == "" {
		return p, invalid("when.at", "Choose the day and the time it is to start.")
	}
	p.When.At, p.When.TimeZone, p.When.Local = f.At, f.Zone, f.Local
	p.When.Repeat, err = f.Repeat.plan()
	return p, err
}

func (f *form) audience() (engine.Audience, error) {
	a := f.kept.Audience
	a.All, a.Where, a.Segment, a.List = f.Who == whoAll, "", "", ""
	switch f.Who {
	case whoWhere:
		a.Where = f.Where
		if f.Where == "" {
			return a, invalid("audience.where", "Write who is meant, or choose everyone.")
		}
	case whoSegment:
		a.Segment = f.Segment
		if f.Segment == "" {
			return a, invalid("audience.segment", "Choose a segment.")
		}
	case whoList:
		a.List = f.List
		if f.List == "" {
			return a, invalid("audience.list", "Choose a list.")
		}
	}
	a.Accounts = f.Accounts
	switch {
	case f.But != "":
		a.Exclude = &engine.Audience{Where: f.But}
	case a.Exclude != nil && a.Exclude.Where != "":
		a.Exclude = nil
	}
	var err error
	a.First, err = number("audience.first", f.First)
	return a, err
}

func (f *form) content() (engine.Content, error) {
	if f.Says == saysKept {
		return f.kept.Content, nil
	}
	var c engine.Content
	if f.Says != saysMessages {
		c.Block = f.Block
		if f.Block == "" {
			return c, invalid("content.block", "Choose the block that is sent.")
		}
		return c, nil
	}
	if f.Raw != "" {
		if !json.Valid([]byte(f.Raw)) {
			return c, invalid("content.messages", "The messages are no JSON.")
		}
		c.Messages = json.RawMessage(f.Raw)
		return c, nil
	}
	said := slices.DeleteFunc(slices.Clone(f.Messages), formMessage.Empty)
	if len(said) == 0 {
		return c, invalid("content.messages", "Write at least one message.")
	}
	var err error
	c.Messages, err = writeMessages(said)
	return c, err
}

// Kept is what the page can send and has no fields for, in words; "" for
// nothing.
func (f *form) Kept() string {
	switch {
	case len(f.kept.Variants) > 0:
		return count(int64(len(f.kept.Variants))) + " variants"
	case len(f.kept.Content.Template) > 0:
		return "An approved template"
	}
	return ""
}

// separated reads what was written with commas between.
func separated(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
