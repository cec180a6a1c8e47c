package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// connection says which server a command talks to: the one at URL; else the
// one that uses the data folder; else, when the folder is free, one that this
// process starts on it for as long as the command takes.
type connection struct {
	Data  string `setting:"" default:"blockcast-data" type:"path" group:"Server" help:"Data folder whose server is meant."`
	URL   string `setting:"" name:"url" placeholder:"URL" group:"Server" help:"Server to talk to, with --token."`
	Token string `setting:"secret" placeholder:"TOKEN" group:"Server" help:"Token for --url."`
	JSON  bool   `name:"json" group:"Server" help:"Print the answer as JSON."`
}

// session is a command's way to a server.
type session struct {
	*client
	p     *Process
	json  bool
	local bool // the server is this process and does no work
	// zoneName is where the times it shows are, "" for where the process runs.
	zoneName string
}

// with opens a session for a command.
func (c *connection) with(ctx context.Context, p *Process, s *settings, do func(*session) error) (err error) {
	api, err := c.remote(ctx)
	if err != nil {
		return err
	}
	if api != nil {
		return do(&session{client: api, p: p, json: c.JSON})
	}
	api, done, err := c.own(ctx, p, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	return do(&session{client: api, p: p, json: c.JSON, local: true})
}

// remote is the server that runs already, nil when there is none.
func (c *connection) remote(ctx context.Context) (*client, error) {
	if c.URL != "" {
		if c.Token == "" {
			return nil, exitWith(exitUsage, "--url needs --token or BLOCKCAST_TOKEN as well")
		}
		return newClient(c.URL, c.Token), nil
	}
	note, err := readRunning(c.Data)
	if err != nil || note == nil {
		return nil, err
	}
	if api := newClient(note.URL, note.Token); api.alive(ctx) {
		api.public = note.Public
		return api, nil
	}
	return nil, nil
}

// own starts a server in this process.
func (c *connection) own(ctx context.Context, p *Process, s *settings) (*client, func() error, error) {
	config, err := loadConfig(c.Data, s)
	if err != nil {
		return nil, nil, exitWith(exitUsage, "%v", err)
	}
	if _, err := os.Stat(c.Data); err != nil && config.embedded() {
		return nil, nil, exitWith(exitAway, "no server runs here and there is no data folder %s; start one with: blockcast serve, or name one with --url and --token", c.Data)
	}
	return startLocal(ctx, config, p)
}

// loadConfig reads the settings a server on a data folder would have.
func loadConfig(data string, s *settings) (*Config, error) {
	var c struct {
		Config `embed:""`
	}
	parser, err := kong.New(&c, kong.Resolvers(kong.ResolverFunc(s.Resolve)), kong.Exit(func(int) {}))
	if err != nil {
		return nil, err
	}
	if _, err := parser.Parse([]string{"--data", data}); err != nil {
		return nil, err
	}
	return &c.Config, c.check(channelKinds())
}

// show prints an answer: as it came with --json, else by text.
func (s *session) show(raw json.RawMessage, text func() error) error {
	if !s.json {
		return text()
	}
	var v any
	if err := decodeExact(raw, &v); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return writeJSON(s.p.Out, v)
}

// decodeExact keeps numbers as they are written.
func decodeExact(raw json.RawMessage, v any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	return d.Decode(v)
}

// showList prints a list up to a limit, each item as a row, and tells people
// where there are more.
func showList[T any](ctx context.Context, s *session, path string, limit int, t *table, row func(T) []string) error {
	list, err := s.list(ctx, path, limit)
	if err != nil {
		return err
	}
	if s.json {
		return writeJSON(s.p.Out, list)
	}
	for _, raw := range list.Items {
		item, err := decode[T](raw, nil)
		if err != nil {
			return err
		}
		t.add(row(item)...)
	}
	if err := t.write(s.p.Out); err != nil || list.Next == "" {
		return err
	}
	_, err = fmt.Fprintf(s.p.Err, "These are the first %d; there are more.\n", len(list.Items))
	return err
}

// line prints one line for people.
func (s *session) line(format string, args ...any) error {
	_, err := fmt.Fprintf(s.p.Out, format+"\n", args...)
	return err
}

// botConnection is a connection for what belongs to a bot.
type botConnection struct {
	connection `embed:""`
	Bot        string `setting:"" placeholder:"NAME" group:"Server" help:"Bot's name or id; needless where there is only one."`
}

// botSession is a session for one bot.
type botSession struct {
	*session
	bot botView
}

// path is one of the bot's, its parts escaped.
func (s *botSession) path(parts ...string) string {
	path := "/v1/bots/" + url.PathEscape(s.bot.ID)
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

// with opens a session for the bot that is meant.
func (c *botConnection) with(ctx context.Context, p *Process, s *settings, do func(*botSession) error) error {
	return c.connection.with(ctx, p, s, func(s *session) error {
		bot, err := findBot(ctx, s.client, c.Bot)
		if err != nil {
			return err
		}
		s.zoneName = bot.TimeZone
		return do(&botSession{s, *bot})
	})
}
