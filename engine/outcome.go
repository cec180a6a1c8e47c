package engine

// Outcomes of an interaction, as its row keeps them.
const (
	OutcomeAnswered   = "answered"    // something was said
	OutcomeSilent     = "silent"      // it was understood and there was nothing to say
	OutcomeNoMatch    = "no_match"    // no trigger is meant for it
	OutcomeHandedOver = "handed_over" // a person leads the conversation
	OutcomeStandby    = "standby"     // another application leads the conversation
	OutcomeStale      = "stale"       // a timer for a wait that is over
	OutcomeFailed     = "failed"      // what was to be said could not be made
)

// Codes of the events the runner itself makes. Steps make their own, such as
// expression:invalid.
const (
	EventInterrupted   = "session:interrupted" // an open question or pause was left
	EventSessionLost   = "session:lost"        // the session's place is not there any more
	EventBlockGone     = "block_gone"          // a button or step names a block that was removed
	EventRunFailed     = "run:failed"          // a step could not say what it was to say
	EventFetch         = "request:unavailable" // no calls can be made here
	EventAttribute     = "attribute:refused"   // a value that its attribute cannot have
	EventLimitSteps    = "limit:steps"         // MaxStepsPerTurn
	EventLimitDepth    = "limit:include_depth" // MaxIncludeDepth
	EventLimitMessages = "limit:messages"      // MaxMessagesPerTurn
	EventLimitEvents   = "limit:events"        // MaxEventsPerTurn
	EventLimitFetches  = "limit:requests"      // MaxFetchesPerTurn
	EventLimitBudget   = "limit:request_time"  // FetchBudget
	EventLimitSession  = "limit:session"       // MaxSessionSize
	EventLimitTimers   = "limit:later"         // MaxTimersPerTurn
	EventLimitChain    = "limit:later_chain"   // MaxChain
	EventLimitStored   = "limit:later_stored"  // MaxTimers
	EventCalledOff     = "later:called_off"    // what was planned was not sent when its time came
	EventPast          = "later:past"          // it would have been sent before now
	EventFar           = "later:too_far"       // it would be sent in more than a year
	EventLimitNotices  = "limit:notices"       // MaxNoticesPerTurn
	EventLimitChanges  = "limit:changes"       // MaxChanges
)
