package engine

import "github.com/blockcast/blockcast/flows"

// Library is everything a bot has published, as it was at one moment: the
// newest version of each flow, ready to run. It is immutable.
type Library struct {
	BotID    string
	Revision int64 // of the bot's publishing; a higher one replaces this library
	// Version returns the program of any version, also one that sessions are
	// still pinned to.
	Version func(id int64) (*flows.Program, error)
	Flows   []Published
}

// Published is the newest version of one flow.
type Published struct {
	FlowID    string
	Name      string
	Number    int
	VersionID int64
	Program   *flows.Program
}
