package blocks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// moment is a date, perhaps with a time, as a person wrote it.
type moment struct {
	year, month, day int // year 0: none was given
	hour, minute     int
	timed            bool
}

// in returns the moment in that year; false when there is no such day.
func (m moment) in(year int, zone *time.Location) (time.Time, bool) {
	at := time.Date(year, time.Month(m.month), m.day, m.hour, m.minute, 0, 0, zone)
	return at, at.Day() == m.day && int(at.Month()) == m.month
}

// maxMoment is more than any date with its words needs.
const maxMoment = 100

// readMoment reads a date as people in Vietnam, Taiwan and elsewhere write it:
// 2025-03-01, 1/3/2025, 01.03, 民國114年3月1日, 114/3/1, 20250301, "ngày 1 tháng 3
// năm 2025", "Mar 1, 2025", "mai 14h30", 明天下午2點. today is where the person is.
func readMoment(text string, today time.Time, monthDay bool) (moment, bool) {
	text = strings.ToLower(norm.NFKC.String(text))
	if len(text) > maxMoment {
		return moment{}, false
	}
	var m moment
	text, ok := m.takeTime(text)
	if !ok {
		return moment{}, false
	}
	if m.takeWord(text, today) || m.takeNamedMonth(text) || m.takeDigits(text, today) || m.takeNumbers(text, today, monthDay) {
		return m, m.plausible()
	}
	return moment{}, false
}

// plausible reports whether there can be such a day and time.
func (m *moment) plausible() bool {
	if m.month < 1 || m.month > 12 || m.day < 1 || m.day > 31 || m.hour > 23 || m.minute > 59 || m.year < 0 || m.year > 2200 {
		return false
	}
	return m.year == 0 || m.year >= 1850
}

// timePattern finds a time: 14:30, 14h30, 2 pm, 下午2點30分, 2 giờ chiều.
var timePattern = regexp.MustCompile(`(上午|早上|中午|下午|晚上)?\s*(\d{1,2})(?:\s*(?::|h|giờ|點|点|時|时)\s*(\d{1,2})?(?:\s*:\s*\d{1,2})?\s*(分|phút|半|rưỡi)?)?\s*(am|pm|a\.m\.|p\.m\.|sáng|trưa|chiều|tối|đêm)?`)

// takeTime takes the time out of the text, if there is one; false when what
// looks like one cannot be.
func (m *moment) takeTime(text string) (string, bool) {
	for _, at := range timePattern.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		whole, before, after := part(0), part(1), part(5)
		if before == "" && after == "" && !strings.ContainsAny(whole, ":h點点時时") && !strings.Contains(whole, "giờ") {
			continue // only a number
		}
		m.hour, _ = strconv.Atoi(part(2))
		m.minute, _ = strconv.Atoi(part(3))
		if half := part(4); half == "半" || half == "rưỡi" {
			m.minute = 30
		}
		m.hour = onClock(m.hour, before+after)
		m.timed = true
		return text[:at[0]] + " " + text[at[1]:], m.hour <= 23 && m.minute <= 59
	}
	return text, true
}

// onClock turns an hour with its part of the day into one of 24.
func onClock(hour int, part string) int {
	switch part {
	case "đêm":
		switch {
		case hour == 12:
			return 0
		case hour >= 7 && hour < 12:
			return hour + 12
		}
	case "下午", "晚上", "pm", "p.m.", "chiều", "tối":
		if hour < 12 {
			return hour + 12
		}
	case "中午", "trưa":
		if hour < 10 { // 1 trưa
			return hour + 12
		}
	case "上午", "早上", "am", "a.m.", "sáng":
		if hour == 12 {
			return 0
		}
	}
	return hour
}

// takeWord reads today, tomorrow and the day after.
func (m *moment) takeWord(text string, today time.Time) bool {
	word := strings.Trim(text, " \t,.!")
	for _, at := range []string{"lúc", "luc", "vào", "vao", "at", "在"} {
		word = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(word, at+" "), " "+at))
	}
	if word == "" && m.timed { // only a time
		word = "today"
	}
	for ahead, words := range [][]string{
		{"today", "hôm nay", "hom nay", "nay", "今天", "今日"},
		{"tomorrow", "ngày mai", "ngay mai", "mai", "明天", "明日"},
		{"the day after tomorrow", "ngày kia", "ngày mốt", "mốt", "後天", "后天"},
	} {
		if slices.Contains(words, word) {
			at := today.AddDate(0, 0, ahead)
			m.year, m.month, m.day = at.Year(), int(at.Month()), at.Day()
			return true
		}
	}
	return false
}

