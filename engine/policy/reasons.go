package policy

// Reasons a delivery is skipped for, as the ledger keeps them.
const (
	Blocked        = "blocked"
	DoNotContact   = "do_not_contact"
	NotSubscribed  = "not_subscribed"
	Unsubscribed   = "unsubscribed"
	HandedOver     = "handed_over"
	WindowClosed   = "window_closed"
	Disconnected   = "disconnected"
	Expired        = "expired"
	InConversation = "in_conversation"
	NothingToSay   = "nothing_to_say"
)

// Explain says in a sentence or two what a reason means and what to do about
// it; "" for one it does not know.
func Explain(reason string) string {
	switch reason {
	case Blocked:
		return "They blocked or left this account, so nothing can reach them here. It ends by itself when they come back."
	case DoNotContact:
		return "This person is marked as not to be contacted. Take the mark off the contact if that was a mistake."
	case NotSubscribed:
		return "This kind of message needs their consent and they never gave it. Ask for it with a subscribe button or step."
	case Unsubscribed:
		return "They unsubscribed from such messages. Only they can subscribe again."
	case HandedOver:
		return "A person leads this conversation, so the bot is silent. Release the conversation, or send with force."
	case WindowClosed:
		return "They have not written for too long for this platform. Give the block a template in when_closed."
	case Disconnected:
		return "The account is disconnected. Connect it again, or send on another one."
	case Expired:
		return "It could not go out before its time was over. See the attempts for what held it up."
	case InConversation:
		return "They were answering another question. It goes out when that is done, or with force."
	case NothingToSay:
		return "The block ran and said nothing to this person. Look at its conditions."
	}
	return ""
}
