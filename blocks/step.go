package blocks

// Step is one authored card of a block.
type Step interface {
	// Kind is the value of the step's "type".
	Kind() string
	// Check reports every problem of the step at its place and compiles its
	// texts. It is called once, before Compile.
	Check(c *Checker)
	// Compile appends the step's instructions. It is called also for a step
	// with problems, and must not panic then.
	Compile(c *Code)
}

// Steps is an ordered list of steps.
type Steps []Step

// Branch is what follows in some case: the name of a block, or steps.
type Branch struct {
	Block Ref
	Steps Steps
}

// Limits of what one block may hold. What is beyond them is a problem at check.
const (
	MaxSteps        = 500 // of one block, those inside branches included
	MaxNesting      = 8   // branches inside branches
	MaxCards        = 50  // evaluated for one carousel
	MaxButtons      = 20  // evaluated for one message, card or column
	MaxQuickReplies = 50  // evaluated for one message
	MaxChoices      = 50  // evaluated for one question
	MaxCases        = 50  // of one switch
	MaxPairs        = 50  // attributes of one set, headers of one request …
	MaxTags         = 20  // tags of one step or button
)

// ModuleMessages is how many messages a module may say at most: a platform
// takes five in one call.
const ModuleMessages = 5