var monthName = regexp.MustCompile(`\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b`)

// takeNamedMonth reads "Mar 1, 2025" and "1 March 2025".
func (m *moment) takeNamedMonth(text string) bool {
	name := monthName.FindStringSubmatch(text)
	numbers := digitRuns(text)
	if name == nil || len(numbers) < 1 || len(numbers) > 2 {
		return false
	}
	m.month = 1 + slices.Index([]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}, name[1])
	m.day = numbers[0].value
	if len(numbers) == 2 {
		m.year = numbers[1].value
	}
	return true
}

// takeDigits reads 20250301, 01032025 and 1140301.
func (m *moment) takeDigits(text string, today time.Time) bool {
	digits := strings.TrimSpace(strings.NewReplacer("民國", "", "民国", "").Replace(text))
	if strings.Trim(digits, "0123456789") != "" {
		return false
	}
	part := func(from, to int) int {
		n, _ := strconv.Atoi(digits[from:to])
		return n
	}
	switch len(digits) {
	case 8:
		m.year, m.month, m.day = part(0, 4), part(4, 6), part(6, 8)
		if !m.plausible() {
			m.day, m.month, m.year = part(0, 2), part(2, 4), part(4, 8)
		}
		return true
	case 7: // 民國, with three digits
		m.year, m.month, m.day = part(0, 3)+rocOffset, part(3, 5), part(5, 7)
		return m.year <= today.Year()+100
	case 6: // 民國, with two
		m.year, m.month, m.day = part(0, 2)+rocOffset, part(2, 4), part(4, 6)
		return strings.Contains(text, "民")
	}
	return false
}

// rocOffset is the year before 民國 1.
const rocOffset = 1911

// takeNumbers reads two or three numbers, in the order the words beside them
// or their sizes say.
func (m *moment) takeNumbers(text string, today time.Time, monthDay bool) bool {
	n := digitRuns(text)
	roc := strings.Contains(text, "民國") || strings.Contains(text, "民国")
	yearFirst := strings.ContainsAny(text, "年") || roc || len(n) == 3 && (n[0].digits >= 3 || n[0].value > 31)
	switch {
	case len(n) == 3 && yearFirst:
		m.year, m.month, m.day = n[0].value, n[1].value, n[2].value
		if roc || n[0].digits <= 3 {
			m.year += rocOffset
		}
		return true
	case len(n) == 3:
		m.day, m.month, m.year = n[0].value, n[1].value, n[2].value
		if n[2].digits <= 2 {
			m.year = century(n[2].value, today)
		}
	case len(n) == 2 && strings.ContainsAny(text, "月"):
		m.month, m.day = n[0].value, n[1].value
		return true
	case len(n) == 2:
		m.day, m.month = n[0].value, n[1].value
	default:
		return false
	}
	spelt := strings.Contains(text, "tháng") || strings.Contains(text, "thang")
	if !spelt && (monthDay && m.month <= 31 && m.day <= 12 || m.month > 12 && m.day <= 12) {
		m.day, m.month = m.month, m.day
	}
	return true
}

// century completes a year of two digits: the one in the past, unless it is
// within ten years from now.
func century(year int, today time.Time) int {
	year += today.Year() / 100 * 100
	if year > today.Year()+10 {
		return year - 100
	}
	return year
}

// digitRun is a number in a text.
type digitRun struct{ value, digits int }

// digitRuns returns the numbers of a text; more than four digits are none of a
// date's.
func digitRuns(text string) []digitRun {
	var runs []digitRun
	for i := 0; i < len(text); {
		if text[i] < '0' || text[i] > '9' {
			i++
			continue
		}
		end := i
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if end-i > 4 {
			return nil
		}
		value, _ := strconv.Atoi(text[i:end])
		runs = append(runs, digitRun{value, end - i})
		i = end
	}
	return runs
}
