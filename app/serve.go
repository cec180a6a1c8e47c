package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"
)

// serveCommand runs webhooks, API and, unless told otherwise, the work behind
// them.
type serveCommand struct {
	Settings Config `embed:""`
	Listen   string `setting:"" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where to listen."`
	Demo     bool   `help:"Make demo bots with 500 people on a pretend LINE and Messenger, or go on with them."`
	NoWorker bool   `setting:"" name:"no-worker" help:"Leave the work to other processes: blockcast work."`
}

func (c *serveCommand) Run(ctx context.Context, p *Process) error {
	if err := c.check(); err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	if c.Demo {
		fmt.Fprintln(p.Out, "blockcast is starting its demo …")
		if c.Settings.LogLevel == "info" {
			c.Settings.LogLevel = "warn" // what is printed should stay on the screen
		}
		defer context.AfterFunc(ctx, func() { fmt.Fprintln(p.Out, "\nblockcast is stopping …") })()
	}
	log := c.Settings.log(p)
	folder, err := c.Settings.own()
	if err != nil {
		return err
	}
	defer folder.release()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --listen", err)
	}
	defer listener.Close() // again, when serving has closed it
	wants := parts{listener: listener, works: !c.NoWorker, role: roleServe}
	if c.NoWorker {
		wants.role = roleServeOnly
	}
	var show *demo
	if c.Demo {
		if show, err = newDemo(&c.Settings, log); err != nil {
			return err
		}
		defer show.close()
		wants.extra = show.mount
	}
	i, err := open(ctx, &c.Settings, wants, log)
	if err != nil {
		return err
	}
	return i.serve(ctx, func(ctx context.Context, api *client) error {
		if show != nil {
			return show.play(ctx, i, api, p.Out, c)
		}
		return begin(ctx, p, reachable(listener.Addr()), api)
	})
}

// begin says where the server is, and what to do next where nothing has been
// done yet. api is nil where the data is not this process's own.
func begin(ctx context.Context, p *Process, address string, api *client) error {
	fmt.Fprintf(p.Out, "blockcast serves http://%s\n", address)
	if api == nil {
		return nil
	}
	bots, err := listBots(ctx, api)
	if err == nil && len(bots) == 0 {
		fmt.Fprintln(p.Out, "There is no bot yet. In another terminal: blockcast bots create NAME; or stop this and look at a demo: blockcast serve --demo")
	}
	return err
}

func (c *serveCommand) check() error {
	problems := []error{c.Settings.check(channelKinds())}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		problems = append(problems, errors.New("--listen must be an address like 127.0.0.1:8080 or :8080"))
	}
	if c.Demo && !c.Settings.embedded() {
		problems = append(problems, errors.New("--demo works on an embedded database only; leave --database-url away"))
	}
	if c.Demo && c.NoWorker {
		problems = append(problems, errors.New("--demo needs the worker; leave --no-worker away"))
	}
	for _, channel := range slices.Sorted(maps.Keys(c.Settings.ChannelURL)) {
		if c.Demo {
			problems = append(problems, fmt.Errorf("--demo brings its own platforms; leave --channel-url %s=… away", channel))
		}
	}
	if c.NoWorker && c.Settings.RedisURL == "" {
		problems = append(problems, errors.New("--no-worker needs --redis-url: other processes cannot hear the Redis inside this one"))
	}
	return errors.Join(problems...)
}

// log is the log of a server process.
func (c *Config) log(p *Process) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // the command line lets no other word through
	}
	return newLog(p.Err, level, c.LogFormat)
}

// own takes the data folder, when the database lives in it.
func (c *Config) own() (*lock, error) {
	if !c.embedded() {
		return &lock{}, nil
	}
	return lockFolder(c.Data)
}

// serve runs a whole instance until ctx ends, something breaks or its clock
// runs away. begun is called when everything answers.
func (i *instance) serve(ctx context.Context, begun func(context.Context, *client) error) (err error) {
	defer func() { err = errors.Join(err, i.close()) }()
	if err := i.start(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	i.undo = append(i.undo, i.shutdown)
	group.Go(func() error { return i.server.Serve(context.WithoutCancel(ctx), i.parts.listener) })
	group.Go(func() error { return i.watchClock(ctx) })
	api, done, err := i.announce(ctx)
	if err != nil {
		return err
	}
	i.undo = append(i.undo, done)
	if err := begun(ctx, api); err != nil && ctx.Err() == nil { // a stop this early is a stop like any
		return err
	}
	<-ctx.Done()
	i.log.Info("stopping", "cause", context.Cause(ctx))
	if err := i.close(); err != nil {
		return err
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// shutdown says that the server is not ready, keeps answering while balancers
// notice, and lets requests under way end, within the grace. The listener is
// closed for a server that had not begun to use it.
func (i *instance) shutdown() error {
	i.server.Retire()
	if i.config.Drain > 0 {
		<-time.After(i.config.Drain)
	}
	ctx, cancel := context.WithTimeout(context.Background(), i.config.Grace)
	defer cancel()
	err := i.server.Shutdown(ctx)
	if closed := i.parts.listener.Close(); err == nil && !errors.Is(closed, net.ErrClosed) {
		err = closed
	}
	return err
}

// announce makes a token for this run and leaves it in the data folder for the
// command line. Without a data folder of our own there is nobody to tell.
func (i *instance) announce(ctx context.Context) (*client, func() error, error) {
	if !i.config.embedded() {
		return nil, func() error { return nil }, nil
	}
	token, revoke, err := i.runToken(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	url := "http://" + reachable(i.parts.listener.Addr())
	note := running{URL: url, Public: strings.TrimRight(i.config.PublicURL, "/"), Token: token, PID: os.Getpid(), StartedAt: i.clock.Now().Truncate(time.Second)}
	if err := writeRunning(i.config.Data, note); err != nil {
		return nil, nil, errors.Join(err, revoke())
	}
	return newClient(url, token), func() error { return errors.Join(removeRunning(i.config.Data), revoke()) }, nil
}

// redirectTo sends visitors elsewhere.
func redirectTo(url string) fiber.Handler {
	return func(c *fiber.Ctx) error { return c.Redirect(url, fiber.StatusTemporaryRedirect) }
}
