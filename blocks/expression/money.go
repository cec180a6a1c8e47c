package expression

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// currency is how people write amounts of it.
type currency struct {
	code     string
	format   string // ¤ stands for the amount
	decimals int
	group    string // between thousands
	point    string // before decimals
	indian   bool   // 12,80,000
}

// currencies are those of the markets served, as their banks and shops write
// them. A space beside the sign is one at which no line is broken.
var currencies = [...]currency{
	{"AED", "AED\u00a0¤", 2, ",", ".", false},
	{"AUD", "A$¤", 2, ",", ".", false},
	{"BDT", "৳¤", 2, ",", ".", true},
	{"BRL", "R$\u00a0¤", 2, ".", ",", false},
	{"CAD", "CA$¤", 2, ",", ".", false},
	{"CHF", "CHF\u00a0¤", 2, "’", ".", false},
	{"CNY", "¥¤", 2, ",", ".", false},
	{"EUR", "€¤", 2, ",", ".", false},
	{"GBP", "£¤", 2, ",", ".", false},
	{"HKD", "HK$¤", 2, ",", ".", false},
	{"IDR", "Rp¤", 0, ".", ",", false},
	{"INR", "₹¤", 2, ",", ".", true},
	{"JPY", "¥¤", 0, ",", ".", false},
	{"KHR", "¤៛", 0, ",", ".", false},
	{"KRW", "₩¤", 0, ",", ".", false},
	{"LAK", "₭¤", 0, ".", ",", false},
	{"MMK", "K¤", 0, ",", ".", false},
	{"MOP", "MOP$¤", 2, ",", ".", false},
	{"MXN", "MX$¤", 2, ",", ".", false},
	{"MYR", "RM¤", 2, ",", ".", false},
	{"NZD", "NZ$¤", 2, ",", ".", false},
	{"PHP", "₱¤", 2, ",", ".", false},
	{"SGD", "S$¤", 2, ",", ".", false},
	{"THB", "฿¤", 2, ",", ".", false},
	{"TRY", "₺¤", 2, ".", ",", false},
	{"TWD", "NT$¤", 0, ",", ".", false},
	{"USD", "$¤", 2, ",", ".", false},
	{"VND", "¤\u00a0₫", 0, ".", ",", false},
}

func currencyNamed(code string) (*currency, error) {
	upper := strings.ToUpper(code)
	for i := range currencies {
		if currencies[i].code == upper {
			return &currencies[i], nil
		}
	}
	codes := make([]string, len(currencies))
	for i := range currencies {
		codes[i] = currencies[i].code
	}
	return nil, fmt.Errorf("unknown currency %s: use one of %s", quote(code), strings.Join(codes, " "))
}

func checkCurrency(_ *Env, v any) error {
	_, err := currencyNamed(v.(string))
	return err
}

func money(e *Env, a []any) (any, error) {
	c, err := currencyNamed(a[1].(string))
	if err != nil {
		return nil, err
	}
	decimals, err := optionalDecimals(a, 2, c.decimals)
	if err != nil {
		return nil, err
	}
	return c.write(a[0].(float64), decimals), nil
}

// write puts the amount into the currency's format; the sign goes in front.
func (c *currency) write(amount float64, decimals int) string {
	digits := roundDecimal(amount, decimals)
	unsigned, negative := strings.CutPrefix(digits, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	before, after, _ := strings.Cut(c.format, "¤")

	b := make([]byte, 0, len(c.format)+len(digits)*2)
	if negative {
		b = append(b, '-')
	}
	b = append(b, before...)
	b = c.appendGrouped(b, whole)
	if fraction != "" {
		b = append(append(b, c.point...), fraction...)
	}
	return string(append(b, after...))
}

// appendGrouped writes digits in threes; the Indian way in twos above a
// thousand.
func (c *currency) appendGrouped(b []byte, digits string) []byte {
	for i := range len(digits) {
		left := len(digits) - i
		if i > 0 && (left%3 == 0 && !c.indian || c.indian && (left == 3 || left > 3 && left%2 == 1)) {
			b = append(b, c.group...)
		}
		b = append(b, digits[i])
	}
	return b
}

// roundDecimal writes a number with so many decimals, halves rounded away from
// zero as they are written: 1.005 to two decimals is 1.01, though the nearest
// binary fraction lies below it.
func roundDecimal(f float64, decimals int) string {
	if f == math.Trunc(f) {
		return unsignedZero(strconv.FormatFloat(f, 'f', decimals, 64))
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	_, fraction, _ := strings.Cut(s, ".")
	if len(fraction) <= decimals {
		return s + strings.Repeat("0", decimals-len(fraction))
	}
	up := fraction[decimals] >= '5'
	kept := []byte(s[:len(s)-len(fraction)+decimals])
	if up {
		kept = increment(kept)
	}
	return unsignedZero(strings.TrimSuffix(string(kept), "."))
}

// increment adds one to the last digit.
func increment(digits []byte) []byte {
	for i := len(digits) - 1; i >= 0; i-- {
		switch digits[i] {
		case '.':
		case '-':
			return append([]byte("-1"), digits[1:]...)
		case '9':
			digits[i] = '0'
		default:
			digits[i]++
			return digits
		}
	}
	return append([]byte("1"), digits...)
}

func unsignedZero(s string) string {
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}
