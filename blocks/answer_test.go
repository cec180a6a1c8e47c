package blocks

import (
	"fmt"
	"testing"
	"time"
)

func TestReadMoment(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ text, want string }{
		{"2025-03-01", "2025-3-1"},
		{"2025/3/1", "2025-3-1"},
		{"1/3/2025", "2025-3-1"},
		{"01.03.2025", "2025-3-1"},
		{"31-12-1999", "1999-12-31"},
		{"12/31/1999", "1999-12-31"}, // there is no month 31
		{"1/3", "0-3-1"},
		{"1/3/89", "1989-3-1"},
		{"1/3/25", "2025-3-1"},
		{"20250301", "2025-3-1"},
		{"01032025", "2025-3-1"},
		{"民國114年3月1日", "2025-3-1"},
		{"民國 79 年 5 月 1 日", "1990-5-1"},
		{"民國79/5/1", "1990-5-1"},
		{"79年5月1日", "1990-5-1"},
		{"79/5/1", "1990-5-1"},
		{"114.3.1", "2025-3-1"},
		{"099-3-1", "2010-3-1"},
		{"1140301", "2025-3-1"},
		{"民國790501", "1990-5-1"},
		{"2025年3月1日", "2025-3-1"},
		{"３月１日", "0-3-1"},
		{"ngày 1 tháng 3 năm 2025", "2025-3-1"},
		{"1 tháng 3", "0-3-1"},
		{"Mar 1, 2025", "2025-3-1"},
		{"1st March 2025", "2025-3-1"},
		{"Today", "2026-3-8"},
		{"ngày mai", "2026-3-9"},
		{"後天", "2026-3-10"},
		{"2025-03-01 14:30", "2025-3-1 14:30"},
		{"1/3/2025 2:05 pm", "2025-3-1 14:05"},
		{"mai 14h30", "2026-3-9 14:30"},
		{"mai lúc 2 giờ chiều", "2026-3-9 14:00"},
		{"hôm nay 2 giờ rưỡi chiều", "2026-3-8 14:30"},
		{"明天下午2點30分", "2026-3-9 14:30"},
		{"今天早上10點半", "2026-3-8 10:30"},
		{"3月1日 下午3:15", "0-3-1 15:15"},
		{"12h đêm", "2026-3-8 0:00"},
		{"15:00", "2026-3-8 15:00"},
		{"", ""},
		{"hello", ""},
		{"32/1/2025", ""},
		{"1/13/14/2025", ""},
		{"2025-13-45", ""},
		{"25:00", ""},
		{"12345678901", ""},
		{"5", ""},
	} {
		m, ok := readMoment(c.text, today, false)
		got := ""
		if ok {
			got = fmt.Sprintf("%d-%d-%d", m.year, m.month, m.day)
			if m.timed {
				got += fmt.Sprintf(" %d:%02d", m.hour, m.minute)
			}
		}
		if got != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, got, c.want)
		}
	}
	if m, ok := readMoment("3/1/2025", today, true); !ok || m.month != 3 || m.day != 1 {
		t.Errorf("with the month first 3/1/2025 is %+v", m)
	}
	if m, ok := readMoment("31/1/2025", today, true); !ok || m.month != 1 || m.day != 31 {
		t.Errorf("with the month first 31/1/2025 is %+v", m)
	}
}

func TestReadNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, region string
		want         float64
		ok           bool
	}{
		{"2", "VN", 2, true},
		{"２０", "TW", 20, true},
		{"-3.5", "TW", -3.5, true},
		{"1.280.000đ", "VN", 1280000, true},
		{"1.500", "VN", 1500, true},
		{"1.500", "TW", 1.5, true},
		{"1,500", "TW", 1500, true},
		{"1,500", "VN", 1.5, true},
		{"1,280.50", "VN", 1280.5, true},
		{"1.280,50", "TW", 1280.5, true},
		{"2 cái", "VN", 2, true},
		{"NT$1,280", "TW", 1280, true},
		{"1 280 000", "FR", 1280000, true},
		{"2 or 3", "US", 0, false},
		{"none", "US", 0, false},
		{"", "US", 0, false},
		{"007", "US", 7, true},
		{"9007199254740994", "US", 0, false},
		{"99999999999999999999", "US", 0, false},
	} {
		if got, ok := readNumber(c.text, c.region); got != c.want || ok != c.ok {
			t.Errorf("%q in %s is read as %v, %v", c.text, c.region, got, ok)
		}
	}
}

func TestHearContact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mai@example.com":            "mai@example.com",
		"My mail: Mai.Le@Shop.VN.":   "Mai.Le@shop.vn",
		"ｍａｉ＠example.com":            "mai@example.com",
		"mai@thư.vn":                 "mai@thư.vn",
		"a@b.co, c@d.co":             "",
		"mai at example.com":         "",
		"mai@localhost":              "",
		"a..b@example.com":           "",
		"@example.com":               "",
		"https://example.com/@mai":   "",
		"mai@example.com/@x":         "mai@example.com",
		"trailing-dot.@example.com ": "",
	} {
		h, err := hearEmail(text)
		if got, _ := h.value.(string); got != want || (err == nil) != (want != "") {
			t.Errorf("e-mail %q is heard as %q, %v", text, got, err)
		}
	}
	for _, c := range []struct{ text, region, want string }{
		{"0912 345 678", "VN", "+84912345678"},
		{"SĐT của em là 0912.345.678 ạ", "VN", "+84912345678"},
		{"(02) 2345-6789", "TW", "+886223456789"},
		{"+886 912 345 678", "VN", "+886912345678"},
		{"0912345678 / 0987654321", "VN", ""},
		{"12", "VN", ""},
		{"call me", "VN", ""},
		{"0912-345-678", "", "0912-345-678"},
		{"123", "", ""},
	} {
		h, err := hearPhone(c.text, c.region)
		if got, _ := h.value.(string); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("phone %q in %q is heard as %q, %v", c.text, c.region, got, err)
		}
	}
}

// FuzzReadMoment checks that no text makes reading a date fail, and that what
// is read is a day there can be.
func FuzzReadMoment(f *testing.F) {
	for _, s := range []string{"2025-03-01", "民國79年5月1日", "ngày 1 tháng 3", "mai 14h30", "明天下午2點30分", "1/3"} {
		f.Add(s, true)
	}
	today := time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string, monthDay bool) {
		m, ok := readMoment(s, today, monthDay)
		if ok && (m.month < 1 || m.month > 12 || m.day < 1 || m.day > 31 || m.hour < 0 || m.hour > 23 || m.minute < 0 || m.minute > 59) {
			t.Errorf("%q is read as %+v", s, m)
		}
		if n, ok := readNumber(s, "VN"); ok && n != n {
			t.Errorf("%q is read as no number", s)
		}
	})
}
