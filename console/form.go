package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

const maxVariants = broadcast.MaxVariants

// When it starts, as the form's choices name it.
const (
	byHand = "hand"
	atTime = "at"
)

// form is a plan as the page's fields hold it: what people typed, right or
// wrong.
type form struct {
	Subject  string
	Category string
	Intent   string
	formWho
	formSays
	Questions  bool
	Requests   bool
	FetchNow   bool
	When       string
	At         string
	Zone       string
	Local      bool
	Lateness   string // a duration
	Frozen     bool
	Tolerance  string // a number, percent
	Repeat     repeatForm
	Farewell   bool // says how to unsubscribe
	Awaited    bool // transactional
	Track      string
	Tags       string
	Attributes string      // name = value, one in a line
	kept       engine.Plan // what the form has no fields for stays as it was
	Version    int
	Mistake    *mistake // nil when nothing is wrong
}

// newForm is where a new broadcast begins.
func newForm(bot *engine.Bot) *form {
	return &form{Intent: string(engine.IntentPromotional), formWho: whoOf(engine.Audience{}), formSays: saysOf(&engine.Plan{}), When: byHand, Zone: bot.TimeZone}
}

// formOf shows a plan.
func formOf(b *engine.Broadcast, bot *engine.Bot) *form {
	p := &b.Plan
	f := newForm(bot)
	f.kept, f.Version = *p, b.Version
	f.Subject, f.Category, f.Intent = p.Subject, p.Category, string(p.Intent)
	f.formWho, f.formSays = whoOf(p.Audience), saysOf(p)
	f.Questions, f.Requests, f.FetchNow = p.AllowQuestions, p.AllowRequests, p.FetchNow
	f.Lateness, f.Frozen = p.When.MaxLateness, p.Frozen
	if p.Tolerance > 0 {
		f.Tolerance = strconv.Itoa(p.Tolerance)
	}
	if p.When.At != "" {
		if p.When.TimeZone != "" {
			f.Zone = p.When.TimeZone
		}
		f.When, f.At, f.Local = atTime, onClock(p.When.At, f.Zone), p.When.Local
		f.Repeat = repeatOf(p.When.Repeat)
	}
	f.Farewell, f.Awaited, f.Track = p.Unsubscribe, p.Transactional, string(p.Track)
	f.Tags, f.Attributes = strings.Join(p.Tags, ", "), strings.Join(pairLines(p.Attributes), "\n")
	return f
}

// readForm takes what was typed.
func readForm(c *fiber.Ctx, f *form) {
	text := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	is := func(name string) bool { return c.FormValue(name) != "" }
	f.Subject, f.Category, f.Intent = text("subject"), text("category"), text("intent")
	f.formWho, f.formSays = readWho(c, f.kept.Audience), readSays(c)
	f.Questions, f.Requests, f.FetchNow = is("questions"), is("requests"), is("fetch_now")
	f.When, f.At, f.Zone, f.Local = text("when"), text("at"), text("zone"), is("local")
	f.Lateness, f.Frozen, f.Tolerance = text("max_lateness"), is("frozen"), text("tolerance")
	f.Repeat = readRepeat(c)
	f.Farewell, f.Awaited, f.Track = is("farewell"), is("awaited"), text("track")
	f.Tags, f.Attributes = text("tags"), text("attributes")
	f.Version, _ = strconv.Atoi(c.FormValue("version")) // another number is a conflict, which is said
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
	if f.Subject == "" {
		return p, invalid("subject", "Write a subject: lists and reports show it.")
	}
	var err error
	if p.Audience, err = f.audience(); err != nil {
		return p, err
	}
	if err = f.into(&p); err != nil {
		return p, err
	}
	p.AllowQuestions, p.AllowRequests, p.FetchNow = f.Questions, f.Requests, f.FetchNow && f.Requests
	p.Unsubscribe, p.Transactional = f.Farewell, f.Awaited && p.Intent == engine.IntentUtility
	p.Track, p.Tags = engine.Tracking(f.Track), separated(f.Tags)
	if p.Attributes, err = f.attributes(); err != nil {
		return p, err
	}
	if f.When != atTime {
		p.When, p.Frozen, p.Tolerance = engine.When{}, false, 0
		return p, nil
	}
	return p, f.time(&p)
}

// time writes when it starts into a plan.
func (f *form) time(p *engine.Plan) error {
	if f.At == "" {
		return invalid("when.at", "Choose the day and the time it is to start.")
	}
	p.When.At, p.When.TimeZone, p.When.Local, p.When.MaxLateness = f.At, f.Zone, f.Local, f.Lateness
	p.Frozen = f.Frozen
	var err error
	if p.Tolerance, err = number("tolerance", f.Tolerance); err != nil {
		return err
	}
	if p.When.Repeat, err = f.Repeat.plan(); err != nil {
		return err
	}
	if was := f.kept.When.At; !f.Local && p.When.Repeat == nil && f.At == onClock(was, f.Zone) {
		p.When.At = was // the same moment, which a clock may show twice
	}
	return nil
}

// onClock shows a plan's time as the page's field takes it: a moment, which a
// call may name with its offset, on the clock of a zone.
func onClock(at, zone string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	in, err := time.LoadLocation(zone)
	if err != nil {
		in = time.UTC
	}
	t = t.In(in)
	if t.Second() == 0 {
		return t.Format("2006-01-02T15:04")
	}
	return t.Format("2006-01-02T15:04:05")
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
