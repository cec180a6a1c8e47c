package botbonnie_test

import (
	"testing"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// TestGoldens sends every call of testdata; see compattest.
func TestGoldens(t *testing.T) {
	compattest.Run(t, compattest.Config{
		World: func() compattest.World { return new(world) },
		Surface: func(of compattest.World) server.Surface {
			w := of.(*world)
			return botbonnie.New(botbonnie.Config{Bots: w, Tokens: w, Directory: w, Libraries: w, Outbox: w, Now: now})
		},
		Secrets: map[string]string{"{busy}": busyToken, "{token}": sendToken, "{agent}": agentToken, "{reader}": readToken, "{other}": otherToken, "{instance}": instanceToken},
		Headers: []string{"X-Delivery-Id", "Allow", "Retry-After", "Access-Control-Allow-Origin"},
	})
}
