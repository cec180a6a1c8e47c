package broadcast

import (
	"time"

	"github.com/blockcast/blockcast/engine"
)

const timeOfDay = "15:04"

// quietHours is a time of day in which nobody is written to; the zero value is
// none.
type quietHours struct {
	from, to time.Duration // since midnight
	on       bool
}

// quiet reads a bot's quiet hours, which do not hold for a transactional plan.
func quiet(q *engine.QuietHours, p *engine.Plan) (quietHours, error) {
	if q == nil || p.Transactional {
		return quietHours{}, nil
	}
	from, err := sinceMidnight("quiet_hours.from", q.From)
	if err != nil {
		return quietHours{}, err
	}
	to, err := sinceMidnight("quiet_hours.to", q.To)
	return quietHours{from: from, to: to, on: from != to}, err
}

func sinceMidnight(field, s string) (time.Duration, error) {
	t, err := time.Parse(timeOfDay, s)
	if err != nil {
		return 0, invalid(field, "%q is no time of day, such as 21:30", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// after is the first moment from t on in which a person in a zone may be
// written to: t itself, or the end of the quiet hours it falls into.
func (q quietHours) after(t time.Time, zone *time.Location) time.Time {
	if !q.on {
		return t
	}
	local := t.In(zone)
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
	end := local
	switch {
	case q.from < q.to && clock >= q.from && clock < q.to:
	case q.from > q.to && clock >= q.from:
		end = local.AddDate(0, 0, 1)
	case q.from > q.to && clock < q.to:
	default:
		return t
	}
	midnight := time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, time.UTC)
	at, _ := wall(midnight.Add(q.to)).on(zone)
	if at.Before(t) { // the hour that is shown twice
		return t
	}
	return at
}
