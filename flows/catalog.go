package flows

import "github.com/blockcast/blockcast/blocks/expression"

// Catalog is what else a bot has, against which a document is checked. The
// zero value checks a document by itself.
type Catalog struct {
	Blocks     []Known                  // blocks and modules of the bot's other published flows, and of this flow's earlier version
	Attributes []expression.Declaration // declared by other published flows
	Triggers   []KnownTrigger           // of other published flows; only follow and default matter
	Uses       []Use                    // blocks that other published flows name
	Channels   []string                 // kinds of the connected accounts; none: unknown
	Windowed   []string                 // those of Channels whose platform takes free messages only for a while after the person wrote
	Templated  []string                 // those of Channels whose platform has approved templates
	Displays   []Display                // of the channels whose way of showing messages is to be told
	Listens    bool                     // an outgoing webhook is told of handovers
	Before     []expression.Declaration // declared by this flow's earlier version
	Dependents []Dependent              // broadcasts still to be sent, and segments
	Files      map[string]bool          // by the id of each file that FilesNamed finds in the document, whether the bot keeps it; nil: unknown
	NewID      func() string            // 24 hex digits for a block seen the first time; nil: derived from the name
}

// Known is a block the bot already has.
type Known struct {
	ID, Name, Flow string
	Aliases        []string
	Module         bool
}

// KnownTrigger is a trigger another flow of the bot has.
type KnownTrigger struct {
	Flow     string
	On       string
	Channels []string
	Accounts []string
}

// Use is a block that a flow names, from its Checked.IDs.
type Use struct {
	Flow  string
	Block string // id
}
