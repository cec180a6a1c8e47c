package ahachat_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// TestGoldens sends every call of testdata; see compattest.
func TestGoldens(t *testing.T) { compattest.Run(t, goldens()) }

// FuzzCall holds that every answer has the products' form: who looks at the
// status and who looks at the body learn the same.
func FuzzCall(f *testing.F) {
	compattest.Fuzz(f, goldens(), func(status int, text []byte) error {
		var answer struct {
			Success *bool
			Result  string
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		switch {
		case answer.Success == nil || answer.Result == "":
			return errors.New("success or result is missing")
		case *answer.Success != (status == http.StatusOK):
			return errors.New("status and success disagree")
		}
		return nil
	})
}

func goldens() compattest.Config {
	return compattest.Config{
		World: func() compattest.World { return new(world) },
		Surface: func(w compattest.World) server.Surface {
			w1 := w.(*world)
			return ahachat.New(ahachat.Config{Bots: w1, Tokens: w1, Outbox: w1, Now: now})
		},
		Secrets: map[string]string{"{busy}": busyToken, "{token}": sendToken, "{agent}": agentToken, "{reader}": readToken, "{other}": otherToken, "{instance}": instanceToken},
		Headers: []string{"X-Delivery-Id", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Allow", "Retry-After"},
	}
}
