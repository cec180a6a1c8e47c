package app

import (
	"bytes"
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/app/keys"
	"github.com/blockcast/blockcast/store/storetest"
)

// production is the environment of processes that share a database and a
// queue; without servers to use the test is skipped.
func production(t *testing.T) map[string]string {
	t.Helper()
	redis := os.Getenv("TEST_REDIS_URL")
	if redis == "" {
		t.Skip("TEST_REDIS_URL is not set")
	}
	return map[string]string{
		"BLOCKCAST_DATABASE_URL": storetest.Postgres(t), "BLOCKCAST_DATABASE_CONNS": "8",
		"BLOCKCAST_REDIS_URL": redis, "BLOCKCAST_REDIS_SPACE": "test-" + newIDs(time.Now)(),
		"BLOCKCAST_SECRET_KEY": keys.New(), "BLOCKCAST_LISTEN": "127.0.0.1:0",
	}
}

// runs runs a command until the returned function ends it, and waits until it
// has printed text.
func runs(t *testing.T, env map[string]string, text string, args ...string) (out *screen, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, errs, ended := newScreen(), newScreen(), make(chan int, 1)
	go func() {
		ended <- Main(ctx, args, &Process{In: strings.NewReader(""), Out: out, Err: errs, Lookup: func(n string) (string, bool) { v, ok := env[n]; return v, ok }})
	}()
	for limit := time.After(time.Minute); !strings.Contains(out.String(), text); {
		select {
		case <-out.changed:
		case code := <-ended:
			t.Fatalf("%v ended with %d: %s%s", args, code, out, errs)
		case <-limit:
			t.Fatalf("%v does not say %q: %s%s", args, text, out, errs)
		}
	}
	return out, func() {
		cancel()
		if code := <-ended; code != 0 || strings.Contains(errs.String(), "level=ERROR") {
			t.Errorf("%v ended with %d: %s", args, code, errs)
		}
	}
}

func TestServeAndWorkShareADatabaseAndAQueue(t *testing.T) {
	t.Parallel()
	env := production(t)
	if out, errs, code := typedIn(t, env, "migrate"); code != 0 {
		t.Fatalf("migrate: code %d, %s%s", code, out, errs)
	}
	_, stopServe := runs(t, env, "blockcast serves", "serve", "--no-worker")
	_, stopWork := runs(t, env, "blockcast works", "work")
	_, stopSecond := runs(t, env, "blockcast works", "work")
	stopSecond()
	stopWork()
	stopServe()
}

func TestAProcessWithoutItsTablesIsRefused(t *testing.T) {
	t.Parallel()
	env := production(t)
	env["BLOCKCAST_DATABASE_URL"] = storetest.Empty(t)
	if _, errs, code := typedIn(t, env, "work"); code != exitFailed || !strings.Contains(errs, "run blockcast migrate") {
		t.Errorf("code %d, %q", code, errs)
	}
	if out, errs, code := typedIn(t, env, "migrate"); code != 0 {
		t.Fatalf("migrate: code %d, %s%s", code, out, errs)
	}
	_, stop := runs(t, env, "blockcast works", "work")
	stop()
}

func TestAProcessWithAnotherKeyIsRefused(t *testing.T) {
	t.Parallel()
	env := production(t)
	_, stop := runs(t, env, "blockcast works", "work")
	stop()
	env["BLOCKCAST_SECRET_KEY"] = keys.New()
	if _, errs, code := typedIn(t, env, "work"); code != exitFailed || !strings.Contains(errs, "key") {
		t.Errorf("code %d, %q", code, errs)
	}
}

func TestKeysAreRotatedWithoutAStop(t *testing.T) {
	t.Parallel()
	env := production(t)
	old := env["BLOCKCAST_SECRET_KEY"]
	_, stop := runs(t, env, "blockcast works", "work")
	stop()
	fresh := keys.New()
	env["BLOCKCAST_SECRET_KEY"] = fresh + "," + old
	if out, errs, code := typedIn(t, env, "secrets", "rotate"); code != 0 || !strings.Contains(out, "may be dropped") {
		t.Fatalf("rotate: code %d, %s%s", code, out, errs)
	}
	env["BLOCKCAST_SECRET_KEY"] = fresh
	_, stop = runs(t, env, "blockcast works", "work")
	stop()
}

func TestAnEmbeddedKeyIsRotated(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := serving(t, data, "blockcast serves")
	if _, errs, code := typedIn(t, nil, "secrets", "rotate", "--data", data); code != exitFailed || !strings.Contains(errs, "stop it, run this again, start it") {
		t.Errorf("beside a server: code %d, %s", code, errs)
	}
	s.stop()
	before, err := os.ReadFile(data + "/secret.key")
	if err != nil {
		t.Fatal(err)
	}
	if out, errs, code := typedIn(t, nil, "secrets", "rotate", "--data", data); code != 0 {
		t.Fatalf("rotate: code %d, %s%s", code, out, errs)
	}
	after, err := os.ReadFile(data + "/secret.key")
	if err != nil || bytes.Equal(before, after) || bytes.Count(after, []byte("\n")) != 1 {
		t.Errorf("the key file is %q, %v", after, err)
	}
	serving(t, data, "blockcast serves").stop()
}

func TestATakenAddressIsSaid(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, errs, code := typedIn(t, nil, "serve", "--data", t.TempDir(), "--listen", l.Addr().String()); code != exitFailed || !strings.Contains(errs, l.Addr().String()) {
		t.Errorf("code %d, %q", code, errs)
	}
}
