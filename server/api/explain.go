package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// Explainer tells in words what became of a delivery, for people who have to
// answer for it.
type Explainer struct {
	Zone *time.Location // of the times it names
	Now  time.Time
	Paid func(channel, route string) bool // whether a route costs money
	// Paused is what stops the bot or the instance, nothing in health.
	Paused []engine.Pause
}

// Story returns the lines about one delivery: what became of it and what to do,
// who was meant, what was asked, the attempts.
func (e Explainer) Story(s *engine.Story) []string {
	d := &s.Delivery
	lines := []string{fmt.Sprintf("Delivery %d: %s", d.ID, e.outcome(s))}
	if why := why(d); why != "" {
		lines = append(lines, why)
	}
	lines = append(lines, e.asked(s), e.person(s))
	if d.ChosenBecause != "" {
		lines = append(lines, "Chosen because: "+d.ChosenBecause+".")
	}
	lines = append(lines, e.intent(d))
	if d.RunID != "" && s.Identity != nil {
		lines = append(lines, "Consent: "+e.consent(s.Identity)+".")
	}
	if d.Status == engine.Queued || d.Status == engine.Held {
		lines = append(lines, e.waiting(s))
	}
	for _, w := range d.Warnings {
		lines = append(lines, "Warning: "+w)
	}
	for i, t := range s.Attempts {
		lines = append(lines, e.attempt(i+1, t, s))
	}
	if later := e.afterwards(d); later != "" {
		lines = append(lines, later)
	}
	return lines
}

// silent is about a send that has no delivery.
func (e Explainer) silent(send *engine.Send) []string {
	if send == nil {
		return []string{"Nothing was sent."}
	}
	return []string{
		fmt.Sprintf("Send %s, asked %s %s, named no block: the person's attributes were saved and nothing was to be said.", send.ID, e.at(send.CreatedAt), askedBy(send)),
	}
}

// outcome is the state in a few words.
func (e Explainer) outcome(s *engine.Story) string {
	d := &s.Delivery
	switch d.Status {
	case engine.SentOut:
		return "sent " + e.at(d.SentAt) + e.cost(s) + "."
	case engine.Delivered:
		return "delivered " + e.at(d.DeliveredAt) + e.cost(s) + "."
	case engine.Read:
		return "read " + e.at(d.ReadAt) + e.cost(s) + "."
	case engine.Skipped:
		return "not sent, by policy: " + d.Reason + "."
	case engine.Failed:
		return "failed: " + e.platformSaid(d) + "."
	case engine.Unknown:
		return "nobody knows: the platform's answer was lost after the call had left."
	case engine.Canceled:
		return strings.TrimSuffix("canceled: "+d.Reason, ": ") + "."
	case engine.Sending:
		return "being sent."
	case engine.Held:
		return "held until it is started."
	}
	return "waiting."
}

// cost names the route and whether it costs.
func (e Explainer) cost(s *engine.Story) string {
	route := s.Delivery.Route
	if route == "" || s.Account == nil {
		return ""
	}
	if e.Paid != nil && e.Paid(s.Account.Channel, route) {
		return " as a " + route + ", which counts among the month's paid messages"
	}
	return " as a " + route + ", which costs nothing"
}

func (e Explainer) platformSaid(d *engine.Delivery) string {
	said := strings.TrimSuffix(d.Error, ".")
	switch {
	case d.Class != "" && said != "":
		said = d.Class + ", " + said
	case said == "":
		said = d.Class
	}
	if d.Code != "" {
		said += " (" + d.Code + ")"
	}
	return said
}

// why says what a reason or an error means, and what to do.
func why(d *engine.Delivery) string {
	switch d.Status {
	case engine.Skipped, engine.Canceled:
		return explained(d.Reason)
	case engine.Failed, engine.Unknown, engine.Queued:
		return explained(d.Class)
	}
	return ""
}

