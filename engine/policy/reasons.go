package policy

// Reasons why a delivery is skipped, as the ledger keeps them. Explain has a
// sentence for each.
const (
	Blocked        = "blocked"
	Disconnected   = "disconnected"
	AccountPaused  = "account_paused"
	DoNotContact   = "do_not_contact"
	Unsubscribed   = "unsubscribed"
	NotSubscribed  = "not_subscribed"
	Group          = "group"
	HandedOver     = "handed_over"
	WindowClosed   = "window_closed"
	QuotaUsed      = "quota"
	Expired        = "expired"
	InConversation = "in_conversation"
	NothingToSay   = "nothing_to_say"
	Canceled       = "canceled"
	Erased         = "erased"
	QuietHours     = "quiet_hours"
	FrequencyCap   = "frequency_cap"
	RouteLocked    = "route_locked"
	RouteChanged   = "route_changed"
	Missed         = "missed"
	HeldOut        = "hold_out"
)

// Explain says in a sentence why, and in another what can be done about it. An
// unknown reason is returned as it is.
func Explain(reason string) string {
	switch reason {
	case Blocked:
		return "The person has blocked the account or left it. They are reachable again as soon as they come back or write."
	case Disconnected:
		return "The account is not connected any more. Connect it again to reach the people on it."
	case AccountPaused:
		return "The account is paused, by a person or because the platform refuses it. Its deliveries wait; see the account's reason and activate it again."
	case DoNotContact:
		return "This person is marked as not to be contacted. Take the mark off the contact if that was a mistake; answers to what they write go out all the same."
	case Unsubscribed:
		return "The person has asked not to get such messages. They can subscribe again by a button or by what they write; order news and answers are not affected."
	case NotSubscribed:
		return "The person has never agreed to get such messages on this account. Offer them a button that subscribes."
	case Group:
		return "This is a group, and broadcasts go to persons only. Send to the group by its identity instead."
	case HandedOver:
		return "A person is talking with them, and the bot stays silent meanwhile. Send it when the conversation is given back, or with force if it may not wait."
	case WindowClosed:
		return "The person wrote too long ago for this platform to let the message through. Give the block a template for this channel under when_closed, or wait until they write again."
	case QuotaUsed:
		return "The account's paid messages of this month are used up. Raise the plan, or send next month."
	case Expired:
		return "It could not go out before it expired. Look at its attempts for what held it up, or give it more time with expires_in."
	case InConversation:
		return "The person was just being asked something, and this would have cut in. Send it later, or with force."
	case NothingToSay:
		return "The block ran and said nothing for this person. Look at its conditions and at the person's attributes."
	case Canceled:
		return "Somebody canceled it before it went out. Send it again if it is still wanted."
	case Erased:
		return "The contact was erased after this was accepted, and with it where to send. There is nothing to do; who writes again is a new contact."
	case QuietHours:
		return "It is the time of day in which the bot writes to nobody unasked. It goes out when that is over on the person's clock."
	case FrequencyCap:
		return "The person has had as many broadcasts lately as the bot's settings allow. Send it later, or raise the cap."
	case RouteLocked:
		return "The account may not send such messages since something that reads like promotion was found, or the platform objected. A person has to look at it and unlock it with a note."
	case RouteChanged:
		return "The message was made before the start, and by the way it was made for it may not go out any more. Send it to those not reached, which makes it anew."
	case Missed:
		return "On the person's own clock the time had passed by more than max_lateness when it started. Send it to those not reached."
	case HeldOut:
		return "The person is one of those who get nothing, so that the others can be compared with them. Leave hold_out away to reach everybody."
	}
	return reason
}

// Reasons lists every reason that Explain knows.
func Reasons() []string {
	return []string{Blocked, Disconnected, AccountPaused, DoNotContact, Unsubscribed, NotSubscribed, Group, HandedOver,
		WindowClosed, QuotaUsed, Expired, InConversation, NothingToSay, Canceled, Erased,
		QuietHours, FrequencyCap, RouteLocked, RouteChanged, Missed, HeldOut}
}
