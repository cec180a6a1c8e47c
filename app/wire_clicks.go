package app

import (
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/clicks"
)

// openClicks makes what counts taps on links, and returns what makes their
// addresses: nil where nobody was told at which address people reach this
// instance, for a guessed one would be in messages for ever.
func (i *instance) openClicks(rooms *roomMetrics) func(*engine.Link, int64) string {
	i.clicks = clicks.New(clicks.Config{
		Store: i.store, Keys: i.keys.DeriveAll("clicks"), PublicURL: i.config.PublicURL, Now: i.clock.Now, Log: i.log,
		Observe: func(outcome string, taps int) { rooms.taps.WithLabelValues(outcome).Add(float64(taps)) },
	})
	if i.config.PublicURL == "" {
		return nil
	}
	return i.clicks.Address
}
