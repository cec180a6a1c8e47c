package expression

// Filter is what an expression asks of people, as a tree that a database can
// be asked as well as a program. It is immutable.
type Filter struct {
	Op   FilterOp
	Args []Filter // of And, Or and Not
	List string   // of InList: the list's id
}

// FilterOp says what a node of a Filter asks.
type FilterOp string

// Nodes of a filter.
const (
	Everyone FilterOp = "everyone"
	And      FilterOp = "and"
	Or       FilterOp = "or"
	Not      FilterOp = "not"
	InList   FilterOp = "in_list" // the person was named in a list
)
