package omnichat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/compattest"
	"github.com/blockcast/blockcast/server/compat/omnichat"
)

// TestGoldens sends every call of testdata; see compattest.
func TestGoldens(t *testing.T) { compattest.Run(t, goldens()) }

// FuzzCall holds that every answer has the product's form: what is no success
// has an errorCode and a message, and what is has neither.
func FuzzCall(f *testing.F) {
	compattest.Fuzz(f, goldens(), func(status int, text []byte) error {
		switch {
		case bytes.HasPrefix(text, []byte("[")) && status == http.StatusOK:
			return json.Unmarshal(text, new([]any))
		case len(text) == 0 && status == http.StatusNoContent:
			return nil
		}
		var answer struct {
			ErrorCode, Message string
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		switch {
		case (answer.ErrorCode == "") != (answer.Message == ""):
			return errors.New("errorCode or message is missing")
		case (answer.ErrorCode == "") != (status == http.StatusOK):
			return errors.New("status and errorCode disagree")
		case status == http.StatusInternalServerError && !bytes.Contains(text, []byte("this cannot be served")):
			return errors.New("a fault of ours")
		}
		return nil
	})
}

func goldens() compattest.Config {
	return compattest.Config{
		World: func() compattest.World { return new(world) },
		Surface: func(of compattest.World) server.Surface {
			w := of.(*world)
			return omnichat.New(omnichat.Config{Bots: w, Tokens: w, Directory: w, Libraries: w, Outbox: w, Broadcasts: w, Kept: w, Lists: w, Contacts: w, Answers: w,
				Channels: kinds(), Now: now, NewID: w.newID})
		},
		Secrets: map[string]string{"{busy}": busyToken, "{token}": teamToken, "{reader}": readToken, "{instance}": instanceToken},
		Headers: []string{"X-Delivery-Id", "Allow", "Retry-After", "Idempotency-Replayed"},
	}
}
