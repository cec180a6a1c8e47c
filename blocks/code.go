package blocks

// Code is the flat instruction list of one block as it grows.
type Code struct {
	list []Instruction
}

// Compile makes the instructions of a block's checked steps.
func Compile(steps Steps) []Instruction {
	c := &Code{}
	c.Steps(steps)
	return c.list
}

// Emit appends an instruction and returns its place.
func (c *Code) Emit(i Instruction) int {
	c.list = append(c.list, i)
	return len(c.list) - 1
}

// PC is the place of the next instruction.
func (c *Code) PC() int { return len(c.list) }

// Steps appends the instructions of the steps.
func (c *Code) Steps(steps Steps) {
	for _, s := range steps {
		if s != nil {
			s.Compile(c)
		}
	}
}

// Branch appends the instructions of a branch.
func (c *Code) Branch(b *Branch) {
	if b.Block.Name != "" {
		c.Emit(leave{b.Block.ID})
		return
	}
	c.Steps(b.Steps)
}

// Ways is where a run may go after an instruction, and what kind of work it
// is. It is what one must know to draw the graph of a block.
type Ways struct {
	Next     bool     // the following instruction
	Jumps    []int    // other instructions of the block
	Blocks   []string // ids of blocks it goes to by itself
	Module   string   // id of the module it includes
	Ends     bool     // the run may end here
	Asks     bool     // it waits for an answer
	Pauses   bool     // it waits for time to pass
	Requests bool     // it calls an author's URL
	Messages int      // how many messages it says at most
	Template bool     // what it says is an approved template
}

// WaysOf says where an instruction can lead and what it does on the way. One that
// says nothing of it leads to the next alone.
func WaysOf(i Instruction) Ways {
	if w, ok := i.(interface{ ways() Ways }); ok {
		return w.ways()
	}
	return Ways{Next: true}
}

// jump goes to a place of the block that is known only later.
type jump struct{ to int }

func (j *jump) Run(Env) Next { return Jump{j.to} }
func (j *jump) ways() Ways   { return Ways{Jumps: []int{j.to}} }

// leave goes to another block.
type leave struct{ block string }

func (l leave) Run(Env) Next { return Goto{l.block} }
func (l leave) ways() Ways   { return Ways{Blocks: []string{l.block}} }

// unless jumps when the condition does not hold.
type unless struct {
	when *Expression
	to   int
}

func (u *unless) Run(env Env) Next {
	ok, err := u.when.holds(env, nil)
	if err != nil {
		env.Report(ReportExpression, err.Error())
	}
	if !ok {
		return Jump{u.to}
	}
	return Continue{}
}

func (u *unless) ways() Ways { return Ways{Next: true, Jumps: []int{u.to}} }

// Codes a run reports to the flow's author.
const (
	ReportExpression = "expression:invalid" // it could not be evaluated
	ReportEmpty      = "message:empty"      // nothing was left to say
	ReportURL        = "message:bad_url"    // an address nothing can be got from
	ReportButton     = "button:left_out"    // a button that could not be made
	ReportCut        = "message:cut"        // more cards, buttons … than a message can have
	ReportAttribute  = "attribute:refused"  // a value that is not of the declared type
	ReportRequest    = "request:failed"     // no answer, or one that was not expected
	ReportLater      = "later:unknown"      // when to send something, or what it is called, could not be told
	ReportTemplate   = "template:empty"     // a place of an approved template with nothing to fill in
	ReportNotify     = "notify:left_out"    // what was to be told could not be put together
	ReportGaveUp     = "ask:gave_up"        // no answer fitted, and nothing was said about that
)
