package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/app"
)

// together is how many cases run at once: they wait most of their time, for a
// platform's answer, a lease, a second's tick.
const together = "6"

// made is what all cases begin from.
var made = &templates{}

func TestMain(m *testing.M) {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if f := flag.Lookup("test.parallel"); !set && f != nil {
		_ = f.Value.Set(together)
	}
	code := m.Run()
	if err := made.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// templates are instances that were set up by the command line once: with a
// bot, its token and its published flow. A case takes a copy.
type templates struct {
	mu       sync.Mutex
	embedded *template
	postgres *template
	database string // of the template on Postgres
}

// template is an instance at rest.
type template struct {
	bot, token string
	env        map[string]string
	folder     string // embedded: where its data is
	err        error
}

// onDisk copies the embedded template into a data folder.
func (s *templates) onDisk(data string) (*template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.embedded == nil {
		s.embedded = &template{}
		s.embedded.folder, s.embedded.err = os.MkdirTemp("", "blockcast-e2e-")
		s.embedded.env = map[string]string{"BLOCKCAST_DATA": s.embedded.folder}
		s.embedded.setUp()
	}
	if s.embedded.err != nil {
		return nil, s.embedded.err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	for _, name := range []string{"blockcast.db", "secret.key"} {
		content, err := os.ReadFile(filepath.Join(s.embedded.folder, name))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(data, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	return s.embedded, nil
}

// onPostgres makes a database that is a copy of the template's, and returns
// the settings that lead to it.
func (s *templates) onPostgres(ctx context.Context, pg, redis string) (*template, map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres == nil {
		s.postgres = &template{}
		s.database = "e2e_" + randomHex(6)
		s.postgres.env, s.postgres.err = makeDatabase(ctx, pg, redis, s.database, "")
		if s.postgres.err == nil {
			_, s.postgres.err = s.postgres.runs("migrate")
		}
		s.postgres.setUp()
		if s.postgres.err == nil {
			s.postgres.err = s.postgres.refusesToConnect()
		}
	}
	if s.postgres.err != nil {
		return nil, nil, s.postgres.err
	}
	env, err := makeDatabase(ctx, pg, redis, "e2e_"+randomHex(6), s.database)
	return s.postgres, env, err
}

// makeDatabase makes one, as a copy of another where one is named, and returns
// the settings that lead to it.
func makeDatabase(ctx context.Context, pg, redis, name, of string) (map[string]string, error) {
	u, err := url.Parse(pg)
	if err != nil {
		return nil, err
	}
	admin, err := pgx.Connect(ctx, pg)
	if err != nil {
		return nil, err
	}
	defer admin.Close(ctx)
	command := "CREATE DATABASE " + name
	if of != "" {
		command += " TEMPLATE " + of
	}
	if _, err := admin.Exec(ctx, command); err != nil {
		return nil, err
	}
	u.Path = "/" + name
	return map[string]string{
		"BLOCKCAST_DATABASE_URL": u.String(), "BLOCKCAST_REDIS_URL": redis, "BLOCKCAST_REDIS_SPACE": name,
		"BLOCKCAST_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}, nil
}

// remove leaves nothing behind.
func (s *templates) remove() error {
	var errs []error
	if s.embedded != nil && s.embedded.folder != "" {
		errs = append(errs, os.RemoveAll(s.embedded.folder))
	}
	if s.database != "" {
		errs = append(errs, dropDatabase(os.Getenv("TEST_POSTGRES_URL"), s.database))
	}
	return errors.Join(errs...)
}

// dropDatabase removes one, with all that still use it.
func dropDatabase(pg, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	admin, err := pgx.Connect(ctx, pg)
	if err != nil {
		return err
	}
	defer admin.Close(ctx)
	_, err = admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

// setUp makes the bot and publishes its flow, each by a command of its own that
// no server runs beside.
func (t *template) setUp() {
	for _, step := range []struct {
		args  []string
		field string
		into  *string
	}{
		{[]string{"bots", "create", "shop", "--time-zone", "Asia/Ho_Chi_Minh", "--region", "VN", "--json"}, "id", &t.bot},
		{[]string{"tokens", "create", "e2e", "--scope", "send,agent,read,contacts,flows,admin", "--json"}, "token", &t.token},
		{[]string{"flows", "push", "testdata/shop.json"}, "", nil},
		{[]string{"flows", "publish", "shop"}, "", nil},
	} {
		if t.err != nil {
			return
		}
		var out string
		if out, t.err = t.runs(step.args...); t.err != nil || step.into == nil {
			continue
		}
		answer := map[string]any{}
		t.err = json.Unmarshal([]byte(out), &answer)
		*step.into, _ = answer[step.field].(string)
	}
}

// refusesToConnect holds that a command which serves the API itself, for as
// long as it takes, does not point a platform at itself.
func (t *template) refusesToConnect() error {
	_, err := t.runs("accounts", "connect", "line", "channel_secret="+secret, "channel_access_token="+access)
	if err == nil || !strings.Contains(err.Error(), "ended with 2") || !strings.Contains(err.Error(), "BLOCKCAST_PUBLIC_URL") {
		return fmt.Errorf("connecting without a public address: %w", err)
	}
	return nil
}

// runs runs a command to its end and returns what it printed.
func (t *template) runs(args ...string) (string, error) {
	var out, errs bytes.Buffer
	p := &app.Process{In: strings.NewReader(""), Out: &out, Err: &errs, Lookup: func(name string) (string, bool) { v, ok := t.env[name]; return v, ok }}
	if code := app.Main(context.Background(), args, p); code != 0 {
		return "", fmt.Errorf("blockcast %s ended with %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String(), nil
}
