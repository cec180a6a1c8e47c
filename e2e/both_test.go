package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// An answer to a question on LINE is not taken from Messenger, though it is the
// same person.
func TestAnswerIsTakenWhereItWasAsked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		line, messenger := w.both(0)
		w.writes(line, "size")
		w.hears(line, "reply: Which size?")
		w.writesTo(page, messenger, "large")
		if got := w.got(messenger, 1); got[0] != "response: Sorry?" {
			t.Fatalf("on Messenger it was %q", got)
		}
		w.writes(line, "large")
		w.hears(line, "reply: Which size?", "reply: Size L it is.")
		if _, list := w.calls(http.MethodGet, w.path("/contacts"), w.token, ""); len(list["items"].([]any)) != 1 {
			t.Errorf("they are more than one contact: %v", list)
		}
	})
}

// A number that somebody typed does not make another person's parcel notice
// theirs.
func TestTypedPhoneCapturesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		thief := w.person(1)
		w.writes(thief, "number")
		w.got(thief, 1)
		w.writes(thief, people[0].Phone)
		w.hears(thief, "reply: Your number?", "reply: Noted.")
		status, answer := w.calls(http.MethodPost, w.shipped(people[0].Phone, "A1", "5"), "", "")
		if status != http.StatusOK {
			t.Fatalf("%d %v", status, answer)
		}
		if got := w.got(mai, 2); !strings.HasSuffix(got[1], "is on its way.") {
			t.Errorf("she got %q", got)
		}
		if got := w.line.AcceptedFor(thief); len(got) != 2 {
			t.Errorf("the other got %q", said(got))
		}
		// Where nobody else claims it the typed number serves.
		w.writes(thief, "number")
		w.hearsLast(thief, "reply: Your number?")
		w.writes(thief, "0912345699")
		w.hearsLast(thief, "reply: Noted.")
		if status, answer = w.calls(http.MethodPost, w.shipped("0912345699", "A2", "5"), "", ""); status != http.StatusOK {
			t.Fatalf("%d %v", status, answer)
		}
		w.hearsLast(thief, "push: Order A2 (5\u00a0₫) is on its way.")
	})
}

// Two sends of one block confirm the right one each, whichever is answered
// first.
func TestTwoSendsConfirmTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		to := `{"to":{"contact":` + w.contact(0) + `},"block":"parcel","attributes":{"parcel":"`
		w.sends(to + `P1"}}`)
		w.got(mai, 2)
		w.sends(to + `P2"}}`)
		w.hears(mai, "reply: Welcome friend.", "push: Parcel P1 comes tomorrow.", "push: Parcel P2 comes tomorrow.")
		calls := w.line.AcceptedFor(mai)
		for i, want := range map[int]string{1: "P1", 2: "P2"} {
			_, err := w.line.Postback(t.Context(), shop, mai, buttonData(t, calls[i].Messages[0]))
			w.must(err)
			w.hearsLast(mai, "reply: "+want+" is confirmed.")
		}
	})
}

// The second of two questions waits for the first one's answer and no longer;
// a third that is forced takes its place, and each is answered for itself.
func TestTwoQuestionsAreAnsweredForThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		ask := func(parcel, rest string) any {
			return w.sends(`{"to":{"contact":` + w.contact(0) + `},"block":"ask parcel","attributes":{"parcel":"` + parcel + `"}` + rest + `}`)["delivery_id"]
		}
		ask("P1", "")
		w.got(mai, 2)
		w.has(ask("P2", ""), "class", "in_conversation")
		w.writes(mai, "yes")
		w.hears(mai, "reply: Welcome friend.", "push: Is parcel P1 fine?", "reply: P1: yes.", "push: Is parcel P2 fine?")
		ask("P3", `,"force":true`)
		w.hearsLast(mai, "push: Is parcel P3 fine?")
		w.writes(mai, "no")
		w.hearsLast(mai, "reply: P3: no.")
	})
}

// buttonData is what the first button of a LINE message brings back.
func buttonData(t *testing.T, message json.RawMessage) string {
	t.Helper()
	var v struct {
		Template struct {
			Actions []struct {
				Data string `json:"data"`
			} `json:"actions"`
		} `json:"template"`
	}
	if err := json.Unmarshal(message, &v); err != nil || len(v.Template.Actions) == 0 {
		t.Fatalf("no button in %s", message)
	}
	return v.Template.Actions[0].Data
}
