// Package deploy_test holds the files of this folder to what the program is:
// its metrics, its settings, its commands.
package deploy_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml "github.com/oasdiff/yaml3"

	"github.com/blockcast/blockcast/app"
)

// documented are the metrics that docs/operations.md lists, which is written
// from the code, by what they are.
func documented(t *testing.T) map[string]string {
	t.Helper()
	page := read(t, "../docs/operations.md")
	found := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(blockcast_[a-z_]+)` \\| (counter|gauge|histogram) \\|").FindAllStringSubmatch(page, -1) {
		found[m[1]] = m[2]
	}
	if len(found) < 20 {
		t.Fatalf("the page lists %d metrics", len(found))
	}
	return found
}

var metricName = regexp.MustCompile(`\bblockcast_[a-z_]+`)

// known holds that every metric an expression names is there, and named as its
// kind is.
func known(t *testing.T, metrics map[string]string, used map[string]bool, where, expression string) {
	t.Helper()
	for _, name := range metricName.FindAllString(expression, -1) {
		base := name
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if cut, ok := strings.CutSuffix(name, suffix); ok && metrics[cut] == "histogram" {
				base = cut
			}
		}
		kind, ok := metrics[base]
		switch {
		case !ok:
			t.Errorf("%s: there is no metric %s", where, name)
		case kind == "histogram" && base == name:
			t.Errorf("%s: %s is a histogram: name its _bucket, _count or _sum", where, name)
		}
		used[base] = true
	}
}

func TestTheDashboardNamesMetricsThatExist(t *testing.T) {
	t.Parallel()
	var board struct {
		Panels []struct {
			ID      int    `json:"id"`
			Type    string `json:"type"`
			Title   string `json:"title"`
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana-dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	metrics, used, ids := documented(t), map[string]bool{}, map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("the panel %q has another's id, or does not fit", p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", p.Title)
		}
		for _, q := range p.Targets {
			known(t, metrics, used, "panel "+p.Title, q.Expr)
		}
	}
	for name := range metrics {
		if !used[name] && !slices.Contains(shownElsewhere[:], name) {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// shownElsewhere are for those who ask for them.
var shownElsewhere = [...]string{"blockcast_webhook_events_total", "blockcast_webhook_posting_seconds"}

// Every alert is explained on the page about operations, names what exists and
// says something.
func TestTheAlertsNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For string
				Labels           struct{ Severity string }
				Annotations      struct{ Summary string }
			}
		}
	}
	decode(t, "alerts.yaml", &file)
	metrics, page := documented(t), read(t, "../docs/operations.md")
	rules := 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			rules++
			known(t, metrics, map[string]bool{}, r.Alert, r.Expr)
			if !metricName.MatchString(r.Expr) || r.Annotations.Summary == "" || !slices.Contains([]string{"page", "ticket"}, r.Labels.Severity) {
				t.Errorf("%s is not whole", r.Alert)
			}
		}
	}
	if rules < 10 {
		t.Errorf("only %d rules", rules)
	}
	for _, name := range regexp.MustCompile("`(Blockcast[A-Za-z]+)`").FindAllStringSubmatch(page, -1) {
		if !strings.Contains(read(t, "alerts.yaml"), "alert: "+name[1]+"\n") {
			t.Errorf("the page tells of %s, which is no alert", name[1])
		}
	}
}

// The compose file starts commands that there are with settings that there are.
func TestComposeFits(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Image       string
			Command     []string
			Environment map[string]string
			Volumes     []string
			DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		}
		Volumes map[string]any
	}
	decode(t, "compose.yaml", &file)
	for name, s := range file.Services {
		if s.Image != "blockcast" {
			continue
		}
		if s.Environment["BLOCKCAST_DATABASE_URL"] == "" || s.Environment["BLOCKCAST_SECRET_KEY"] == "" {
			t.Errorf("%s lacks settings: %v", name, s.Environment)
		}
		if _, ok := file.Volumes["files"]; !ok || !slices.Contains(s.Volumes, "files:/data") {
			t.Errorf("%s does not share the folder of files: %v", name, s.Volumes)
		}
		settings(t, name, s.Environment, s.Command...)
		for other := range s.DependsOn {
			if _, ok := file.Services[other]; !ok {
				t.Errorf("%s waits for %s, which is no service", name, other)
			}
		}
	}
	for _, want := range []string{"migrate", "serve", "work", "postgres", "redis"} {
		if _, ok := file.Services[want]; !ok {
			t.Errorf("there is no service %s", want)
		}
	}
}

func TestTheUnitsFit(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.service")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			unit := sections(t, file)
			start := strings.Fields(strings.Join(unit["Service"]["ExecStart"], " "))
			if len(start) < 2 || start[0] != "/usr/local/bin/blockcast" {
				t.Fatalf("it starts %v", start)
			}
			environment := map[string]string{}
			for _, pair := range unit["Service"]["Environment"] {
				name, value, _ := strings.Cut(pair, "=")
				environment[name] = value
			}
			settings(t, file, environment, start[1:]...)
			for section, keys := range map[string][]string{"Unit": {"Description"}, "Service": {"Restart", "TimeoutStopSec", "ProtectSystem", "StateDirectory"}, "Install": {"WantedBy"}} {
				for _, key := range keys {
					if len(unit[section][key]) != 1 {
						t.Errorf("[%s] has %s %d times", section, key, len(unit[section][key]))
					}
				}
			}
			// The folder of files must be one it may write, and the same for who shares it.
			files := environment["BLOCKCAST_MEDIA_DIR"]
			if file == "blockcast.service" {
				files = environment["BLOCKCAST_DATA"]
			} else if user := unit["Service"]["User"]; !slices.Equal(user, []string{"blockcast"}) {
				t.Errorf("it runs as %v: the other could not read its files", user)
			}
			if state := strings.Join(unit["Service"]["StateDirectory"], ""); !strings.HasPrefix(files+"/", "/var/lib/"+state+"/") {
				t.Errorf("files would be in %q, and it may write /var/lib/%s", files, state)
			}
		})
	}
}

// sections reads a unit file.
func sections(t *testing.T, file string) map[string]map[string][]string {
	t.Helper()
	out, section := map[string]map[string][]string{}, ""
	lines := bufio.NewScanner(strings.NewReader(read(t, file)))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		key, value, pair := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = strings.Trim(line, "[]")
			out[section] = map[string][]string{}
		case !pair || section == "":
			t.Errorf("%s: %q is no setting", file, line)
		default:
			out[section][key] = append(out[section][key], value)
		}
	}
	return out
}

// settings holds that a command knows every setting it is given, and no other
// than commands do.
func settings(t *testing.T, where string, environment map[string]string, command ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := &app.Process{In: strings.NewReader(""), Out: &out, Err: &errs, Lookup: func(string) (string, bool) { return "", false }}
	if code := app.Main(context.Background(), append(slices.Clone(command), "--help"), p); code != 0 {
		t.Fatalf("%s: blockcast %v: %s", where, command, errs.String())
	}
	for name := range environment {
		if strings.HasPrefix(name, "BLOCKCAST_") && !strings.Contains(out.String(), "$"+name) {
			t.Errorf("%s: blockcast %s does not know %s", where, command[0], name)
		}
	}
}

// The image holds a static program and runs it as nobody.
func TestTheContainerfile(t *testing.T) {
	t.Parallel()
	text := read(t, "Containerfile")
	for _, want := range []string{"CGO_ENABLED=0", "FROM scratch", "USER 65532:65532", "ca-certificates.crt", "zoneinfo.zip", "STOPSIGNAL SIGTERM", `ENTRYPOINT ["/blockcast"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s", want)
		}
	}
	mod := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))
	if mod == nil || !strings.Contains(text, "golang:"+mod[1]+" ") {
		t.Errorf("it is built with another Go than go.mod says: %v", mod)
	}
}

func decode(t *testing.T, file string, v any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, file)), v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
