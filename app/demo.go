package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// demoName is the file in the data folder that holds what a demo needs to go
// on: the tokens it has shown and the credentials of its pretend accounts.
const demoName = "demo.json"

// demoState is what is kept from one start to the next.
type demoState struct {
	Sandbox string               `json:"sandbox"` // its address, so that an open page finds it again
	Shops   map[string]*shopKept `json:"shops"`
}

// demo is the demo of one process: the pretend platforms and what is kept.
type demo struct {
	config   *Config
	state    demoState
	sandbox  *sandbox.Sandbox
	listener net.Listener
	server   *http.Server
	// meanwhile is what goes on while the demo is looked at, until its context
	// ends.
	meanwhile sync.WaitGroup
}

// newDemo makes the pretend platforms and points the channels at them. Calls
// wait until serve.
func newDemo(c *Config, log *slog.Logger) (*demo, error) {
	d := &demo{config: c, state: demoState{Shops: map[string]*shopKept{}}}
	if _, err := readJSON(filepath.Join(c.Data, demoName), &d.state); err != nil {
		return nil, err
	}
	if err := d.listen(); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	d.state.Sandbox = d.listener.Addr().String()
	d.sandbox = sandbox.New(sandbox.Config{Log: log, Redeliver: demoRedelivers})
	d.server = &http.Server{Handler: d.sandbox.Handler(), ReadHeaderTimeout: 10 * time.Second}
	d.server.RegisterOnShutdown(d.sandbox.Close)
	c.ChannelURL = map[string]string{"line": "http://" + d.state.Sandbox + "/line", "messenger": "http://" + d.state.Sandbox + "/graph"}
	return d, nil
}

// serve lets the pretend platforms answer, once they know the accounts of the
// last start: what is still to be sent for them goes out at once, and a platform
// that has never heard of an account refuses its credentials.
func (d *demo) serve(log *slog.Logger) {
	go func() {
		if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("sandbox", "error", err)
		}
	}()
}

// listen takes the address of the last start, or another where that is taken.
func (d *demo) listen() (err error) {
	if d.state.Sandbox != "" {
		if d.listener, err = net.Listen("tcp", d.state.Sandbox); err == nil {
			return nil
		}
	}
	d.listener, err = net.Listen("tcp", "127.0.0.1:0")
	return err
}

func (d *demo) close() error {
	d.meanwhile.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	defer d.listener.Close() // again, when it has served
	return d.server.Shutdown(ctx)
}

// mount leads from the main address to the sandbox's page, which is what
// somebody means who opens the bare address.
func (d *demo) mount(r fiber.Router) {
	r.Get("/sandbox", redirectTo("http://"+d.state.Sandbox+"/sandbox"))
	r.Get("/", redirectTo("/sandbox"))
}

func (d *demo) save() error { return writeSecretJSON(filepath.Join(d.config.Data, demoName), d.state) }

// play makes the bots, or goes on with them, and says what there is to see.
func (d *demo) play(ctx context.Context, i *instance, api *client, out io.Writer, serve *serveCommand) error {
	for _, s := range shops() {
		kept, err := d.kept(ctx, i, s)
		if err == nil {
			err = d.addToSandbox(ctx, s, kept, i)
		}
		if err != nil {
			return fmt.Errorf("make the demo bot %s: %w", s.Bot, err)
		}
	}
	d.serve(i.log)
	for _, s := range shops() {
		if err := d.open(ctx, i, api, s, d.state.Shops[s.Key]); err != nil {
			return fmt.Errorf("make the demo bot %s: %w", s.Bot, err)
		}
	}
	s := shops()[0]
	writes := s.examples().onBoth
	if _, err := d.sandbox.Write(ctx, s.Page, writes.pageID(s), demoQuestion); err != nil {
		return fmt.Errorf("let %s write to the Page: %w", writes.Name, err)
	}
	return d.introduce(ctx, api, out, i, serve)
}

// demoQuestion is what one person asks at each start, so that their chat shows
// an answer and they can be written to for free.
const demoQuestion = "Đơn hàng của tôi tới đâu rồi shop?"
