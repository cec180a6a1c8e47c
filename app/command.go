// Package app is the composition root: it reads settings, opens the data
// folder, wires the rooms together and holds one file for each command. It
// decides nothing about flows, people or messages.
package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

const description = `A chatbot flow engine with block broadcasting.

A command ends with 0 when all is well, 1 when something went wrong, 2 when it was called wrongly, 3 when a flow has
mistakes or a send was refused, 4 when what it names does not exist, and 5 when no server could be reached.`

// commands is the whole command line.
type commands struct {
	Config string `type:"path" placeholder:"FILE" help:"JSON file with settings, by their names with underscores ($$BLOCKCAST_CONFIG)."`

	Serve   serveCommand   `cmd:"" group:"Run" help:"Take in webhooks and calls, and do the work behind them."`
	Work    workCommand    `cmd:"" group:"Run" help:"Do the work behind webhooks and calls that other processes take in."`
	Migrate migrateCommand `cmd:"" group:"Run" help:"Bring the database's tables up to date."`
	Setup   configCommand  `cmd:"" name:"config" group:"Run" help:"Show the settings that are in force, without secrets."`
	Backup  backupCommand  `cmd:"" group:"Run" help:"Copy the embedded database into a file, also while a server runs."`
	Restore restoreCommand `cmd:"" group:"Run" help:"Make a data folder from a backup."`
	Version versionCommand `cmd:"" group:"Run" help:"Show which version this is."`

	Bots       botsCommands       `cmd:"" group:"Manage" help:"Bots, each with its own accounts, people and flows."`
	Tokens     tokensCommands     `cmd:"" group:"Manage" help:"Rights to call the API."`
	Aliases    aliasesCommands    `cmd:"" group:"Manage" help:"Old systems' ids, and what they mean here."`
	Accounts   accountsCommands   `cmd:"" group:"Manage" help:"Connections to messaging platforms."`
	Attributes attributesCommands `cmd:"" group:"Manage" help:"Attributes that contacts can have."`
	Secrets    secretsCommands    `cmd:"" group:"Manage" help:"What requests of flows keep secret, and the keys that seal it."`
	Webhooks   webhooksCommands   `cmd:"" group:"Manage" help:"Your own addresses that are told what happens."`
	Contacts   contactsCommands   `cmd:"" group:"Manage" help:"People."`
	Media      mediaCommands      `cmd:"" group:"Manage" help:"Pictures, films, sounds and documents that flows show."`
	Tags       tagsCommands       `cmd:"" group:"Manage" help:"Tags that people have."`
	Talks      talksCommands      `cmd:"" name:"conversations" group:"Manage" help:"Who leads a conversation, the bot or a person."`
	Flows      flowsCommands      `cmd:"" group:"Manage" help:"Flows of blocks: check, push, publish."`
	Blocks     blocksCommands     `cmd:"" group:"Manage" help:"Blocks that can be sent."`
	Sends      sendsCommands      `cmd:"" group:"Manage" help:"Send a block to a person, and see what became of it."`
	Broadcasts broadcastsCommands `cmd:"" group:"Manage" help:"Send one thing to many people, and see what became of it."`
	Segments   segmentsCommands   `cmd:"" group:"Manage" help:"Saved audiences, by name."`
	Audience   audienceCommands   `cmd:"" group:"Manage" help:"Ask whom an expression means, and how they would be reached."`
	Events     eventsCommands     `cmd:"" group:"Manage" help:"Tell of what happened to a person, for flows to act on."`
	Status     statusCommand      `cmd:"" group:"Watch" help:"Show the whole instance on one screen: pauses, accounts, ledger, last errors, processes."`
	Pause      pauseCommand       `cmd:"" group:"Watch" help:"Stop everything, or one bot: nothing goes out, what people write is kept."`
	Resume     resumeCommand      `cmd:"" group:"Watch" help:"Let it go on."`
	Console    consoleCommand     `cmd:"" group:"Watch" help:"Print a link that signs you in to the broadcasts page."`
	Reports    reportsCommands    `cmd:"" group:"Manage" help:"Count what was sent, and what became of it."`
	Health     healthCommand      `cmd:"" group:"Watch" help:"Ask whether the server has all it needs."`
	Metrics    metricsCommand     `cmd:"" group:"Watch" help:"Show the server's metrics."`
}

// Main runs the command line and returns the code to exit with. A first
// interrupt lets a server stop in peace; a second one ends it at once.
func Main(ctx context.Context, args []string, p *Process) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	err := run(ctx, args, p)
	if message := errorText(err); message != "" {
		fmt.Fprintln(p.Err, "blockcast:", message)
	}
	return exitCode(err)
}

// helped ends the parser after it has printed help.
type helped struct{}

func run(ctx context.Context, args []string, p *Process) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helped); !ok {
				panic(r)
			}
			err = nil
		}
	}()
	s, err := readSettings(configFlag(args, p.Lookup), p.Lookup)
	if err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	parser, err := kong.New(&commands{},
		kong.Name("blockcast"), kong.Description(description),
		kong.Writers(p.Out, p.Err), kong.Exit(func(int) { panic(helped{}) }),
		kong.Resolvers(s), kong.ValueFormatter(helpSetting), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Summary: true}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "Run", Title: "Run:"}, {Key: "Manage", Title: "Manage, through a running server or on its data folder:"}, {Key: "Watch", Title: "Watch:"},
			{Key: "Production", Title: "Production:"}, {Key: "Work", Title: "Work:"}, {Key: "Network", Title: "Network:"}, {Key: "Log", Title: "Log:"},
			{Key: "Server", Title: "Server to talk to:"},
		}),
	)
	if err != nil {
		return err
	}
	k, err := parser.Parse(args)
	if err != nil {
		return exitWith(exitUsage, "%s", mistyped(err))
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return k.Run(p, s)
}

// errorText is an error for a person at a terminal: without the context's own
// words, and "" when all has been said.
func errorText(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return redactText(err.Error())
}

// version is that of the module, with the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = "devel " + s.Value[:min(12, len(s.Value))]
		}
	}
	return v
}
