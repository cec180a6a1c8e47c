package expression

import (
	"testing"
	"time"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`money(1280000, 'TWD')`:    "NT$1,280,000",
		`money(1280000, 'vnd')`:    "1.280.000\u00a0₫",
		`money(1280.5, 'USD')`:     "$1,280.50",
		`money(1280, 'JPY')`:       "¥1,280",
		`money(-1280.5, 'USD')`:    "-$1,280.50",
		`money(1.005, 'USD')`:      "$1.01",
		`money(0.995, 'EUR')`:      "€1.00",
		`money(-0.001, 'USD')`:     "$0.00",
		`money(999.5, 'TWD')`:      "NT$1,000",
		`money(1280000, 'INR')`:    "₹12,80,000.00",
		`money(128000, 'INR')`:     "₹1,28,000.00",
		`money(1280.5, 'BRL')`:     "R$\u00a01.280,50",
		`money(19.99 * 3, 'SGD')`:  "S$59.97",
		`money(5, 'USD', 0)`:       "$5",
		`money(0.5, 'TWD', 2)`:     "NT$0.50",
		`money(1e15, 'IDR')`:       "Rp1.000.000.000.000.000",
		`round(2.5) + round(-2.5)`: "0",
		`round(-99.5)`:             "-100",
		`round(0.05, 1)`:           "0.1",
		`percent(2, 3)`:            "67%",
		`percent(1, 0, 2)`:         "0.00%",
	} {
		if got := render(t, shop(t), Values{}, "{{ "+expression+" }}", nil); got != want {
			t.Errorf("%s gives %s, want %s", expression, got, want)
		}
	}
}

func TestTextFunctions(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`slug('Áo Sơ-mi / Đen')`:                                       "ao-so-mi-den",
		`slug('訂單編號 5')`:                                               "訂單編號-5",
		`slug(' -- ')`:                                                 "",
		`slug('ก็ได้')`:                                                "ก็ได้",
		`title_case("ĐỖ thị ÁNH tuyết")`:                               "Đỗ Thị Ánh Tuyết",
		`title_case("王小明 o'neil")`:                                     "王小明 O'neil",
		`url_encode('a b+c/đ')`:                                        "a%20b%2Bc%2F%C4%91",
		`url_encode(total)`:                                            "1280000",
		`split('', ',')`:                                               "",
		`len(split('đơn', ''))`:                                        "3",
		`replace('aaa', '', 'b')`:                                      "aaa",
		`join([1, due, nil, 'x'], '-')`:                                "1-2024-03-10--x",
		`hash('', 'sha1')`:                                             "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		`hash('')`:                                                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		`e164('0912 345 678')`:                                         "+84912345678",
		`e164('0912-345-678', 'tw')`:                                   "+886912345678",
		`e164('+886 912 345 678')`:                                     "+886912345678",
		`e164('12')`:                                                   "",
		`phone_national('+84912345678')`:                               "0912 345 678",
		`phone_national('+886223456789', 'VN')`:                        "02 2345 6789",
		`phone_national('0912345678', 'tw')`:                           "0912 345 678",
		`phone_national('call me')`:                                    "call me",
		`phone_national(last_name)`:                                    "",
		`e164(last_name)`:                                              "",
		`json("\u2028\x01")`:                                           `"\u2028\u0001"`,
		`json({b: nil, a: true})`:                                      `{"a":true,"b":null}`,
		`fromJSON('[1, 12345678901234567890]')`:                        "1, 12345678901234567890",
		`fromJSON('')  ?? 'none'`:                                      "none",
		`int('12.9') + int(-1.5)`:                                      "11",
		`len({a: 1}) + len(nil)`:                                       "1",
		`max([]) + min(tags[5:])`:                                      "0",
		`flatten([1, [2], [[3]]])`:                                     "[1,2,[3]]",
		`sort(['b', 'a', 'C'], 'desc')`:                                "b, a, C",
		`push(tags, 5)`:                                                "vip, new, 5",
		`concat(tags, [1], sizes)`:                                     "vip, new, 1, S, L",
		`uniq([1, '1', 1, [2], [2]])`:                                  `[1,"1",[2]]`,
		`pick([])`:                                                     "",
		`first([]) ?? last([]) ?? 'empty'`:                             "empty",
		`count([true, false, nil])`:                                    "1",
		`findIndex([1], # > 5)`:                                        "-1",
		`one([1, 2], true) or none([], true)`:                          "true",
		`all([], false)`:                                               "true",
		`sortBy(orders, .status)[0].code`:                              "A1025",
		`sum(map(orders[0:1], .total))`:                                "1280000",
		`filter(1..10, # % 2 == 0) | sum()`:                            "30",
		`date(shipped_at) == date('2024-03-08')`:                       "true",
		`hour(shipped_at)`:                                             "8",
		`date('1990-04-30') == birthday`:                               "true",
		`days_between(birthday, '1990-05-01')`:                         "1",
		`duration('1w') / 7 == days(1)`:                                "true",
		`time('2024-03-08T01:00:00Z')`:                                 "08:00",
		`birthday <= '1990-04-30' and birthday in [date('30/4/1990')]`: "true",
		`map([{a: [1, 2]}, {a: [3]}], sum(.a) + len(.a))`:              "5, 4",
		`days(1.5) * 2`:                                                "3d",
		`now - shipped_at < duration('2h')`:                            "true",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			if got := render(t, shop(t), full(), "{{ "+expression+" }}", nil); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", s, saigon)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		now, call string
		want      string
	}{ // 2024-03-08 is a Friday
		{"2024-03-08 08:59", "open('09:00-18:00')", "false"},
		{"2024-03-08 09:00", "open('09:00-18:00')", "true"},
		{"2024-03-08 18:00", "open('09:00-18:00')", "false"},
		{"2024-03-08 19:30", "open('09:00-12:00, 19:00-24:00')", "true"},
		{"2024-03-09 10:00", "open('09:00-18:00', 'mon-fri')", "false"},
		{"2024-03-09 10:00", "open('09:00-18:00', '1-5,6')", "true"},
		{"2024-03-10 10:00", "open('09:00-18:00', 'fri-mon')", "true"},
		{"2024-03-09 02:00", "open('22:00-06:00', 'fri')", "true"},
		{"2024-03-08 02:00", "open('22:00-06:00', 'fri')", "false"},
		{"2024-03-08 23:00", "open('22:00-06:00', 'friday')", "true"},
	} {
		if got := render(t, shop(t), Values{Now: at(c.now), Zone: saigon}, "{{ "+c.call+" }}", nil); got != c.want {
			t.Errorf("%s at %s is %s", c.call, c.now, got)
		}
	}
}

// TestDaylightSaving moves dates over a night of 23 hours.
func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here:", err)
	}
	v := Values{Now: time.Date(2024, 3, 30, 12, 0, 0, 0, zone), Zone: zone}
	if got := render(t, shop(t), v, "{{ today + days(2) }} {{ days_between(today, today + days(2)) }}", nil); got != "2024-04-01 2" {
		t.Error(got)
	}
}
