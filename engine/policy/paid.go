package policy

import "time"

// Paid reports whether a message by a route costs money on a channel.
func Paid(channel, route string, now time.Time) bool {
	p := platformAt(channel, now)
	switch route {
	case RoutePush:
		return p.paid
	case RouteTemplate:
		return p.paidTemplates
	}
	return false
}
