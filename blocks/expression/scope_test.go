package expression

import (
	"encoding/json"
	"testing"
	"time"
)

var saigon = time.FixedZone("ICT", 7*3600)

// shop is the scope most tests use.
func shop(t testing.TB) *Scope {
	t.Helper()
	s, problems := NewScope(Options{
		Attributes: []Declaration{
			{Name: "order_id", Type: Text},
			{Name: "total", Type: Number, Default: json.Number("0"), Sample: json.Number("1280000")},
			{Name: "points", Type: Number, Default: json.Number("5")},
			{Name: "vip", Type: Boolean},
			{Name: "due", Type: Date},
			{Name: "shipped_at", Type: DateTime},
			{Name: "sizes", Type: List, Default: []any{"M"}},
			{Name: "orders", Type: JSON, Sample: []any{
				map[string]any{"code": "A1024", "status": "shipping", "total": json.Number("1280000")},
				map[string]any{"code": "A1025", "note": "gift", "items": []any{map[string]any{"sku": "x"}}},
			}},
			{Name: "profile", Type: JSON},
			{Name: "shipping address", Type: Text},
			{Name: "ngày sinh", Type: Text},
			{Name: "a-b", Type: Text},
		},
		Texts: map[string]map[string]string{
			"status": {"shipping": "On its way", "delivered": "Delivered", "*": "In progress"},
			"size":   {"M": "medium"},
		},
	})
	if problems != nil {
		t.Fatalf("the scope has problems: %v", problems)
	}
	return s
}

// full is a turn in which everything has a value.
func full() Values {
	return Values{
		Facts: map[string]any{
			"first_name": "Mai", "phone": "+84912345678", "tags": []string{"vip", "new"}, "locale": "vi_VN",
			"birthday": "1990-04-30", "subscribed": true, "last_seen_at": "2024-03-07T20:15:00Z", "input": "xin chào",
		},
		Attributes: map[string]any{
			"order_id": "A1024", "total": 1280000.0, "vip": true, "due": "2024-03-10", "shipped_at": "2024-03-08T01:00:00.25Z",
			"sizes": []any{"S", "L"},
			"orders": []any{
				map[string]any{"code": "A1024", "status": "shipping", "total": 1280000.0, "paid": true},
				map[string]any{"code": "A1025", "status": "lost", "total": json.Number("12345678901234567890")},
			},
			"shipping address": "12 Lê Lợi", "ngày sinh": "30/04", "a-b": "dash", "other flow": "theirs",
		},
		Bot:    map[string]any{"shop name": "Tiệm Hoa", "hotline": "1900", "open": map[string]any{"from": 8.0}},
		Answer: map[string]any{"total": "12", "phone": "0912"},
		Send:   map[string]any{"order_id": "S1", "coupon": "TET"},
		Secret: func(name string) (string, bool) { return "s3cr3t", name == "shop_key" },
		Now:    time.Date(2024, 3, 8, 2, 30, 0, 0, time.UTC),
		Zone:   saigon,
		Seed:   7,
	}
}

func TestNewScopeProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		declare Declaration
		code    string
		message string
	}{
		{"fact", Declaration{Name: "phone", Type: Text}, CodeReserved, `attribute "phone" is named like a fact`},
		{"fact with a space", Declaration{Name: "first name", Type: Text}, CodeReserved, `attribute "first name" is named like a fact`},
		{"function", Declaration{Name: "date", Type: Text}, CodeReserved, `attribute "date" is named like a function`},
		{"space", Declaration{Name: "bot", Type: Text}, CodeReserved, `attribute "bot" is named like the values read as bot.x`},
		{"value of a space", Declaration{Name: "bot.stylists", Type: List}, CodeReserved, `attribute "bot.stylists" is named like a value read as bot.stylists, and those are not declared`},
		{"keyword", Declaration{Name: "in", Type: Text}, CodeReserved, `attribute "in" is named like a word of the expression language`},
		{"nameless", Declaration{Name: " ", Type: Text}, CodeReserved, `an attribute needs a name`},
		{"twice", Declaration{Name: "order_id", Type: Text}, CodeReserved, `attribute "order_id" is declared twice`},
		{"type", Declaration{Name: "x", Type: "numbr"}, CodeDeclaration, `attribute "x" has the unknown type "numbr"`},
		{"any", Declaration{Name: "x", Type: Any}, CodeDeclaration, `attribute "x" has the unknown type "any"`},
		{"default", Declaration{Name: "x", Type: Number, Default: "abc"}, CodeDeclaration, `the default of attribute "x" needs a number but got the text "abc"`},
		{"sample", Declaration{Name: "x", Type: List, Sample: json.Number("5")}, CodeDeclaration, `the sample of attribute "x" needs a list but got the number 5`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := NewScope(Options{Attributes: []Declaration{{Name: "order id", Type: Text}, c.declare}})
			if len(problems) != 1 || problems[0].Code != c.code || problems[0].Message != c.message {
				t.Errorf("got %v, want %s %s", problems, c.code, c.message)
			}
		})
	}
}

func TestScopeAttribute(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, name := range []string{"shipping address", "shipping_address"} {
		if d, ok := s.Attribute(name); !ok || d.Name != "shipping address" {
			t.Errorf("Attribute(%q) = %v, %v", name, d, ok)
		}
	}
	if d, ok := s.Attribute("total"); !ok || d.Sample != 1280000.0 || d.Default != 0.0 {
		t.Errorf("total is not in kept form: %#v", d)
	}
	if _, ok := s.Attribute("phone"); ok {
		t.Error("a fact is not an attribute")
	}
}
