package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/app/keys"
)

// screen collects what a running command prints.
type screen struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newScreen() *screen { return &screen{changed: make(chan struct{}, 1)} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// served is a running server of a test.
type served struct {
	data string
	out  *screen
	stop func() int
}

// serving runs blockcast serve on a data folder until the test or stop ends it,
// and returns when it has printed text.
func serving(t *testing.T, data, text string, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, errs := newScreen(), newScreen()
	ended := make(chan int, 1)
	go func() {
		arguments := append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...)
		ended <- Main(ctx, arguments, &Process{In: strings.NewReader(""), Out: out, Err: errs, Lookup: func(string) (string, bool) { return "", false }})
	}()
	var once sync.Once
	code := 0
	s := &served{data: data, out: out, stop: func() int {
		once.Do(func() {
			cancel()
			select {
			case code = <-ended:
			case <-time.After(time.Minute):
				t.Error("it does not stop")
			}
			if errors := errs.String(); strings.Contains(errors, "level=ERROR") {
				t.Errorf("the log: %s", errors)
			}
		})
		return code
	}}
	t.Cleanup(func() { s.stop() })
	limit := time.After(2 * patience)
	for !strings.Contains(out.String(), text) {
		select {
		case <-out.changed:
		case code := <-ended:
			ended <- code
			t.Fatalf("it ended with %d: %s%s", code, out, errs)
		case <-limit:
			t.Fatalf("it does not say %q: %s%s", text, out, errs)
		}
	}
	return s
}

func TestServeTellsTheCommandLineWhereItIs(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serving(t, data, "blockcast serves http://127.0.0.1:")
	note, err := readRunning(data)
	if err != nil || note == nil {
		t.Fatalf("the note: %v, %v", note, err)
	}
	if out, errs, code := typedIn(t, nil, "health", "--data", data, "--json"); code != 0 || !strings.Contains(out, `"ready": true`) {
		t.Errorf("health: code %d, %s%s", code, out, errs)
	}
	if out, _, code := typedIn(t, nil, "metrics", "--data", data); code != 0 || !strings.Contains(out, "go_goroutines") || !strings.Contains(out, "blockcast_bells_waiting") {
		t.Errorf("metrics: code %d", code)
	}
	if _, errs, code := typedIn(t, nil, "serve", "--data", data, "--listen=127.0.0.1:0"); code != exitFailed || !strings.Contains(errs, "another blockcast uses this data folder") {
		t.Errorf("a second server: code %d, %q", code, errs)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it stopped with %d", code)
	}
	if note, err := readRunning(data); note != nil || err != nil {
		t.Errorf("the note is left: %v, %v", note, err)
	}
}

func TestTheTokenOfARunEndsWithIt(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serving(t, data, "blockcast serves")
	first, err := readRunning(data)
	if err != nil || first == nil {
		t.Fatalf("the note: %v, %v", first, err)
	}
	if got := statusOf(t, first.URL, first.Token); got != http.StatusOK {
		t.Fatalf("the token opens nothing: %d", got)
	}
	s.stop()
	serving(t, data, "blockcast serves")
	second, err := readRunning(data)
	if err != nil || second == nil || second.Token == first.Token {
		t.Fatalf("the second note: %v, %v", second, err)
	}
	if got := statusOf(t, second.URL, first.Token); got != http.StatusUnauthorized {
		t.Errorf("the first run's token still opens: %d", got)
	}
}

func statusOf(t *testing.T, base, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1/bots", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestAWrongKeyIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	serving(t, data, "blockcast serves").stop()
	if err := os.WriteFile(filepath.Join(data, "secret.key"), []byte(keys.New()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := typedIn(t, nil, "serve", "--data", data, "--listen=127.0.0.1:0"); code != exitFailed || !strings.Contains(errs, "key") {
		t.Errorf("code %d, %q", code, errs)
	}
}

func TestCommandsOpenAFreeFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	serving(t, data, "blockcast serves").stop()
	out, errs, code := typedIn(t, nil, "bots", "create", "Tiệm Sao Mai", "--data", data, "--json")
	var bot botView
	if err := json.Unmarshal([]byte(out), &bot); err != nil || code != 0 || bot.Name != "Tiệm Sao Mai" {
		t.Fatalf("code %d, %v: %s%s", code, err, out, errs)
	}
	if out, errs, code := typedIn(t, nil, "bots", "list", "--data", data); code != 0 || !strings.Contains(out, bot.ID+"  Tiệm Sao Mai  ") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	folder, err := lockFolder(data)
	if err != nil {
		t.Fatalf("a command has kept the folder: %v", err)
	}
	defer folder.release()
	if _, errs, code := typedIn(t, nil, "bots", "list", "--data", data); code != exitAway || !strings.Contains(errs, "try again") {
		t.Errorf("a taken folder: code %d, %q", code, errs)
	}
}

func TestMigrateMakesTheTables(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	for range 2 {
		if out, errs, code := typedIn(t, nil, "migrate", "--data", data); code != 0 || !strings.Contains(out, "up to date") {
			t.Errorf("code %d: %s%s", code, out, errs)
		}
	}
}

func TestAFlowWithMistakesIsKeptAndNotPublished(t *testing.T) {
	t.Parallel()
	s := serving(t, filepath.Join(t.TempDir(), "data"), "bots create")
	if _, errs, code := typedIn(t, nil, "bots", "create", "Shop", "--data", s.data); code != 0 {
		t.Fatal(errs)
	}
	file := write(t, "shop.json", `{"format": 1, "flow": "shop", "blocks": [{"name": "a", "entry": {}, "steps": [{"type": "goto", "block": "b"}]}]}`)
	out, errs, code := typedIn(t, nil, "flows", "push", file, "--publish", "--data", s.data)
	if code != exitRefused || !strings.Contains(out, `no block or module "b"`) || !strings.Contains(out, "stored the draft") || !strings.Contains(errs, "shop is not published: 1 mistake") {
		t.Errorf("push: code %d, %s%s", code, out, errs)
	}
	_, errs, code = typedIn(t, nil, "flows", "publish", "shop", "--data", s.data)
	if code != exitRefused || !strings.Contains(errs, `no block or module "b"`) {
		t.Errorf("publish: code %d, %s", code, errs)
	}
}

// A start with a key that does not open the database says which key it wants.
func TestAWrongKeyIsSaidToBeWrong(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file := filepath.Join(data, keys.FileName)
	serving(t, data, "blockcast serves").stop()
	right, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(env map[string]string, want ...string) {
		t.Helper()
		_, errs, code := typedIn(t, env, "serve", "--data", data, "--listen", "127.0.0.1:0")
		for _, w := range want {
			if code != exitFailed || !strings.Contains(errs, w) || strings.Count(errs, "\n") != 1 {
				t.Errorf("code %d, %q does not say %q in one line", code, errs, w)
			}
		}
	}
	if err := os.WriteFile(file, []byte(keys.New()), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(nil, "the secret key is not the one this database was written with", "put the right key back into "+file)
	refused(map[string]string{"BLOCKCAST_SECRET_KEY": keys.New()}, "BLOCKCAST_SECRET_KEY must be that key")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refused(nil, "the key file "+file+" is missing")
	if _, err := os.Stat(file); err == nil {
		t.Error("another key was left in its place")
	}
	if err := os.WriteFile(file, right, 0o600); err != nil {
		t.Fatal(err)
	}
	serving(t, data, "blockcast serves").stop()
}
