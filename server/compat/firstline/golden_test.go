package firstline_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/compattest"
	"github.com/blockcast/blockcast/server/compat/firstline"
)

func surface(w *world, wait func(context.Context, time.Duration) error) *firstline.Surface {
	return firstline.New(firstline.Config{Bots: w, Tokens: w, Directory: w, Contacts: w, Outbox: w, Deliveries: w, Now: now, Wait: wait})
}

// TestGoldens sends every call of testdata; see compattest.
func TestGoldens(t *testing.T) { compattest.Run(t, goldens()) }

// FuzzCall holds that every answer has the product's form: nothing where it is
// sent, or people; else a message, by field where fields are wrong.
func FuzzCall(f *testing.F) {
	compattest.Fuzz(f, goldens(), func(status int, text []byte) error {
		if status == http.StatusOK {
			var answer any
			return json.Unmarshal(text, &answer)
		}
		var answer struct {
			Message string
			Errors  map[string][]string
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		if answer.Message == "" || answer.Errors != nil && (len(answer.Errors) == 0 || status != http.StatusUnprocessableEntity) {
			return errors.New("no message, or errors where none belong")
		}
		return nil
	})
}

func goldens() compattest.Config {
	return compattest.Config{
		World: func() compattest.World { return new(world) },
		Surface: func(of compattest.World) server.Surface {
			w := of.(*world)
			return surface(w, w.wait)
		},
		Secrets: map[string]string{"{busy}": busyToken, "{token}": sendToken, "{reader}": readToken, "{instance}": instanceToken},
		Headers: []string{"X-Delivery-Id", "Allow", "Retry-After", "Access-Control-Allow-Origin"},
	}
}

// A caller who is cut off while waiting is not told of a fault: what was
// accepted goes out.
func TestWaitIsCutOff(t *testing.T) {
	t.Parallel()
	w := new(world)
	s := server.New(server.Config{NewID: func() string { return "request-1" }, Surfaces: []server.Surface{
		surface(w, func(context.Context, time.Duration) error { return errors.New("cut off") })}})
	r, err := http.NewRequest(http.MethodPost, "http://localhost/api/v1/message/push", strings.NewReader(`{"contactable_type":"LineContact","contactable_id":1001,"type":"text","message":"Hi"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+sendToken)
	res, err := s.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || w.looks != 0 {
		t.Errorf("status %d after %d looks", res.StatusCode, w.looks)
	}
}
