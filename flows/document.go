package flows

import "github.com/blockcast/blockcast/blocks"

// Format is the format of documents this program writes and reads; older ones
// are upgraded as they are read.
const Format = 1

// Document is the authored JSON.
type Document struct {
	Schema     string                       `json:"$schema,omitempty" doc:"Where the JSON Schema of this document is, for editors."`
	Format     int                          `json:"format" doc:"The format this document is written in: 1."`
	Flow       string                       `json:"flow" doc:"The flow's name, unique within its bot."`
	Attributes map[string]*Attribute        `json:"attributes,omitempty" doc:"What is kept of a person, by name: a type, or an object with more."`
	Texts      map[string]map[string]string `json:"texts,omitempty" doc:"Words for values, read by t('name', value); \"*\" stands for all others."`
	Triggers   []TriggerForm                `json:"triggers,omitempty" doc:"What starts which block."`
	Modules    []BlockForm                  `json:"modules,omitempty" doc:"Blocks that only speak: any block can include them, anything can send them."`
	Blocks     []BlockForm                  `json:"blocks,omitempty" doc:"Named lists of steps."`
}

// Attribute declares an attribute; alone its type is enough.
type Attribute struct {
	Type    string `json:"type" enum:"text,number,boolean,date,datetime,list,json" doc:"What kind of value it has."`
	Default any    `json:"default,omitempty" doc:"What it reads as when a person has none."`
	Sample  any    `json:"sample,omitempty" doc:"A typical value: checks paths into it, and shows in previews."`
}

// BlockForm is a block or module as authored.
type BlockForm struct {
	Name       string                 `json:"name" doc:"Unique within the bot; case and spaces do not matter."`
	Was        string                 `json:"was,omitempty" doc:"Its name in the version before, when it has been renamed."`
	Aliases    []string               `json:"aliases,omitempty" doc:"Ids and names other systems know it by."`
	Entry      *Entry                 `json:"entry,omitempty" doc:"That callers from outside send it."`
	WhenClosed map[string]*ClosedForm `json:"when_closed,omitempty" doc:"By channel: what goes out instead when the platform allows no free message."`
	Steps      blocks.Steps           `json:"steps" doc:"From first to last."`
}

// Entry says that callers from outside send the block.
type Entry struct {
	Needs []string `json:"needs,omitempty" doc:"Attributes the caller should bring."`
}

// ClosedForm is an approved template of a platform as authored.
type ClosedForm struct {
	Template blocks.ApprovedName `json:"template" doc:"The template's name on the platform."`
	Language blocks.Template     `json:"language" doc:"The language it is approved in, as the platform writes it."`
	blocks.Filling
}

// TriggerForm is a trigger in a document: what has to happen for a block to run.
type TriggerForm struct {
	On       string   `json:"on" enum:"follow,keyword,referral,postback,media,unfollow,event,default" doc:"What has to happen."`
	Any      []string `json:"any,omitempty" doc:"keyword: one of these occurs."`
	All      []string `json:"all,omitempty" doc:"keyword: all of these occur."`
	Exact    []string `json:"exact,omitempty" doc:"keyword: the whole text is one of these."`
	Pattern  string   `json:"pattern,omitempty" doc:"keyword: a regular expression over the text as written."`
	Ref      string   `json:"ref,omitempty" doc:"referral: the link's ref; * for all."`
	Data     string   `json:"data,omitempty" doc:"postback: another system's payload."`
	Event    string   `json:"event,omitempty" doc:"event: its name, as posted to the API."`
	Channels []string `json:"channels,omitempty" doc:"Only on these channels."`
	Accounts []string `json:"accounts,omitempty" doc:"Only on these accounts."`
	Priority int      `json:"priority,omitempty" doc:"The higher goes first when several keywords match."`
	Even     bool     `json:"even_if_handed_over,omitempty" doc:"Also while a person holds the conversation."`
	Block    string   `json:"block" doc:"The block to run."`
}
