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

// byFlags says a refusal of a plan that was written with flags alone with the
// flag it is about: whoever typed it knows no JSON.
func byFlags(answer json.RawMessage, err error) error {
	var e apiError
	if json.Unmarshal(answer, &e) != nil || len(e.Errors) != 1 || e.Errors[0].Message != e.Detail {
		return err
	}
	place := strings.TrimPrefix(e.Errors[0].Location, "body.")
	for _, f := range planFlags {
		if strings.HasPrefix(place, f.place) {
			return exitWith(exitCode(err), "%s: %s", f.flag, err)
		}
	}
	return err
}
