package api

import "strings"

// wordings turn huma's messages into sentences for callers: what a message
// begins with, and what is said instead. What follows stays, such as a limit.
var wordings = []struct{ begin, say string }{
	{noSuchParameter, "there is no such parameter"},
	{noSuchField, "there is no such field"},
	{"expected value to be one of ", "must be one of "},
	{"expected number >= ", "must be at least "},
	{"expected number <= ", "must be at most "},
	{"expected number > ", "must be more than "},
	{"expected number < ", "must be less than "},
	{"expected length >= ", "is too short: at least "},
	{"expected length <= ", "is too long: at most "},
	{"expected array length >= ", "has too few items: at least "},
	{"expected array length <= ", "has too many items: at most "},
	{"expected string to match pattern ", "must match "},
	{"expected string to be RFC 3339 date-time", "must be a time such as 2026-12-30T09:00:00Z"},
	{"expected boolean", "must be true or false"},
	{"expected number", "must be a number"},
	{"expected integer", "must be a whole number"},
	{"expected string", "must be a text"},
	{"expected array", "must be a list"},
	{"expected object", "must be an object"},
	{noBody, "is missing: send a JSON object, with the header Content-Type: application/json"},
	{"unknown content type", "must be JSON, sent with the header Content-Type: application/json"},
}

// worded is a mistake that huma found, at its place and in plain words.
func worded(location, message string) (place, text string) {
	if name, ok := strings.CutPrefix(message, "expected required property "); ok {
		if name, ok = strings.CutSuffix(name, " to be present"); ok {
			return strings.TrimPrefix(location+"."+name, "."), "is missing"
		}
	}
	for _, w := range wordings {
		rest, ok := strings.CutPrefix(message, w.begin)
		switch {
		case !ok:
		case strings.HasSuffix(w.begin, " "):
			return location, w.say + strings.Trim(rest, `"`)
		case rest == "" || strings.HasPrefix(rest, ":"):
			return location, w.say
		}
	}
	return location, message
}
