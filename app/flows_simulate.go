package app

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
	"github.com/blockcast/blockcast/engine/simulate/script"
)

// flowsSimulate is a chat with flow files in the terminal.
type flowsSimulate struct {
	Path     []string `arg:"" help:"Flow files, or folders of them: the flows of one bot."`
	Channel  []string `default:"line" placeholder:"KIND" help:"Channel to write on; with several, all say how they show what is said."`
	As       []string `sep:"none" placeholder:"NAME=VALUE" help:"What is known of you: an attribute, a fact such as first_name or phone, tags, subscribed."`
	Stub     []string `sep:"none" placeholder:"URL=FILE" help:"Answer requests to this address (* is any text) with a file, or with a status such as 404."`
	Secret   []string `sep:"none" placeholder:"NAME=VALUE" help:"What secret.NAME reads."`
	Block    string   `placeholder:"NAME" help:"Begin with this block, as if it had been sent to you."`
	TimeZone string   `name:"time-zone" default:"Asia/Ho_Chi_Minh" help:"Where you live, as an IANA name."`
	Region   string   `default:"VN" help:"Country whose national phone numbers are understood, as two letters."`
	At       string   `placeholder:"TIME" help:"Begin then, as in 2026-03-02T09:00, with a clock that stands. Default: now."`
}

// Help is the long help of the command.
func (*flowsSimulate) Help() string {
	return `Type what you would write to the bot. Lines that begin with a colon do other things:

` + simulationHelp + `
Input may be piped in, one line after the other. Nothing is sent to anybody, and no request leaves this machine: give
answers with --stub 'https://shop.example.com/orders*=orders.json'.`
}

// simulationHelp lists what can be done.
const simulationHelp = `  :tap 2                   tap the button or quick reply with this number
  :tap Track it            tap the last one shown with this title
  :tap 2 = 2026-03-04      tap one that opens a calendar or asks to share something, and answer it
  :wait 12h                let time pass; what falls due happens
  :follow  :unfollow       add the account, leave it
  :send "block" key=value  have a block sent to you from outside, with attributes
  :event name {"key": 1}   have a system report an event of yours, with attributes
  :location 10.77 106.70 Ben Thanh      send a place
  :image URL  :video URL  :audio URL  :file URL  :sticker      send something else
  :referral REF  :postback DATA         come by a link, tap a button of another system
  :handover 30m            let a person of the shop lead the conversation
  :attributes              show all that is known of you
  :bytes                   show what the channel would send for the last turn
  :restart                 read the flow files again and begin anew
  :help  :quit
  ::                       write a message that begins with a colon
`

// simulation is one run of the command.
type simulation struct {
	command *flowsSimulate
	p       *Process
	play    *simulate.Play
	screen  *chatScreen
	last    *simulate.Scene // that said something
	typed   bool            // a person sees what they type
}

func (c *flowsSimulate) Run(ctx context.Context, p *Process) error {
	s := &simulation{command: c, p: p, screen: newChatScreen(p.Out), typed: isTerminal(p.In)}
	if err := s.begin(ctx); err != nil {
		return err
	}
	lines := bufio.NewScanner(p.In)
	lines.Buffer(nil, maxFlowFile)
	for {
		if s.typed {
			s.screen.write("> ")
		}
		if !lines.Scan() || ctx.Err() != nil {
			break
		}
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" {
			continue
		}
		if !s.typed {
			s.screen.line("\n> %s", oneLine(line))
		}
		if line == ":quit" || line == ":q" {
			return s.screen.err
		}
		if err := s.do(ctx, line); err != nil {
			return err
		}
	}
	if s.typed {
		s.screen.line("")
	}
	return errors.Join(lines.Err(), s.screen.err)
}

