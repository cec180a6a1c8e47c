package simulate_test

import (
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine/simulate"
)

// TestSecretsAreMasked holds that nothing people read of a simulation shows a
// secret, wherever the request carries it.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	const secret = "k3y & more/=="
	p := play(t, simulate.Config{Secrets: map[string]string{"key": secret, "pin": "12"},
		Stubs: []simulate.Stub{{URL: "https://shop.example.com/*", Status: 500}}}, `{
	  "format": 1, "flow": "shop", "attributes": { "n": "number" },
	  "blocks": [ { "name": "call", "entry": {}, "steps": [
	    { "type": "request", "method": "POST", "url": "https://shop.example.com/a?k={{ url_encode(secret.key) }}&pin={{ secret.pin }}", "body": { "key": "{{ secret.key }}" } },
	    { "type": "request", "url": "https://shop.example.com/a?k={{ int(secret.key) }}", "on_error": [ { "type": "stop" } ] },
	    { "type": "request", "url": "https://{{ secret.key }}", "on_error": [ { "type": "stop" } ] },
	    { "type": "request", "url": "https://shop.example.com/{{ secret.none }}", "on_error": [ { "type": "stop" } ] } ] } ] }`)
	scenes, err := p.Do(t.Context(), simulate.Send{Block: "call"})
	if err != nil {
		t.Fatal(err)
	}
	q := scenes[0].Requests[0]
	if !strings.Contains(q.URL, "k3y") || !strings.Contains(q.Body, "k3y") {
		t.Fatalf("the request carries no secret: %+v", q)
	}
	if got := p.Mask(q.URL + " " + q.Body); strings.Contains(got, "k3y") || strings.Contains(got, "more") || !strings.Contains(got, "•••") || !strings.Contains(got, "pin=12") {
		t.Errorf("shown as %s", got)
	}
	if len(scenes[0].Events) == 0 {
		t.Error("the author is told nothing")
	}
	for _, e := range scenes[0].Events {
		if told := simulate.Told(e); strings.Contains(told, "k3y") || strings.Contains(told, "more") {
			t.Errorf("an event tells a secret: %s", told)
		}
	}
}
