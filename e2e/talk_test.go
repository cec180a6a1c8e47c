package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// person returns the id of somebody on the pretend LINE.
func (w *world) person(n int) string {
	w.t.Helper()
	p, err := w.line.AddPerson(people[n])
	w.must(err)
	return p.ID
}

// got waits until n calls reached a person and returns what each said.
func (w *world) got(person string, n int) []string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	calls, err := w.line.WaitFor(ctx, person, n)
	if err != nil {
		w.t.Fatalf("%s did not get %d calls but %v: %v", person, n, said(w.line.AcceptedFor(person)), err)
	}
	return said(calls)
}

// said is each call as its endpoint, on Messenger its route, and texts.
func said(calls []sandbox.Call) []string {
	var out []string
	for _, c := range calls {
		var texts []string
		for _, m := range c.Messages {
			texts = append(texts, words(m))
		}
		way := string(c.Endpoint)
		if c.Route != "" {
			way = strings.ToLower(c.Route)
		}
		out = append(out, way+": "+strings.Join(texts, "|"))
	}
	return out
}

// words are what a platform's message says first.
func words(message json.RawMessage) string {
	var v struct {
		Text     string `json:"text"`
		AltText  string `json:"altText"`
		Template struct {
			Text string `json:"text"`
		} `json:"template"`
		Attachment struct {
			Payload struct {
				Text     string `json:"text"`
				Elements []struct {
					Title string `json:"title"`
				} `json:"elements"`
			} `json:"payload"`
		} `json:"attachment"`
	}
	_ = json.Unmarshal(message, &v)
	if e := v.Attachment.Payload.Elements; len(e) > 0 {
		return e[0].Title
	}
	return cmp.Or(v.Text, v.Template.Text, v.Attachment.Payload.Text, v.AltText)
}

// hears holds what a person got, call by call.
func (w *world) hears(person string, want ...string) {
	w.t.Helper()
	got := w.got(person, len(want))
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Fatalf("they got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// hearsLast waits until the last that a person got is this.
func (w *world) hearsLast(person, want string) {
	w.t.Helper()
	var got []string
	for range polls {
		if got = said(w.line.AcceptedFor(person)); len(got) > 0 && got[len(got)-1] == want {
			return
		}
		w.pause()
	}
	w.t.Fatalf("they got\n  %s\nwant at the end\n  %s", strings.Join(got, "\n  "), want)
}

// writes lets a person write to the shop.
func (w *world) writes(person, text string) *sandbox.Event {
	w.t.Helper()
	e, err := w.line.Write(w.t.Context(), shop, person, text)
	w.must(err)
	return e
}
