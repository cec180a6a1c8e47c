package engine

import "time"

// Flow is a flow of a bot as people manage it.
type Flow struct {
	ID        string
	BotID     string
	Name      string
	Draft     []byte // the document last pushed, perhaps not published
	Published int    // number of the published version, 0 when none
	UpdatedAt time.Time
}

// FlowVersion is one immutable published version.
type FlowVersion struct {
	ID        int64
	BotID     string
	FlowID    string
	Number    int
	Document  []byte
	IDs       map[string]string // see flows.Checked
	Checksum  string
	Author    string // the token's name
	Note      string
	CreatedAt time.Time
	// Against is the bot's revision that the document was checked at, when it is
	// published: another one by then is refused. nil is not compared.
	Against *int64
}

// BlockInfo is a block a caller can address.
type BlockInfo struct {
	ID      string
	BotID   string
	Name    string
	FlowID  string
	Flow    string // its name
	Module  bool
	Version int
	Aliases []string
	Needs   []string
}