// explained is what a reason or class means and what to do about it, "" for
// one that says all itself.
func explained(reason string) string {
	switch reason {
	case "throttled":
		return "The platform asks for fewer calls. It is tried again by itself."
	case "quota":
		return "The account's messages of this month are used up. Buy more or wait for the next month; it is tried again until it expires."
	case "content":
		return "The platform refuses what the block says. Look at its words below and at the payloads of the send, then mend the block."
	case "template":
		return "The template is unknown to the platform, paused or misfilled. Compare the block's when_closed with the platform's list."
	case "auth":
		return "The platform refuses the account's credentials. Give the account new ones and resume it; what is queued then goes out."
	case "restricted":
		return "The platform does not let the account do this. Check the account on the platform's side."
	case "down":
		return "The platform could not be reached or is out of order. It is tried again by itself until it expires."
	case "reply_token":
		return "The reply came too late for its free token."
	case "lost":
		return "It may have been sent. Look on the platform, then settle the delivery as sent or failed."
	case "not_called":
		return "The server stood still before it called the platform, and that call was not made. Send it again."
	case "render":
		return "What the block says could not be made for this person. Look at its expressions."
	case "unsupported":
		return "The account's channel is not part of this program."
	}
	if text := policy.Explain(reason); text != reason {
		return text
	}
	return ""
}

// asked says who asked for what, when.
func (e Explainer) asked(s *engine.Story) string {
	d := &s.Delivery
	what := "messages of the caller's"
	switch {
	case engine.IsWriting(d.BlockID):
		what = "messages of its own"
	case s.Block != "" || d.BlockID != "":
		what = fmt.Sprintf("block %q", cmp.Or(s.Block, d.BlockID))
	case d.RunID != "": // nothing was made for them
		return fmt.Sprintf("Planned by a broadcast %s.", e.at(d.CreatedAt))
	}
	if with := values(d.Attributes); with != "" {
		what += " with " + with
	}
	if d.RunID != "" {
		return fmt.Sprintf("Planned by a broadcast %s: %s.", e.at(d.CreatedAt), what)
	}
	if s.Send == nil {
		return fmt.Sprintf("Said %s in a conversation: %s.", e.at(d.CreatedAt), what)
	}
	return fmt.Sprintf("Asked %s %s: %s.", e.at(s.Send.CreatedAt), askedBy(s.Send), what)
}

// CommandLine begins the names of the tokens that the command line makes for
// itself.
const CommandLine = "command line"

// askedBy says whose call a send was.
func askedBy(send *engine.Send) string {
	if send.Source == "api" && strings.HasPrefix(send.TokenName, CommandLine+" ") {
		return "on the command line"
	}
	by := "through " + sourceName(send.Source)
	if send.TokenName != "" {
		by = fmt.Sprintf("by token %q ", send.TokenName) + by
	}
	return by
}

func sourceName(source string) string {
	switch source {
	case "api":
		return "the API"
	case sourceEvent:
		return "an event posted to the API"
	case policy.AhaChat:
		return "AhaChat's call"
	case policy.Chatfuel:
		return "Chatfuel's call"
	}
	return source
}

// maxShown is how many attributes a line names.
const maxShown = 10

// values names what a call brought.
func values(given map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if len(parts) == maxShown {
			parts = append(parts, fmt.Sprintf("%d more", len(given)-maxShown))
			break
		}
		parts = append(parts, fmt.Sprintf("%s = %s", name, shortened(valueText(given[name]))))
	}
	return strings.Join(parts, ", ")
}

// valueText is a value as a person would write it.
func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func shortened(s string) string {
	const longest = 60
	r := []rune(strings.ReplaceAll(s, "\n", " "))
	if len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return string(r)
}

