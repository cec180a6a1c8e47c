package channels

import "strings"

// Value is the first value of a header in whatever letter case it came, ""
// when it did not: platforms guarantee none.
func (r *Request) Value(header string) string {
	if r.Find != nil {
		return r.Find(header)
	}
	for key, values := range r.Header {
		if strings.EqualFold(key, header) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}
