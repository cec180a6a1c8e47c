package app

import "time"

// day is a date in the session's zone, "" for none.
func (s *session) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone()).Format(time.DateOnly)
}

// momentForm is as the explanations of sends write times.
const momentForm = "2006-01-02 15:04:05 MST"

// moment is a time in the session's zone, "" for none.
func (s *session) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone()).Format(momentForm)
}

// zone is the bot's where a session is about one, as its explanations and
// schedules have it; else that of whoever looks.
func (s *session) zone() *time.Location {
	if s.zoneName == "" {
		return time.Local
	}
	zone, err := time.LoadLocation(s.zoneName)
	if err != nil { // this machine does not know it
		return time.Local
	}
	return zone
}
