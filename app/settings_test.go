package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// typedIn runs the command line as if it were typed, in an environment of its
// own, and returns what it printed and the code it ended with.
func typedIn(t *testing.T, env map[string]string, args ...string) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(t.Context(), args, &Process{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr,
		Lookup: func(name string) (string, bool) { v, found := env[name]; return v, found },
	})
	return stdout.String(), stderr.String(), code
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shownSettings are what blockcast config says.
func shownSettings(t *testing.T, env map[string]string, args ...string) map[string]string {
	t.Helper()
	out, errs, code := typedIn(t, env, append([]string{"config", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("code %d: %s", code, errs)
	}
	var shown map[string]string
	if err := json.Unmarshal([]byte(out), &shown); err != nil {
		t.Fatal(err)
	}
	return shown
}

func TestASettingComesFromTheNearestPlace(t *testing.T) {
	t.Parallel()
	file := write(t, "blockcast.json", `{"replies": 5, "public_url": "https://file.example", "allow_host": ["a", "b"], "channel_url": {"line": "http://file.example"}}`)
	all := map[string]string{"BLOCKCAST_CONFIG": file, "BLOCKCAST_REPLIES": "7"}
	cases := []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"default", nil, nil, "64"},
		{"file", map[string]string{"BLOCKCAST_CONFIG": file}, nil, "5"},
		{"file named by a flag", nil, []string{"--config", file}, "5"},
		{"environment", all, nil, "7"},
		{"flag", all, []string{"--replies=9"}, "9"},
		{"empty environment", map[string]string{"BLOCKCAST_REPLIES": ""}, nil, "64"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := shownSettings(t, c.env, c.args...)["replies"]; got != c.want {
				t.Errorf("replies %s, want %s", got, c.want)
			}
		})
	}
	shown := shownSettings(t, all)
	if shown["public_url"] != "https://file.example" || shown["allow_host"] != "a b" || shown["channel_url"] != "line:http://file.example" {
		t.Errorf("from the file: %v", shown)
	}
}

func TestSecretsComeFromFilesAndAreMasked(t *testing.T) {
	t.Parallel()
	key := write(t, "key", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0cw\n")
	url := write(t, "url", "postgres://user:s3cret@host/db\n")
	shown := shownSettings(t, map[string]string{
		"BLOCKCAST_SECRET_KEY_FILE": key, "BLOCKCAST_DATABASE_URL_FILE": url, "BLOCKCAST_REDIS_URL": "redis://:s3cret@host:6379/0",
	})
	for name, want := range map[string]string{
		"secret_key": masked, "database_url": "postgres://user:" + masked + "@host/db", "redis_url": "redis://:" + masked + "@host:6379/0",
	} {
		if shown[name] != want {
			t.Errorf("%s is %q, want %q", name, shown[name], want)
		}
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"value and file", map[string]string{"BLOCKCAST_SECRET_KEY": "a", "BLOCKCAST_SECRET_KEY_FILE": "b"}, nil, "both BLOCKCAST_SECRET_KEY and BLOCKCAST_SECRET_KEY_FILE"},
		{"no such file", map[string]string{"BLOCKCAST_SECRET_KEY_FILE": "/nowhere"}, nil, "/nowhere"},
		{"no number", map[string]string{"BLOCKCAST_SENDS": "many"}, nil, "--sends"},
		{"too many", nil, []string{"--sends=100000"}, "--sends must be between"},
		{"unknown in the file", map[string]string{"BLOCKCAST_CONFIG": write(t, "c.json", `{"repliez": 5}`)}, nil, `"repliez"`},
		{"broken file", map[string]string{"BLOCKCAST_CONFIG": write(t, "c.json", `{`)}, nil, "c.json"},
		{"no file", nil, []string{"--config=/nowhere.json"}, "/nowhere.json"},
		{"another channel", nil, []string{"--channel-url", "lime=http://x"}, `"lime"`},
		{"no address", nil, []string{"--channel-url", "line=x"}, "--channel-url of line"},
		{"public url with a query", nil, []string{"--public-url=https://x?y=1"}, "--public-url"},
		{"another database", nil, []string{"--database-url=mysql://x", "--secret-key=k"}, "--database-url must begin with postgres://"},
		{"no key", nil, []string{"--database-url=postgres://x"}, "--secret-key is required"},
		{"poll", nil, []string{"--poll=1h"}, "--poll"},
		{"grace", nil, []string{"--grace=-1s"}, "--grace"},
		{"space", nil, []string{"--redis-space={x}"}, "--redis-space"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, errs, code := typedIn(t, c.env, append([]string{"config"}, c.args...)...)
			if code != exitUsage || !strings.Contains(errs, c.want) {
				t.Errorf("code %d, %q; want %q", code, errs, c.want)
			}
		})
	}
}

func TestServeRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		args []string
		want string
	}{
		{"no port", []string{"--listen=localhost"}, "--listen"},
		{"demo on another database", []string{"--demo", "--database-url=postgres://x", "--secret-key=k"}, "--demo works on an embedded database"},
		{"demo without worker", []string{"--demo", "--no-worker", "--redis-url=redis://x"}, "--demo needs the worker"},
		{"demo with another line", []string{"--demo", "--channel-url=line=http://x"}, "its own platforms"},
		{"no worker and nobody to hear", []string{"--no-worker"}, "--no-worker needs --redis-url"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"serve", "--data", filepath.Join(t.TempDir(), "data")}, c.args...)
			_, errs, code := typedIn(t, nil, args...)
			if code != exitUsage || !strings.Contains(errs, c.want) {
				t.Errorf("code %d, %q; want %q", code, errs, c.want)
			}
		})
	}
	if _, errs, code := typedIn(t, nil, "work"); code != exitUsage || !strings.Contains(errs, "--database-url and --redis-url") {
		t.Errorf("work: code %d, %q", code, errs)
	}
}

func TestTheCommandLineExplainsItself(t *testing.T) {
	t.Parallel()
	out, _, code := typedIn(t, nil, "--help")
	for _, want := range []string{"serve", "sends explain", "flows check"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("code %d, no %q in the help", code, want)
		}
	}
	if out, _, _ := typedIn(t, nil, "serve", "--help"); !strings.Contains(out, "$BLOCKCAST_DATABASE_URL") {
		t.Error("the help does not name the environment")
	}
	if _, errs, code := typedIn(t, nil, "srve"); code != exitUsage || !strings.Contains(errs, "srve") {
		t.Errorf("a wrong command: code %d, %q", code, errs)
	}
	if out, _, code := typedIn(t, nil, "version", "--json"); code != 0 || !strings.Contains(out, `"go": "go1`) {
		t.Errorf("version: code %d, %q", code, out)
	}
}

func TestNoServerIsSaid(t *testing.T) {
	t.Parallel()
	if _, errs, code := typedIn(t, nil, "bots", "list", "--data", filepath.Join(t.TempDir(), "none")); code != exitAway || !strings.Contains(errs, "blockcast serve") {
		t.Errorf("no folder: code %d, %q", code, errs)
	}
	if _, errs, code := typedIn(t, map[string]string{"BLOCKCAST_URL": "http://127.0.0.1:1"}, "bots", "list"); code != exitUsage || !strings.Contains(errs, "BLOCKCAST_TOKEN") {
		t.Errorf("no token: code %d, %q", code, errs)
	}
	env := map[string]string{"BLOCKCAST_URL": "http://127.0.0.1:1", "BLOCKCAST_TOKEN": "s3cret"}
	if _, errs, code := typedIn(t, env, "bots", "list"); code != exitAway || !strings.Contains(errs, "http://127.0.0.1:1 cannot be reached") || strings.Contains(errs, "s3cret") {
		t.Errorf("nobody there: code %d, %q", code, errs)
	}
}
