package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/flows"
)

// run is one turn as it is made. It is the blocks.Env of its instructions.
type run struct {
	ctx    context.Context // of the turn: instructions know none
	engine *Engine
	s      *Situation
	send   *Start       // what a send starts from
	in     *Interaction // what a person did
	turn   *Turn
	now    time.Time
	seed   uint64

	position
	frames []position // who included the current module, outermost first
	input  *blocks.Input
	env    *expression.Env
	zone   *time.Location
	bot    map[string]any // the bot's attributes as this turn changes them
	talk   talk

	next  *Session // the session the run leaves, nil when it does not wait
	taken bool     // the session there was is this turn's: resumed, or left

	ended    bool
	personal bool // something of the person was asked
	limited  bool // the run was ended by a limit
	fell     bool // the default block already answers for a failed one
	steps    int
	fetches  int
	changes  int
	timers   int           // planned so far, those taken back included
	waited   time.Duration // for authors' URLs
}

// position is a place in a program.
type position struct {
	version int64
	program *flows.Program
	block   *flows.Block
	pc      int
}

var (
	errBlockGone = errors.New("the block was removed")
	// ErrUnavailable means a turn could not be made for now, for reasons that
	// are not the flow's: run it again.
	ErrUnavailable = errors.New("not for now")
)

func (e *Engine) newRun(ctx context.Context, s *Situation) *run {
	return &run{ctx: ctx, engine: e, s: s, now: e.deps.Now(), turn: &Turn{Session: s.Session}}
}

// loop runs instructions until the run waits, ends or meets a limit.
func (r *run) loop() {
	for !r.ended {
		if r.pc >= len(r.block.Code) {
			r.back()
			continue
		}
		if r.steps == MaxStepsPerTurn {
			r.limit(EventLimitSteps, fmt.Sprintf("stopped after %d steps: the flow goes round in a circle that never waits", MaxStepsPerTurn))
			break
		}
		r.steps++
		next := r.block.Code[r.pc].Run(r)
		r.input = nil
		if !r.ended {
			r.follow(next)
		}
	}
	r.settle()
}

func (r *run) follow(next blocks.Next) {
	switch n := next.(type) {
	case blocks.Continue:
		r.pc++
	case blocks.Jump:
		r.pc = max(n.PC, 0)
	case blocks.Goto:
		r.leave(n.Block)
	case blocks.Include:
		r.include(n.Block)
	case blocks.Wait:
		r.wait(n)
	case blocks.Stop:
		r.end()
	case blocks.Fail:
		r.fail(n.Err)
	default:
		r.fail(fmt.Errorf("a step of block %q went nowhere", r.block.Name))
	}
}

// leave goes on in another block and forgets who included this one.
func (r *run) leave(block string) {
	if !r.enter(block) {
		r.gone(block)
		r.fail(errBlockGone)
		return
	}
	r.frames = r.frames[:0]
	r.talk.question = place{}
}

// include runs a module and comes back to the following instruction.
func (r *run) include(module string) {
	if len(r.frames) == MaxIncludeDepth {
		r.limit(EventLimitDepth, fmt.Sprintf("modules include each other more than %d deep", MaxIncludeDepth))
		return
	}
	from := r.position
	from.pc++
	if !r.enter(module) {
		r.gone(module)
		r.position = from // the rest is still worth saying
		return
	}
	r.frames = append(r.frames, from)
}

// back returns from a module, or ends the run.
func (r *run) back() {
	if len(r.frames) == 0 {
		r.end()
		return
	}
	r.position = r.frames[len(r.frames)-1]
	r.frames = r.frames[:len(r.frames)-1]
	r.name()
}

// enter goes to the beginning of a block: of the version the run is pinned to
// when that has it, else of the newest.
func (r *run) enter(block string) bool {
	if r.program != nil {
		if b, ok := r.program.Blocks[block]; ok {
			r.block, r.pc = b, 0
			r.name()
			return true
		}
	}
	return r.enterNewest(block)
}

func (r *run) enterNewest(block string) bool {
	p, b, ok := r.s.Library.Block(block)
	if !ok {
		return false
	}
	first := r.block == nil
	r.position = position{version: p.VersionID, program: p.Program, block: b}
	if first {
		r.begin()
	}
	r.name()
	return true
}

// begin notes where the turn began to run.
func (r *run) begin() { r.turn.Block, r.turn.Version = r.block.ID, r.version }

// name lets texts read the block and flow that now run.
func (r *run) name() {
	if r.env != nil {
		r.env.Set("block", r.block.Name)
		r.env.Set("flow", r.program.Flow)
	}
}

func (r *run) end() { r.ended = true }

// fail ends the run: what it was about to say could not be made.
func (r *run) fail(err error) {
	r.ended = true
	if r.turn.Failed == nil {
		r.turn.Failed = err
	}
	r.event(Event{Level: LevelFailure, Code: EventRunFailed, Text: err.Error()})
}

// limit ends the run at a named limit.
func (r *run) limit(code, text string) {
	r.ended, r.limited = true, true
	if r.turn.Failed == nil {
		r.turn.Failed = errors.New(text)
	}
	r.event(Event{Level: LevelFailure, Code: code, Text: text})
}

// gone tells that a block is not there any more.
func (r *run) gone(block string) {
	r.event(Event{Level: LevelWarning, Code: EventBlockGone, Text: "the block that was to follow was removed",
		Extra: map[string]any{"block_id": block}})
}

// event records what happened; the last one that fits says that more did.
func (r *run) event(e Event) {
	if e.Block == "" && r.block != nil {
		e.Block = r.block.Name
	}
	switch n := len(r.turn.Events); {
	case n < MaxEventsPerTurn-1 || e.Level == LevelFailure && n < MaxEventsPerTurn:
		r.turn.Events = append(r.turn.Events, e)
	case n == MaxEventsPerTurn-1:
		r.limit(EventLimitEvents, fmt.Sprintf("stopped after %d events", MaxEventsPerTurn))
	}
}

// discard leaves of a send nothing but why it failed.
func (r *run) discard() {
	t := r.turn
	*t = Turn{Events: t.Events, Session: r.s.Session, Block: t.Block, Version: t.Version, Failed: t.Failed, Outcome: OutcomeFailed}
}

// key is what makes the turn's requests the same when it is run again.
func (r *run) key() string {
	if r.send != nil {
		return sendKey(r.send)
	}
	return inputKey(r.in, r.s)
}

// inputKey names the input in the keys of its requests.
func inputKey(in *Interaction, s *Situation) string {
	if in.ID != 0 || s.Session == nil {
		return "i" + strconv.FormatInt(in.ID, 10)
	}
	return "t" + strconv.FormatInt(s.Identity.ID, 10) + "." + strconv.FormatInt(s.Session.Until.UnixMicro(), 10)
}

func sendKey(st *Start) string {
	if st.DeliveryID != 0 {
		return "d" + strconv.FormatInt(st.DeliveryID, 10)
	}
	return "s" + st.SendID + "." + strconv.FormatUint(st.Seed, 10)
}

// seedOf makes each turn of a talk draw its own numbers, and the same ones when
// the turn is run again.
func seedOf(in *Interaction, s *Session) uint64 {
	seed := uint64(in.ID)
	if in.ID == 0 && s != nil {
		seed = uint64(s.Until.UnixMicro())
	}
	if s != nil {
		seed ^= mix(s.Seed)
	}
	return mix(seed)
}

// mix is the finaliser of splitmix64: it spreads neighbouring ids.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
