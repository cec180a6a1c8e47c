package broadcast

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"unicode/utf8"

	"github.com/blockcast/blockcast/engine"
)

// Limits of a bot's rules for broadcasts.
const (
	maxCaps     = 20
	maxCapDays  = 365
	maxCapMost  = 1_000
	maxPrices   = 100
	maxFarewell = 500 // characters
	maxButton   = 20  // characters: LINE and Messenger show no more
)

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// settingsField is where the rules stand in a bot.
const settingsField = "settings.broadcasts."

// CheckSettings says what is wrong with a bot's rules for broadcasts, with the
// field of the bot it is about.
func CheckSettings(s *engine.BroadcastSettings) error {
	err := checkSettings(s)
	var e *engine.Error
	if errors.As(err, &e) {
		return &engine.Error{Code: e.Code, Field: settingsField + e.Field, Message: e.Message}
	}
	return err
}

func checkSettings(s *engine.BroadcastSettings) error {
	if q := s.QuietHours; q != nil {
		if _, err := quiet(q, &engine.Plan{}); err != nil {
			return err
		}
		if q.From == q.To {
			return invalid("quiet_hours", "they begin and end at %s: leave them out to have none", q.From)
		}
	}
	if len(s.Caps) > maxCaps {
		return invalid("frequency_caps", "at most %d caps, not %d", maxCaps, len(s.Caps))
	}
	for i, c := range s.Caps {
		field := fmt.Sprintf("frequency_caps[%d]", i)
		switch {
		case c.Most < 1 || c.Most > maxCapMost:
			return invalid(field+".most", "between 1 and %d broadcasts, not %d", maxCapMost, c.Most)
		case c.Days < 1 || c.Days > maxCapDays:
			return invalid(field+".days", "between 1 and %d days, not %d", maxCapDays, c.Days)
		case utf8.RuneCountInString(c.Category) > MaxCategory:
			return invalid(field+".category", "a category has at most %d characters", MaxCategory)
		}
	}
	if u := s.Unsubscribe; utf8.RuneCountInString(u.Text) > maxFarewell {
		return invalid("unsubscribe.text", "at most %d characters", maxFarewell)
	} else if utf8.RuneCountInString(u.Button) > maxButton {
		return invalid("unsubscribe.button", "a button's title has at most %d characters", maxButton)
	}
	if err := isTracking("track", s.Track); err != nil {
		return err
	}
	return checkPrices(s.Prices)
}

func checkPrices(list []engine.Price) error {
	if len(list) > maxPrices {
		return invalid("prices", "at most %d prices, not %d", maxPrices, len(list))
	}
	for i, p := range list {
		field := fmt.Sprintf("prices[%d]", i)
		switch {
		case p.AccountID == "":
			return invalid(field+".account_id", "a price is of an account")
		case p.Route != "push" && p.Route != "template":
			return invalid(field+".route", "the paid routes are push and template, not %q", p.Route)
		case p.Amount < 0 || math.IsNaN(p.Amount) || math.IsInf(p.Amount, 0):
			return invalid(field+".amount", "a price is 0 or more")
		case !currencyCode.MatchString(p.Currency):
			return invalid(field+".currency", "%q is no currency, such as TWD", p.Currency)
		}
	}
	return nil
}
