package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// statesPart is the table of the ledger's states.
func statesPart(s *source) (string, error) {
	list, err := s.constants("engine", typed("Status"))
	if err != nil {
		return "", err
	}
	t := newTable("state", "rank", "open", "means", "what you can do")
	todo := map[string]string{
		"held":      "Start or resume the broadcast it belongs to.",
		"queued":    "Nothing. When it stays for minutes, `sends explain` says what it waits for: a time, the platform, a paused account.",
		"sending":   "Nothing.",
		"unknown":   "Look at the chat, then [settle](#settle-an-unknown) it. An echo or a receipt may do so before you.",
		"sent":      "Nothing.",
		"delivered": "Nothing.",
		"read":      "Nothing.",
		"failed":    "Mend what its class names, then send again.",
		"skipped":   "See its reason. Nothing was sent, so sending again is safe.",
		"canceled":  "Send it again if it is still wanted.",
	}
	err = described(list, map[string]string{
		"held":      "Kept back by somebody. Nothing is tried until it is let go.",
		"queued":    "It will be tried: now, or when its `not_before` comes. A refusal for now brings it back here.",
		"sending":   "The platform is being called, or a call's answer was lost and the same call is made again under the same key.",
		"unknown":   "A call was made and its answer never came. The person may have it or not. Nothing is sent again by itself; a person can [settle](#settle-an-unknown) it.",
		"sent":      "The platform has taken it.",
		"delivered": "The platform says that it reached the person's device.",
		"read":      "The platform says that the person has seen it.",
		"failed":    "It was refused for good, or could not be made. The [class](#error-classes) says which.",
		"skipped":   "It was not tried, for a [reason](#why-a-delivery-is-skipped).",
		"canceled":  "Somebody took it back before it went out.",
	}, func(c named, text string) {
		status := engine.Status(c.value)
		t.add(code(c.value), fmt.Sprint(status.Rank()), yes(status.Open()), text, todo[c.value])
	})
	if err != nil {
		return "", err
	}
	return t.String(), described(list, todo, func(named, string) {})
}

// reasonsPart is the table of policy's reasons, with what to do about each.
func reasonsPart(*source) (string, error) {
	t := newTable("reason", "why", "what you can do")
	for _, r := range policy.Reasons() {
		text := policy.Explain(r)
		why, what, found := strings.Cut(text, ". ")
		if text == r || !found {
			return "", fmt.Errorf("the reason %s is not explained in two sentences", r)
		}
		t.add(code(r), why+".", marked(what))
	}
	return t.String(), nil
}

// class is what is written about one class of errors.
type class struct{ means, next, you string }

// platformClasses are those of a platform's answer.
func platformClasses() map[string]class {
	return map[string]class{
		"throttled":     {"Calls came too fast, all together or to this person.", "Tried again after a pause. It counts as no attempt.", "Nothing. If it lasts, send less at once."},
		"quota":         {"The account's messages of this month are used up, or reserved by a running campaign.", "Tried again every ten minutes until it expires.", "Raise the account's plan, or wait for the next month."},
		"blocked":       {"This person cannot be reached: they have left, or the platform does not know the id.", "`failed`. The person is marked as blocked until they write again.", "Nothing. Check the id if it came from another system."},
		"window_closed": {"The person wrote too long ago for this platform.", "`failed`.", "Give the block a template under `when_closed`."},
		"content":       {"The platform does not take the message itself.", "`failed`. The same bytes would be refused again.", "Read the platform's own words: they name the field. Correct the block."},
		"template":      {"The template is unknown or not approved, or its values do not fit.", "`failed`.", "Compare its name, language and values with the platform's console."},
		"auth":          {"The platform refuses the account's credentials.", "The account is paused. Its deliveries stay queued.", "Connect the account again with new credentials."},
		"restricted":    {"The account may not do this: its plan or a sanction forbids it.", "The account is paused. Its deliveries stay queued.", "See the platform's console, then resume the account."},
		"down":          {"The platform is out of order or cannot be reached.", "Tried again, with longer pauses each time, until it expires.", "Nothing. If only this server cannot reach it, check its network."},
		"reply_token":   {"The reply token was used already or too old. Nothing was sent by it.", "Pushed instead at once, which is counted.", "Nothing. If it happens often, your `request` steps are slow."},
	}
}

// ownClasses are those made here, before or instead of a call.
func ownClasses() map[string]class {
	return map[string]class{
		"render":          {"What the block was to say could not be made: an expression failed.", "`failed`.", "Read the error: it names the text. Correct the flow and send again."},
		"render_gone":     {"What was to be sent is no longer kept.", "`failed`.", "Send it again."},
		"block_gone":      {"The block was removed after the send was accepted.", "`failed`.", "Publish a flow that has it, or send another block."},
		"unsupported":     {"This program has no such channel.", "`failed`.", "Run a version that has it."},
		"lost":            {"The answer of a call was lost and the call cannot be repeated without the risk of sending twice.", "`unknown`.", "Look at the chat, then [settle](#settle-an-unknown) it."},
		"not_called":      {"The server stood still for half a minute and more before it called the platform, and another one had given the message up by then. That call was not made.", "`failed`.", "Send it again. If it happens again, see why the server stands still: memory that runs out, a machine that is put to sleep."},
		"in_conversation": {"The person has been asked something in the last ten minutes, and this block asks too.", "Stays `queued` until the question is old, or until it expires.", "Nothing, or send with `force`."},
	}
}

