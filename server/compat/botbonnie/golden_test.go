package botbonnie_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// TestGoldens sends every call of testdata; see compattest.
func TestGoldens(t *testing.T) { compattest.Run(t, goldens()) }

// FuzzCall holds that every answer has the product's form: an object with res,
// and an errorCode where and only where nothing goes out.
func FuzzCall(f *testing.F) {
	compattest.Fuzz(f, goldens(), func(status int, text []byte) error {
		var answer map[string]any
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		res, there := answer["res"]
		_, refused := answer["errorCode"]
		words, _ := answer["errorMessage"].(string)
		switch {
		case !there:
			return errors.New("res is missing")
		case (res == "ok") == refused || refused != (words != ""):
			return errors.New("res and error disagree")
		case res == "ok" && status != http.StatusOK:
			return errors.New("status and res disagree")
		}
		return nil
	})
}

func goldens() compattest.Config {
	return compattest.Config{
		World: func() compattest.World { return new(world) },
		Surface: func(of compattest.World) server.Surface {
			w := of.(*world)
			return botbonnie.New(botbonnie.Config{Bots: w, Tokens: w, Directory: w, Libraries: w, Outbox: w, Now: now})
		},
		Secrets: map[string]string{"{busy}": busyToken, "{token}": sendToken, "{agent}": agentToken, "{reader}": readToken, "{other}": otherToken, "{instance}": instanceToken},
		Headers: []string{"X-Delivery-Id", "Allow", "Retry-After", "Access-Control-Allow-Origin"},
	}
}
