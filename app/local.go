package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/token"
)

// Tokens that a process makes for its own command line.
const (
	runTokenName = api.CommandLine
	runTokenLife = time.Hour // of a command; a server takes its token back when it stops
)

// startLocal serves the API on a data folder, or a database, for one command.
// No work is done meanwhile: what the command orders goes out when a server
// runs.
func startLocal(ctx context.Context, c *Config, p *Process) (_ *client, _ func() error, err error) {
	folder, err := c.own()
	if errors.Is(err, errFolderTaken) {
		return nil, nil, exitWith(exitAway, "%v, but it does not answer yet; try again in a moment", err)
	}
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(err, folder.release())
	}
	log := newLog(p.Err, slog.LevelError, c.LogFormat) // a warning is for who watches a server: the command says what matters here
	i, err := open(ctx, c, parts{listener: listener}, log)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close(), folder.release())
	}
	i.undo = append([]func() error{folder.release}, i.undo...)
	if err := i.start(ctx); err != nil {
		return nil, nil, errors.Join(err, i.close())
	}
	secret, revoke, err := i.runToken(ctx, runTokenLife)
	if err != nil {
		return nil, nil, errors.Join(err, i.close())
	}
	served := make(chan error, 1)
	go func() { served <- i.server.Serve(context.WithoutCancel(ctx), listener) }()
	i.undo = append(i.undo, func() error { return errors.Join(i.shutdown(), <-served) }, revoke)
	api := newClient("http://"+listener.Addr().String(), secret)
	api.unreachable = c.PublicURL == ""
	return api, i.close, nil
}

// runToken makes a token above all bots for this process's own command line.
// It ends with the returned function, or by itself after life when that is not
// 0. What an embedded process left behind when it was killed ends now.
func (i *instance) runToken(ctx context.Context, life time.Duration) (secret string, revoke func() error, err error) {
	if i.config.embedded() {
		if err := i.revokeRunTokens(ctx); err != nil {
			return "", nil, err
		}
	}
	secret = token.NewSecret()
	now := i.clock.Now()
	t := engine.Token{
		Hash: token.Hash(secret), Name: runTokenName + " " + i.deps.NewID(), CreatedAt: now,
		Scopes: []string{engine.ScopeInstance, engine.ScopeAgent},
	}
	if life > 0 {
		t.ValidUntil = now.Add(life)
	}
	if err := i.store.CreateToken(ctx, t); err != nil {
		return "", nil, err
	}
	return secret, func() error {
		return i.store.RevokeToken(context.WithoutCancel(ctx), "", t.Name, i.clock.Now())
	}, nil
}

func (i *instance) revokeRunTokens(ctx context.Context) error {
	tokens, err := i.store.ListTokens(ctx, "")
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if len(t.Name) > len(runTokenName) && t.Name[:len(runTokenName)] == runTokenName && t.RevokedAt.IsZero() {
			if err := i.store.RevokeToken(ctx, "", t.Name, i.clock.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}
