package engine

import "time"

// What one turn may do at most. Each limit ends the run with an event of level
// failure that names it; what was said until then is kept in an answer and
// thrown away in a send.
const (
	MaxStepsPerTurn    = 200              // instructions
	MaxIncludeDepth    = 8                // modules inside modules
	MaxMessagesPerTurn = 30               // six calls of five on LINE; more is a loop or spam
	MaxEventsPerTurn   = 100              // events
	MaxFetchesPerTurn  = 10               // calls to authors' URLs
	FetchBudget        = 20 * time.Second // over all fetches of a turn; the contact's lease is renewed for no longer
	MaxSessionSize     = 64 << 10         // about how many bytes of attributes and answers a session may carry
	MaxTimersPerTurn   = 20               // deliveries planned for another time
	MaxTimers          = 100              // deliveries planned for one identity
	MaxChain           = 400              // blocks that each plan the next: one a day for more than a year
	MaxNoticesPerTurn  = 20               // notices to outgoing webhooks
	MaxChanges         = 500              // changes of attributes and tags
)

// Defaults for what an author left open.
const (
	DefaultFetchTimeout = 10 * time.Second
	DefaultHandover     = 30 * time.Minute
)

// Limits of finding what somebody means.
const (
	MaxMatchedText   = 2 << 10 // bytes of a message that keywords are looked for in
	MaxAllKeywords   = 64      // keywords of one trigger that must all occur; one with more never matches
	maxComparedNames = 2000    // names a misspelt one is compared with
)
