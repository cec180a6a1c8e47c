package broadcast

import (
	"fmt"
	"math"
	"strconv"

	"golang.org/x/text/currency"

	"github.com/blockcast/blockcast/engine"
)

// Cost is an amount of one currency, which is "" when nothing paid went out.
type Cost struct {
	Currency string
	Amount   float64
}

// String writes the amount with the places behind the point that its money
// has, and the currency behind it; "0" when nothing was paid.
func (c Cost) String() string {
	if c.Currency == "" {
		return strconv.FormatFloat(c.Amount, 'f', -1, 64)
	}
	places := 2
	if unit, err := currency.ParseISO(c.Currency); err == nil {
		places, _ = currency.Standard.Rounding(unit)
	}
	return strconv.FormatFloat(c.Amount, 'f', places, 64) + " " + c.Currency
}

// Cost is what was paid for what went out; charged tells of a route how many
// messages to one person are paid as one, 0 where it costs nothing. ok is false
// where one has no price, or prices are in several currencies.
func (s *Sum) Cost(prices []engine.Price, charged func(accountID, route string) int) (c Cost, ok bool) {
	for i := range s.Routes {
		r := &s.Routes[i]
		per := charged(r.AccountID, r.Route)
		if per == 0 {
			continue
		}
		price := priceOf(prices, r.AccountID, r.Route)
		if price == nil || c.Currency != "" && c.Currency != price.Currency {
			return Cost{}, false
		}
		c.Currency = price.Currency
		c.Amount = math.Round((c.Amount+price.Amount*float64(r.charged(int64(per))))*10_000) / 10_000
	}
	return c, true
}

func priceOf(prices []engine.Price, accountID, route string) *engine.Price {
	for i := range prices {
		if prices[i].AccountID == accountID && prices[i].Route == route {
			return &prices[i]
		}
	}
	return nil
}

// At is where the button is: message and card from 0, the button from 1; 0 is
// the card or picture itself. ok is false where its render was gone when it was
// tapped.
func (c Click) At() (message, card, button int, ok bool) {
	_, err := fmt.Sscanf(c.Place, "%d.%d.%d", &message, &card, &button)
	return message, card, button, err == nil
}
