package ahachat_test

import (
	"testing"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// TestGoldens sends every call of testdata; see compattest.
func TestGoldens(t *testing.T) {
	compattest.Run(t, compattest.Config{
		World: func() compattest.World { return new(world) },
		Surface: func(w compattest.World) server.Surface {
			w1 := w.(*world)
			return ahachat.New(ahachat.Config{Bots: w1, Tokens: w1, Outbox: w1, Now: now})
		},
		Secrets: map[string]string{"{busy}": busyToken, "{token}": sendToken, "{agent}": agentToken, "{reader}": readToken, "{other}": otherToken, "{instance}": instanceToken},
		Headers: []string{"X-Delivery-Id", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Allow", "Retry-After"},
	})
}
