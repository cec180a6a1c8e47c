package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/engine"
)

// expectation is one thing that can be expected of a step.
type expectation struct {
	key   string
	doc   string
	form  object // as JSON Schema
	check func(r *reader, n *node)
	judge func(j *judging, n *node)
}

// expectations are all there are, in the order of the documentation.
func expectations() []expectation {
	return []expectation{
		{"texts", "The words of all messages, in order: * stands for any text. An empty list: nothing is said.", aListOf(aText()), textList, (*judging).texts},
		{"contains", "Words that stand somewhere in what is said.", oneOrMore(aText()), textOrList, (*judging).contains},
		{"lacks", "Words that stand nowhere in what is said.", oneOrMore(aText()), textOrList, (*judging).lacks},
		{"buttons", "The titles of all buttons and quick replies, in order.", aListOf(aText()), textList, (*judging).buttons},
		{"attributes", "Attributes and facts by name, as they are afterwards; null for none.", anObject(), isAnObject, (*judging).attributes},
		{"tags", "All tags afterwards, in any order.", aListOf(aText()), textList, (*judging).tags},
		{"waits", "What is waited for afterwards: an ask's expect, \"pause\", or false for nothing; or more of it as an object.", waitsForm(), checkWaits, (*judging).waits},
		{"block", "The block that began to run.", aText(), isAText, (*judging).block},
		{"outcome", "What became of it.", object{"enum": outcomes()}, checkOutcome, (*judging).outcome},
		{"events", "Codes of the events that are told to the author. Warnings and failures that are not listed fail the step.", aListOf(aText()), textList, (*judging).events},
		{"requests", "The requests made, in order, each as \"GET https://…\" with * for any text, or as an object with its body too.", requestsForm(), checkRequests, (*judging).requests},
		{"told", "What outgoing webhooks are told, in order, each as a topic such as \"event:order_returned\" or \"handover\", or as an object with its data too: what is named of it.", toldForm(), checkTold, (*judging).told},
		{"subscribed", "Whether the person agrees to broadcasts afterwards.", aYes(), isAYes, (*judging).subscribed},
		{"handed_over", "Whether a person of the shop leads the conversation afterwards.", aYes(), isAYes, (*judging).handedOver},
		{"warnings", "Codes of what the channel could not show as written.", aListOf(aText()), textList, (*judging).warnings},
	}
}

// outcomes are what can become of something a person does.
func outcomes() []string {
	return []string{engine.OutcomeAnswered, engine.OutcomeSilent, engine.OutcomeNoMatch, engine.OutcomeHandedOver, engine.OutcomeFailed}
}

// wanted reads what is expected of a step.
func (r *reader) wanted(n *node) []Wanted {
	var list []Wanted
	fields := map[string]func(*node){}
	for _, e := range expectations() {
		fields[e.key] = func(n *node) {
			e.check(r, n)
			list = append(list, Wanted{e.key, n})
		}
	}
	if r.fields(n, `"expect"`, fields) && len(n.members) == 0 {
		r.problem(n.at, codeMissing, `"expect" is empty`, "leave it out, or say what must come of the step")
	}
	return list
}

func textList(r *reader, n *node) { r.texts(n, "what is expected") }
func isAText(r *reader, n *node)  { r.text(n, "what is expected") }
func isAYes(r *reader, n *node)   { r.yes(n, "what is expected") }
func isAnObject(r *reader, n *node) {
	r.object(n, "what is expected")
}

func textOrList(r *reader, n *node) {
	if n.shape != isText {
		r.texts(n, "what is expected")
	}
}

func checkOutcome(r *reader, n *node) {
	if r.is(n, isText, `"outcome"`) && !slices.Contains(outcomes(), n.text()) {
		r.problem(n.at, codeValue, fmt.Sprintf("there is no outcome %q", n.text()), "one of "+strings.Join(outcomes(), ", "))
	}
}

func checkWaits(r *reader, n *node) {
	switch n.shape {
	case isText:
	case isBool:
		if n.value == true {
			r.problem(n.at, codeValue, `"waits" is false, or what is waited for`, `as in "text", "choice" or "pause"`)
		}
	default:
		r.fields(n, `"waits"`, map[string]func(*node){
			"for":     func(n *node) { r.text(n, `"for"`) },
			"block":   func(n *node) { r.text(n, `"block"`) },
			"attempt": func(n *node) { r.whole(n, `"attempt"`) },
			"ends_in": func(n *node) {
				if n.shape != isNull {
					r.duration(n, `"ends_in"`)
				}
			},
		})
	}
}

func checkRequests(r *reader, n *node) {
	if !r.is(n, isList, `"requests"`) {
		return
	}
	for _, item := range n.items {
		if item.shape == isText {
			continue
		}
		if r.fields(item, "a request", map[string]func(*node){
			"request": func(n *node) { r.text(n, `"request"`) },
			"body":    func(*node) {},
		}) && item.get("request") == nil {
			r.problem(item.at, codeMissing, `a request is "GET https://…"`, "")
		}
	}
}

func checkTold(r *reader, n *node) {
	if !r.is(n, isList, `"told"`) {
		return
	}
	for _, item := range n.items {
		if item.shape == isText {
			continue
		}
		if r.fields(item, "a notice", map[string]func(*node){
			"topic": func(n *node) { r.text(n, `"topic"`) },
			"data":  func(n *node) { r.object(n, `"data"`) },
		}) && item.get("topic") == nil {
			r.problem(item.at, codeMissing, `a notice needs its topic`, `such as "event:order_returned"`)
		}
	}
}

// number is the value of a number, 0 of anything else.
func number(n *node) float64 {
	written, _ := n.value.(json.Number)
	f, _ := written.Float64()
	return f
}