// person says who was meant, and where.
func (e Explainer) person(s *engine.Story) string {
	d := &s.Delivery
	who := fmt.Sprintf("contact %d", d.ContactID)
	if s.Contact != nil && s.Contact.Name != "" {
		who = fmt.Sprintf("%s (contact %d)", s.Contact.Name, d.ContactID)
	}
	if s.Account == nil || s.Identity == nil {
		return fmt.Sprintf("To %s, identity %d.", who, d.IdentityID)
	}
	line := fmt.Sprintf("To %s on %s account %q, user %s (identity %d)", who, s.Account.Channel, s.Account.Name, s.Identity.ExternalID, d.IdentityID)
	switch {
	case !s.Identity.BlockedAt.IsZero():
		line += "; they left the account " + e.at(s.Identity.BlockedAt)
	case s.Identity.LastInboundAt.IsZero():
		line += "; never heard from"
	default:
		line += "; last heard from " + e.at(s.Identity.LastInboundAt)
	}
	return line + "."
}

func (e Explainer) intent(d *engine.Delivery) string {
	line := "Intent: " + string(d.Intent)
	if d.Tag != "" {
		line += ", message tag " + d.Tag
	}
	if d.Force {
		line += ", forced"
	}
	return line + "."
}

// consent is a person's word on getting broadcasts at an address, as it is now.
func (e Explainer) consent(i *engine.Identity) string {
	switch {
	case !i.UnsubscribedAt.IsZero():
		return "unsubscribed " + e.at(i.UnsubscribedAt)
	case !i.SubscribedAt.IsZero():
		return "agreed " + e.at(i.SubscribedAt)
	}
	return "never agreed"
}

// waiting says for what and until when a delivery waits.
func (e Explainer) waiting(s *engine.Story) string {
	d := &s.Delivery
	line := "It is due now"
	switch {
	case len(e.Paused) > 0 && e.Paused[0].BotID == "":
		line = fmt.Sprintf("Everything is paused since %s (%s): it waits until that ends", e.clock(e.Paused[0].At), e.Paused[0].Reason)
	case len(e.Paused) > 0:
		line = fmt.Sprintf("The bot is paused since %s (%s): it waits until that ends", e.clock(e.Paused[0].At), e.Paused[0].Reason)
	case s.Account != nil && s.Account.State == engine.AccountPaused:
		line = fmt.Sprintf("It waits until the account is resumed, which is paused (%s),", cmp.Or(s.Account.Reason, "without a reason"))
	case d.NotBefore.After(e.Now):
		line = "It waits until " + e.clock(d.NotBefore)
	}
	if !d.ExpiresAt.IsZero() {
		line += " and expires " + e.at(d.ExpiresAt)
	}
	return line + "."
}

// attempt is one try with its time, its route and what the platform answered.
func (e Explainer) attempt(n int, t engine.Attempt, s *engine.Story) string {
	line := fmt.Sprintf("Attempt %d, %s", n, e.at(t.At))
	if t.Route != "" {
		line += " by " + t.Route
	}
	line += ": " + cmp.Or(t.Outcome, "no answer yet")
	if !t.EndedAt.IsZero() {
		line += fmt.Sprintf(" after %s", t.EndedAt.Sub(t.At).Round(time.Millisecond))
	}
	if t.Code != "" || t.Message != "" {
		line += fmt.Sprintf("; %s answered %s", platform(s), strings.TrimSpace(t.Code+" "+t.Message))
	}
	if t.RequestID != "" {
		line += "; its request id is " + t.RequestID
	}
	return line + "."
}

func platform(s *engine.Story) string {
	if s.Account == nil {
		return "the platform"
	}
	return s.Account.Channel
}

// afterwards is what the person did with it.
func (e Explainer) afterwards(d *engine.Delivery) string {
	var parts []string
	for _, p := range []struct {
		what string
		at   time.Time
	}{{"delivered", d.DeliveredAt}, {"read", d.ReadAt}, {"tapped", d.ClickedAt}, {"answered", d.RepliedAt}} {
		if !p.at.IsZero() {
			parts = append(parts, p.what+" "+e.at(p.at))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Afterwards: " + strings.Join(parts, ", ") + "."
}

// at is a moment as "at 2026-11-20 09:00:00 +07".
func (e Explainer) at(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return "at " + e.clock(t)
}

func (e Explainer) clock(t time.Time) string {
	zone := e.Zone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}
