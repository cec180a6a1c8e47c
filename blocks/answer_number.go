package blocks

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// numberPattern finds numbers with their separators in what a person wrote.
var numberPattern = regexp.MustCompile(`[-−]?\d+(?:[.,'’ ]\d+)*`)

// maxAnswerNumber is the largest number kept exactly.
const maxAnswerNumber = 1 << 53

// readNumber finds the one number of a text: "2", "1.280.000đ", "about 1,280.50".
// Where one separator could be either, three digits after it are thousands if
// the region writes thousands with it.
func readNumber(text, region string) (float64, bool) {
	if strings.Trim(text, "0123456789") != "" { // most people answer with digits alone
		found := numberPattern.FindAllString(norm.NFKC.String(text), 2)
		if len(found) != 1 {
			return 0, false
		}
		text = plainNumber(numberMarks.Replace(found[0]), region)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(n) > maxAnswerNumber {
		return 0, false
	}
	return n, true
}

// numberMarks is what may stand inside a number besides digits; building a
// replacer costs more than using one.
var numberMarks = strings.NewReplacer("−", "-", " ", "", "'", "", "’", "")

// plainNumber drops thousands separators and writes the decimal one as a point.
func plainNumber(s, region string) string {
	points, commas := strings.Count(s, "."), strings.Count(s, ",")
	switch {
	case points > 0 && commas > 0: // the later one is the decimal one
		if strings.LastIndexByte(s, '.') > strings.LastIndexByte(s, ',') {
			return strings.ReplaceAll(s, ",", "")
		}
		return strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case points > 1:
		return strings.ReplaceAll(s, ".", "")
	case commas > 1:
		return strings.ReplaceAll(s, ",", "")
	case points == 1 && groups(s, '.') && decimalComma(region):
		return strings.Replace(s, ".", "", 1)
	case commas == 1 && groups(s, ',') && !decimalComma(region):
		return strings.Replace(s, ",", "", 1)
	}
	return strings.Replace(s, ",", ".", 1)
}

// groups reports whether exactly three digits follow the separator.
func groups(s string, separator byte) bool {
	return len(s)-strings.IndexByte(s, separator) == 4
}

// decimalComma reports whether the region writes 1.280,50.
func decimalComma(region string) bool {
	return slices.Contains([]string{
		"AR", "AT", "BE", "BG", "BR", "CL", "CO", "CZ", "DE", "DK", "ES", "FI", "FR", "GR", "HR", "HU", "ID", "IT",
		"NL", "NO", "PL", "PT", "RO", "RS", "RU", "SE", "SI", "SK", "TR", "UA", "UY", "VE", "VN",
	}, region)
}
