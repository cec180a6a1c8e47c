package e2e_test

import (
	"net/http"
	"testing"
	"time"
)

// What somebody of the shop writes in the Page's inbox silences the bot there.
func TestForeignEchoSilencesTheBot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		mai := w.onPage(0)
		w.writesTo(page, mai, "hello")
		w.hears(mai, "response: Hello friend.", "response: What can we do?")
		w.must(w.line.AgentWrites(page, mai, "This is Lan, I will look."))
		w.led(mai, "agent")
		w.writesTo(page, mai, "hello")
		w.heard(mai, "handed_over")
		if got := said(w.line.AcceptedFor(mai)); len(got) != 2 {
			t.Errorf("the bot said %q", got[2:])
		}
	})
}

// The silence after a colleague's word ends by itself half an hour later.
func TestForeignEchoEndsAfterItsTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const left = 10 * time.Second
		w.connectPage()
		mai := w.onPage(0)
		w.writesTo(page, mai, "what?")
		w.hears(mai, "response: Sorry?")
		w.tells(colleagueWroteAt(time.Now().Add(left-30*time.Minute), pageID(page), mai, "I was here."))
		w.led(mai, "agent")
		w.led(mai, "bot")
		w.writesTo(page, mai, "hello")
		w.hearsLast(mai, "response: What can we do?")
	})
}

// A conversation that somebody takes is theirs until they give it back.
func TestConversationTakenByAPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		talk := w.path("/conversations/" + w.identityOf(mai))
		if status, answer := w.calls(http.MethodPost, talk+"/take", w.token, `{"for":"1h","note":"Lan has it"}`); status != http.StatusOK || answer["with"] != "agent" {
			t.Fatalf("take: %d %v", status, answer)
		}
		_, list := w.calls(http.MethodGet, w.path("/conversations"), w.token, "")
		if items, _ := list["items"].([]any); len(items) != 1 {
			t.Errorf("led by people: %v", list)
		}
		w.writes(mai, "hello")
		w.heard(mai, "handed_over")
		// What the person in charge sends goes out all the same.
		sent := w.sends(`{"to":{"contact":` + w.contact(0) + `},"messages":[{"text":"Lan here."}],"intent":"agent"}`)
		w.becomes(sent["delivery_id"], "sent")
		if status, answer := w.calls(http.MethodPost, talk+"/release", w.token, ""); status != http.StatusOK || answer["with"] != "bot" {
			t.Fatalf("release: %d %v", status, answer)
		}
		w.writes(mai, "hello")
		w.hearsLast(mai, "reply: Hello friend.|What can we do?")
		if got := said(w.line.AcceptedFor(mai)); len(got) != 3 {
			t.Errorf("they got %q", got)
		}
	})
}

// led waits until a person's conversation is led by the bot or by an agent.
func (w *world) led(person, by string) {
	w.t.Helper()
	talk := w.path("/conversations/" + w.identityOf(person))
	var last map[string]any
	for range polls {
		if _, last = w.calls(http.MethodGet, talk, w.token, ""); last["with"] == by {
			return
		}
		w.pause()
	}
	w.t.Fatalf("the conversation is never led by the %s: %v", by, last)
}

// heard waits until the last that a person did has an outcome.
func (w *world) heard(person, outcome string) {
	w.t.Helper()
	path := w.path("/contacts/" + w.contactOf(person) + "/timeline")
	var last map[string]any
	for range polls {
		_, last = w.calls(http.MethodGet, path, w.token, "")
		for _, i := range last["items"].([]any) {
			if item := i.(map[string]any); item["kind"] == "in" {
				if item["status"] == outcome {
					return
				}
				break
			}
		}
		w.pause()
	}
	w.t.Fatalf("what they did is never %s: %v", outcome, last)
}
