package expression

import (
	"encoding/json"
	"strings"
	"testing"
)

// render evaluates a template in a full turn.
func render(t *testing.T, s *Scope, v Values, text string, locals map[string]any) string {
	t.Helper()
	tpl, problems := s.Template(text)
	if tpl == nil {
		t.Fatalf("%s has problems: %v", text, problems)
	}
	got, err := tpl.Text(s.Env(v), locals)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got
}

func TestTemplateText(t *testing.T) {
	t.Parallel()
	s := shop(t).WithSecrets().With(map[string]any{"o": map[string]any{"code": "A1"}, "i": nil})
	locals := map[string]any{"o": map[string]any{"code": "B7", "price": "12.5", "n": 3}, "i": 2}
	for _, c := range []struct{ text, want string }{
		// What is around an expression.
		{"", ""},
		{"plain } }} text", "plain } }} text"},
		{`\{{ first_name }}`, "{{ first_name }}"},
		{`a\{{b}}{{first_name}}`, "a{{b}}Mai"},
		{"{{first_name}}{{ order_id }}!", "MaiA1024!"},
		{"{{ '}}' }}{{ \"{{\" }}{{ `}}` }}", "}}{{}}"},
		{`{{ 'it\'s }}' }}`, "it's }}"},
		{`{{ {"a": {"b": 1}}.a.b }}`, "1"},
		{`{{ {'a': '}'} .a }}`, "}"},
		// Names.
		{"{{first name}} {{ first  name }}", "Mai Mai"},
		{"{{ shipping address }} / {{ shipping_address }}", "12 Lê Lợi / 12 Lê Lợi"},
		{"{{ ngày sinh }}", "30/04"},
		{"{{ upper(first name) + ' ' + order id }}", "MAI A1024"},
		{"{{ attr['a-b'] }} {{ attr['other flow'] }} {{ attr['other_flow'] }} {{ attr['none'] }}", "dash theirs theirs "},
		{"{{ attr[order_id == 'A1024' ? 'a-b' : 'x'] }}", "dash"},
		{"{{ bot.shop name }} {{ bot.hotline }} {{ bot['shop name'] }} {{ bot.open.from }} {{ bot.no.such }}", "Tiệm Hoa 1900 Tiệm Hoa 8 "},
		{"{{ answer.total + 1 }} {{ ursp.phone }} {{ answer.order_id }}", "13 0912 "},
		{"{{ send.order_id }} {{ send.coupon }} {{ send.none ?? '-' }}", "S1 TET -"},
		{"{{ secret.shop_key }}", "s3cr3t"},
		{"{{ o.code }} {{ o.price * 2 }} {{ o.n }} {{ i + 1 }} {{ o.none.of.it }}", "B7 25 3 3 "},
		{"{{ input }}", "xin chào"},
		// Unset and empty.
		{"{{ last_name }}|{{ points }}|{{ sizes }}|{{ profile.a.b }}", "|5|S, L|"},
		{"{{ last_name ?? 'friend' }} {{ points ?? 7 }} {{ due ?? 'never' }}", "friend 7 2024-03-10"},
		{"{{ has('last_name') }} {{ has('last name') }} {{ has(first_name) }} {{ has(orders[0].note) }} {{ has('points') }}", "false false true false false"},
		{"{{ orders[1].note ?? 'none' }} {{ orders[5].code ?? 'none' }}", "none none"},
		{"{{ last_name == nil }} {{ first_name != nil }} {{ orders[0].note == nil }} {{ orders[0].note == '' }}", "true true true true"},
		{"{{ profile }}", "{}"},
		// Numbers.
		{"{{ total }} {{ total / 3 }} {{ 0.1 + 0.2 }} {{ 1e21 }} {{ -0.0 }} {{ 5 / 2 }}", "1280000 426666.666666667 0.3 1000000000000000000000 0 2.5"},
		{"{{ total % 7 }} {{ 2 ** 10 }} {{ 7 - 10 }} {{ -total }}", "1 1024 -3 -1280000"},
		{"{{ orders[1].total }}", "12345678901234567890"},
		{"{{ sizes[total / 1280000] }} {{ sizes[-1] }} {{ sizes[9] }}", "L L "},
		{"{{ 0.0000005 }} {{ 1/4 }}", "5e-07 0.25"},
		// Texts.
		{"{{ 'Total: ' + total + '!' }} {{ vip + '' }}", "Total: 1280000! true"},
		{"{{ 'đơn hàng'[0:3] }} {{ 'đơn'[1] }} {{ '訂單編號'[2:] }}", "đơn ơ 編號"},
		{"{{ phone startsWith '+84' }} {{ phone matches '^[+]84\\\\d+$' }} {{ 'Lê' in shipping_address }} {{ input contains 'chào' }}", "true true true true"},
		// Dates.
		{"{{ due }} {{ shipped_at }} {{ today }} {{ now }}", "2024-03-10 2024-03-08 08:00 2024-03-08 2024-03-08 09:30"},
		{"{{ due - today }} {{ due + days(1) }} {{ now + duration('36h') }} {{ due - duration('1h') }}", "2d 2024-03-11 2024-03-09 21:30 2024-03-09 23:00"},
		{"{{ due > today }} {{ due < '2024-01-01' }} {{ last_seen_at == today }} {{ due == '10/03/2024' }} {{ days(2) > duration('1d') }}", "true false true true true"},
		{"{{ date(due, 'dd/mm/yyyy') }} {{ date(now, 'D.M.YY hh:mm') }} {{ time(now, 'h:mm A') }} {{ date(now, 'YYYY年M月D日') }}", "10/03/2024 8.3.24 09:30 9:30 AM 2024年3月8日"},
		{"{{ date('30/12/2023 23:59', '[ngày] DD, [giờ] HH:mm:ss') }}", "ngày 30, giờ 23:59:00"},
		{"{{ weekday() }} {{ weekday(due, 'zh-TW') }} {{ hour() }} {{ days_between(today, due) }}", "5 星期日 9 2"},
		// Lists and JSON.
		{"{{ tags }} {{ 'vip' in tags }} {{ tags contains 'old' }} {{ len(tags) }}", "vip, new true false 2"},
		{"{{ map(orders, .code) }} {{ filter(orders, .status == 'lost')[0].code }} {{ count(orders, .paid) }}", "A1024, A1025 A1025 1"},
		{"{{ orders | map(#.code) | join('+') }} {{ map(sizes, #index) }}", "A1024+A1025 0, 1"},
		{"{{ sum(orders[0:1], .total) }} {{ any(orders, .total > 5) }} {{ sortBy(orders, .code, 'desc')[0].code }}", "1280000 true A1025"},
		{"{{ groupBy(orders, .status).lost[0].code }} {{ find(orders, .code == 'A1025').status }} {{ find(orders, false).status }}", "A1025 lost "},
		{"{{ orders[0] }}", `{"code":"A1024","paid":true,"status":"shipping","total":1280000}`},
		{"{{ json(tags) }} {{ json(\"a\\\"\\n<&>\") }} {{ json(due) }} {{ json(shipped_at) }}", `["vip","new"] "a\"\n<&>" "2024-03-10" "2024-03-08T01:00:00.25Z"`},
		{"{{ 1..4 }} {{ len(1..100000) }} {{ 3 in 1..4 }}", "1, 2, 3, 4 1000 true"},
		{"{{ [1, 'a', true][1:] }} {{ {a: 1} == {\"a\": 1} }} {{ [1] == [2] }}", "a, true true false"},
		// Choices.
		{"{{ vip ? 'VIP' : 'guest' }} {{ if total > 5 { 'big' } else { 'small' } }} {{ vip and not has('last_name') }}", "VIP big true"},
		{"{{ let n = total * 2; n + n }} {{ let c = orders[0].code; map(sizes, c + #) }}", "5120000 A1024S, A1024L"},
		{"{{ t('status', orders[0].status) }}, {{ t('status', orders[1].status) }}, {{ t('size', 'XXL') }}", "On its way, In progress, XXL"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			if got := render(t, s, full(), c.text, locals); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTemplateUnset(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, c := range []struct{ text, want string }{
		{"[{{ first_name }}]", "[]"},
		{"{{ total + 1 }} {{ vip }} {{ points }} {{ sizes }} {{ len(orders) }}", "1 false 5 M 0"},
		{"[{{ due }}] {{ due < today }} {{ due > today }} {{ due <= shipped_at }} [{{ date(due, 'DD/MM') }}] [{{ due + days(1) }}]", "[] false false false [] []"},
		{"{{ map(orders, .code) }}{{ orders[0].total > 5 }} {{ not orders[0].paid }} {{ orders[0].total + 1 }}", "false true 1"},
		{"{{ profile.name ?? 'nobody' }} {{ upper(profile.name) }}!", "nobody !"},
		{"{{ 'vip' in tags }} {{ tags }}{{ days_between(due, today) }} {{ weekday(due) }}", "false 0 0"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			if got := render(t, s, Values{Zone: saigon}, c.text, nil); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTemplateConstant(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for text, want := range map[string]bool{"": true, "hi": true, `\{{x}}`: true, "{{ 1 }}": false, "a {{ total }}": false} {
		tpl, _ := s.Template(text)
		if got, ok := tpl.Constant(); ok != want || ok && got != strings.ReplaceAll(text, `\`, "") {
			t.Errorf("Constant of %q is %q, %v", text, got, ok)
		}
		if tpl.Source() != text {
			t.Errorf("Source of %q is %q", text, tpl.Source())
		}
	}
}

// TestFlowFormat runs the texts of the flow document's own example.
func TestFlowFormat(t *testing.T) {
	t.Parallel()
	s := shop(t)
	each, problems := s.Expression("orders", List)
	if each == nil {
		t.Fatal(problems)
	}
	card := s.With(map[string]any{"o": each.Item()})
	order := map[string]any{"o": full().Attributes["orders"].([]any)[0]}
	for _, c := range []struct {
		s          *Scope
		text, want string
	}{
		{s, "Hi {{ first_name ?? 'there' }}, order {{ order_id }} ({{ money(total, 'TWD') }}) is on its way.", "Hi Mai, order A1024 (NT$1,280,000) is on its way."},
		{s, "https://shop.example.com/orders?phone={{ url_encode(phone) }}", "https://shop.example.com/orders?phone=%2B84912345678"},
		{s.WithSecrets(), "Bearer {{ secret.shop_key }}", "Bearer s3cr3t"},
		{card, "{{ t('status', o.status) }} · {{ money(o.total, 'TWD') }}", "On its way · NT$1,280,000"},
		{card, "{{ o.code }}", "A1024"},
	} {
		tpl, problems := c.s.Template(c.text)
		if problems != nil {
			t.Fatal(c.text, problems)
		}
		if got, err := tpl.Text(s.Env(full()), order); err != nil || got != c.want {
			t.Errorf("%s gives %q, %v", c.text, got, err)
		}
	}
	for text, want := range map[string]bool{"not has('phone')": false, "o.status == 'delivered'": false, "o.status == 'shipping' and vip": true} {
		p, problems := card.Expression(text, Boolean)
		if problems != nil {
			t.Fatal(text, problems)
		}
		if got, err := p.Eval(s.Env(full()), order); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	answer := s.With(map[string]any{"status": nil, "body": nil, "headers": nil})
	save, problems := answer.Expression("body.orders", Any)
	if problems != nil {
		t.Fatal(problems)
	}
	got, err := save.Eval(s.Env(full()), map[string]any{"body": map[string]any{"orders": []any{json.Number("9007199254740993")}}})
	if list, ok := got.([]any); err != nil || !ok || list[0] != json.Number("9007199254740993") {
		t.Errorf("got %#v, %v", got, err)
	}
}
