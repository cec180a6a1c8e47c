package app

import (
	"encoding/json"
	"strings"
)

// planFlags are the flags that write the parts of a plan, by the places the API
// names; the first that begins a place is meant.
var planFlags = [...]struct{ place, flag string }{
	{"content.block", "--block"}, {"content.messages", "--text"}, {"variants", "--variant"}, {"hold_out", "--hold-out"},
	{"intent", "--intent"}, {"category", "--category"}, {"unsubscribe", "--unsubscribe"}, {"track", "--track"},
	{"audience.where", "--where"}, {"audience.segment", "--segment"}, {"audience.list", "--list"}, {"audience.exclude", "--exclude"}, {"audience.first", "--first"}, {"audience.accounts", "--account"},
	{"when.at", "--at"}, {"when.time_zone", "--time-zone"}, {"when.local", "--local"}, {"when.max_lateness", "--max-lateness"},
	{"when.repeat.weekdays", "--weekdays"}, {"when.repeat.every_days", "--every-days"}, {"when.repeat.until", "--until"}, {"when.repeat.times", "--times"},
	{"tags", "--tag"}, {"attributes", "--set"},
}

// flagWords are what a refusal calls the fields that have a flag of their own.
var flagWords = strings.NewReplacer("allow_questions", "--allow-questions", "allow_requests", "--allow-requests")

// byFlags says a refusal of a plan that was written with flags alone with the
// flag it is about: whoever typed it knows no JSON.
func byFlags(answer json.RawMessage, err error) error {
	place := placeOf(answer)
	for _, f := range planFlags {
		if place != "" && strings.HasPrefix(place, f.place) {
			return exitWith(exitCode(err), "%s: %s", f.flag, flagWords.Replace(err.Error()))
		}
	}
	return err
}

// byPlace says a refusal of a plan in a file with the field it is about.
func byPlace(answer json.RawMessage, err error) error {
	if place := placeOf(answer); place != "" {
		return exitWith(exitCode(err), "%s: %s", place, err)
	}
	return err
}

// placeOf is the field of a plan that a refusal is about, "" where it says so
// itself or is about none.
func placeOf(answer json.RawMessage) string {
	var e apiError
	if json.Unmarshal(answer, &e) != nil || len(e.Errors) != 1 || e.Errors[0].Message != e.Detail {
		return ""
	}
	in, _ := strings.CutPrefix(e.Errors[0].Location, "body.")
	return strings.TrimPrefix(in, "plan.")
}
