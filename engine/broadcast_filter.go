package engine

// BroadcastFilter narrows a bot's broadcasts; zero fields do not.
type BroadcastFilter struct {
	Source *string // of the plan; "" of those that people and our own API planned
	States []BroadcastState
	// Freezing keeps those that run and whose audience is still being written
	// down, or those whose audience is known.
	Freezing *bool
	// Accounts keeps those that go out on one of them; a plan that names none
	// goes out on all.
	Accounts []string
}
