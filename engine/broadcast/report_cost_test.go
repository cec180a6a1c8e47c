package broadcast_test

import (
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

func TestCost(t *testing.T) {
	t.Parallel()
	price := func(account, currency string) engine.Price {
		return engine.Price{AccountID: account, Route: "push", Amount: 0.2, Currency: currency}
	}
	sum := (&broadcast.Figures{Rows: []broadcast.Tally{
		{AccountID: "line", Route: "push", Status: engine.SentOut, Count: 2, Messages: 6}, // 3 in one call
		{AccountID: "line", Route: "push", Status: engine.Read, Count: 1, Messages: 7},    // 5 and 2
		{AccountID: "line", Route: "push", Status: engine.Failed, Count: 50},
		{AccountID: "line", Route: "reply", Status: engine.SentOut, Count: 90, Messages: 90},
		{AccountID: "other", Route: "push", Status: engine.SentOut, Count: 1, Messages: 6}}}).Sum("*", silent)
	for name, c := range map[string]struct {
		prices []engine.Price
		want   broadcast.Cost
		ok     bool
	}{
		"all have a price":   {[]engine.Price{price("line", "TWD"), price("other", "TWD")}, broadcast.Cost{Amount: 1.2, Currency: "TWD"}, true},
		"one has none":       {[]engine.Price{price("line", "TWD")}, broadcast.Cost{}, false},
		"several currencies": {[]engine.Price{price("line", "TWD"), price("other", "USD")}, broadcast.Cost{}, false},
	} {
		got, ok := sum.Cost(c.prices, func(_, route string) int {
			return channels.Limits{Paid: true, CallMessages: 5}.Charged(route)
		})
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
	if got, ok := sum.Cost(nil, func(_, route string) int { return channels.Limits{}.Charged(route) }); got != (broadcast.Cost{}) || !ok {
		t.Errorf("what is free costs %+v, %v", got, ok)
	}
}

func TestACostInItsMoneysPlaces(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]broadcast.Cost{
		"53750 VND": {Amount: 53750, Currency: "VND"},
		"0.40 TWD":  {Amount: 0.4, Currency: "TWD"},
		"1.50 XQQ":  {Amount: 1.5, Currency: "XQQ"}, // a code that no list has
		"0":         {},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhereAClickWas(t *testing.T) {
	t.Parallel()
	if message, card, button, ok := (broadcast.Click{Place: "1.0.2"}).At(); message != 1 || card != 0 || button != 2 || !ok {
		t.Errorf("%d.%d.%d, %v", message, card, button, ok)
	}
	if _, _, _, ok := (broadcast.Click{}).At(); ok {
		t.Error("a tap whose message is gone has a place")
	}
}