// classesPart is the table of error classes.
func classesPart(s *source) (string, error) {
	kinds, err := s.constants("channels", typed("ErrorKind"))
	if err != nil {
		return "", err
	}
	platform := platformClasses()
	words := map[string]string{}
	for name, c := range platform {
		words[name] = c.means
	}
	t := newTable("class", "means", "what follows", "what you can do")
	row := func(name string, c class) { t.add(code(name), c.means, c.next, c.you) }
	if err := described(kinds, words, func(c named, _ string) { row(c.value, platform[c.value]) }); err != nil {
		return "", err
	}
	own := ownClasses()
	used, err := s.outboxClasses()
	if err != nil {
		return "", err
	}
	for _, name := range used {
		c, ok := own[name]
		if !ok {
			return "", fmt.Errorf("nothing is written about the class %q", name)
		}
		row(name, c)
		delete(own, name)
	}
	for name := range own {
		return "", fmt.Errorf("the class %q is written about and is no more", name)
	}
	return t.String(), nil
}

// outboxClass is how the outbox names a class of its own.
var outboxClass = regexp.MustCompile(`(?:a\.fail\(ctx, |Class(?:: | = |[^"\n]* = )[^"\n]*)"([a-z_]+)"`)

// outboxClasses lists the classes that the outbox names itself.
func (s *source) outboxClasses() ([]string, error) {
	text, err := s.text("engine/outbox")
	if err != nil {
		return nil, err
	}
	var list []string
	for _, m := range outboxClass.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	if strings.Contains(text, "Class: policy.InConversation") {
		list = append(list, policy.InConversation)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// intentsPart is the table of intents.
func intentsPart(s *source) (string, error) {
	list, err := s.constants("engine", typed("Intent"))
	if err != nil {
		return "", err
	}
	t := newTable("intent", "is for", "needs consent", "while a person leads the chat")
	rows := map[string][2]string{
		"reply":             {"no", "the bot is silent, but what its own turn said goes out"},
		"utility":           {"no, only that they have not left and are not marked as not to be contacted", "goes out, unless the bot's setting `refuse_handed_over` is on; `force` overrides it"},
		"utility_in_window": {"the same", "the same"},
		"agent":             {"no", "goes out"},
		"direct":            {"yes", "the same as `utility`"},
		"promotional":       {"yes", "skipped"},
	}
	err = described(list, map[string]string{
		"reply":             "The answer of a flow to what a person did.",
		"utility":           "News the person waits for: an order, an appointment. The default of every call.",
		"utility_in_window": "The same, but never as a template: the message tag `UPDATE` asks for it.",
		"agent":             "What a person of yours writes. Needs a token with the scope `agent`.",
		"direct":            "A message to one person who has agreed to such messages.",
		"promotional":       "Advertising.",
	}, func(c named, text string) {
		r := rows[c.value]
		t.add(code(c.value), text, r[0], r[1])
	})
	return t.String(), err
}

// attemptOutcome is where the outbox names what became of a call.
var attemptOutcome = regexp.MustCompile(`return "([a-z]+)"`)

// attemptsPart is the table of what can become of one call to a platform.
func attemptsPart(s *source) (string, error) {
	text, err := s.text("engine/outbox")
	if err != nil {
		return "", err
	}
	_, body, found := strings.Cut(text, "func outcomeOf(")
	if !found {
		return "", fmt.Errorf("engine/outbox has no outcomeOf")
	}
	body, _, _ = strings.Cut(body, "\n}\n")
	words := map[string]string{
		"sent":    "The platform took the call.",
		"later":   "Refused for now: nothing was sent, and it is tried again.",
		"lost":    "The answer was lost: the connection broke after the call was written, or something in between answered in the platform's place.",
		"refused": "Refused for good: nothing was sent.",
	}
	t := newTable("outcome", "means")
	n := 0
	for _, m := range attemptOutcome.FindAllStringSubmatch(body, -1) {
		w, ok := words[m[1]]
		if !ok {
			return "", fmt.Errorf("nothing is written about the outcome %q", m[1])
		}
		t.add(code(m[1]), w)
		n++
	}
	if n != len(words) {
		return "", fmt.Errorf("%d outcomes are written about, the code has %d", len(words), n)
	}
	return t.String(), nil
}

// ledgerTimes is the table of how long things live.
func ledgerTimes(*source) (string, error) {
	t := newTable("time", "of")
	for _, r := range []struct {
		d  string
		of string
	}{
		{expression.FormatDuration(outbox.DefaultExpiry), "a send that names no `expires_in`. Afterwards it is skipped as `expired`"},
		{expression.FormatDuration(outbox.ReplyExpiry), "an answer. Later it helps nobody"},
		{expression.FormatDuration(outbox.ReplyTokenLife), "a LINE reply token, as far as it is relied on"},
		{expression.FormatDuration(outbox.ReplyRetry), "trying a reply once more when its answer was lost"},
		{expression.FormatDuration(outbox.RetryKeyLife), "repeating a push under the same key when its answer was lost. Afterwards it is `unknown`"},
		{expression.FormatDuration(engine.FreshQuestion), "a question that other blocks which ask wait for"},
	} {
		t.add(r.d, r.of)
	}
	return t.String(), nil
}
