package media

import (
	"strconv"
	"strings"
)

// span is the part of a file that is asked for: [from, to).
type span struct {
	from, to int64
	asked    bool // false: the whole
}

// readRange reads a Range header. What is no range of bytes, or several, means
// the whole file, as RFC 9110 allows; ok is false for one that lies outside.
func readRange(header string, size int64) (_ span, ok bool) {
	whole := span{to: size}
	unit, list, found := strings.Cut(header, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") || strings.Contains(list, ",") {
		return whole, true
	}
	first, last, found := strings.Cut(strings.TrimSpace(list), "-")
	if !found || !isNumber(first) || !isNumber(last) || first == "" && last == "" {
		return whole, true
	}
	if first == "" { // the last bytes
		n := number(last)
		if n == 0 {
			return whole, false
		}
		return span{max(0, size-n), size, true}, size > 0
	}
	from, to := number(first), size
	if last != "" {
		end := number(last)
		if end < from {
			return whole, true
		}
		to = min(end+1, size)
	}
	return span{from, to, true}, from < size
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// number is at most a size no file has.
func number(s string) int64 {
	const most = 1 << 50
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return most
	}
	return min(n, most)
}

// mayBePart reports whether a part may be sent: not to who has another version.
func mayBePart(ifRange, tag string) bool { return ifRange == "" || ifRange == tag }

// matches reports whether a caller has the file already.
func matches(ifNoneMatch, tag string) bool {
	for t := range strings.SplitSeq(ifNoneMatch, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}