// begin reads the flows and starts a new conversation.
func (s *simulation) begin(ctx context.Context) error {
	c := s.command
	config, err := c.config(s.p)
	if err != nil {
		return err
	}
	play, err := simulate.New(*config)
	if err != nil {
		return exitWith(exitUsage, "%s", explained(err))
	}
	s.play, s.last = play, nil
	s.screen.blocks, s.screen.mask = config.Library, play.Mask
	s.screen.line("You write to %s on %s; it is %s. Type a message, :follow to arrive as a new friend, :help for more.",
		flowNames(config.Library), config.Channels[0].Kind().Name(), s.play.Now().Format(simulate.ClockForm))
	if c.Block != "" {
		return s.act(ctx, simulate.Send{Block: c.Block})
	}
	return s.screen.err
}

// config reads what the command was given.
func (c *flowsSimulate) config(p *Process) (*simulate.Config, error) {
	library, err := c.library(p)
	if err != nil {
		return nil, err
	}
	config := &simulate.Config{Library: library, Bot: simulate.Bot{TimeZone: c.TimeZone, Region: c.Region}, As: map[string]any{},
		Secrets: map[string]string{}, Clock: simulate.RunningClock(time.Now)}
	if config.Channels, err = simulated(c.Channel); err != nil {
		return nil, err
	}
	for _, given := range c.As {
		name, value, err := assignment("--as", given)
		if err != nil {
			return nil, err
		}
		config.As[name] = value
	}
	for _, given := range c.Secret {
		name, value, err := assignment("--secret", given)
		if err != nil {
			return nil, err
		}
		config.Secrets[name] = value
	}
	for _, given := range c.Stub {
		stub, err := readStub(p, given)
		if err != nil {
			return nil, err
		}
		config.Stubs = append(config.Stubs, *stub)
	}
	if c.At != "" {
		zone, err := time.LoadLocation(c.TimeZone)
		if err != nil {
			return nil, exitWith(exitUsage, "--time-zone: %q is no time zone", c.TimeZone)
		}
		at, err := script.ParseMoment(c.At, zone)
		if err != nil {
			return nil, exitWith(exitUsage, "--at: %v", err)
		}
		config.Clock = simulate.NewClock(at.UTC())
	}
	return config, nil
}

// library publishes the files; what is wrong with them is printed.
func (c *flowsSimulate) library(p *Process) (*engine.Library, error) {
	files, err := flowFiles(c.Path)
	if err != nil {
		return nil, err
	}
	library, problems, err := publishFiles(p, files)
	if err != nil {
		return nil, err
	}
	if err := writeProblems(p.Err, problems); err != nil {
		return nil, err
	}
	if library != nil {
		return library, nil
	}
	if len(files) > 1 {
		return nil, exitWith(exitRefused, "these files cannot be the flows of one bot; name only those that belong together")
	}
	return nil, exitWith(exitRefused, "the flow has mistakes")
}

// assignment reads name=value.
func assignment(flag, given string) (name, value string, err error) {
	name, value, ok := strings.Cut(given, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return "", "", exitWith(exitUsage, "%s: write NAME=VALUE, not %q", flag, given)
	}
	return name, value, nil
}

// readStub reads URL=FILE. The address itself may hold equals signs, the file
// does not.
func readStub(p *Process, given string) (*simulate.Stub, error) {
	at := strings.LastIndexByte(given, '=')
	if at < 0 {
		return nil, exitWith(exitUsage, "--stub: write URL=FILE, not %q", given)
	}
	stub, err := simulate.ReadStub(given[:at])
	if err != nil {
		return nil, exitWith(exitUsage, "--stub: %v", err)
	}
	file := given[at+1:]
	if status, err := strconv.Atoi(file); err == nil && status >= 100 && status <= 599 {
		stub.Status = status
		return &stub, nil
	}
	stub.Body, err = readFlow(p, file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, exitWith(exitAbsent, "--stub: there is no file %s", file)
	}
	return &stub, err
}

// isTerminal reports whether a person types there.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func flowNames(l *engine.Library) string {
	names := make([]string, len(l.Flows))
	for i := range l.Flows {
		names[i] = strconv.Quote(l.Flows[i].Name)
	}
	return strings.Join(names, ", ")
}

// explained is an error with its hint.
func explained(err error) string {
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Hint != "" {
		return e.Message + " (" + e.Hint + ")"
	}
	return err.Error()
}
