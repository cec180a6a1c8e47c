package app_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/blockcast/blockcast"

// room says what the packages under a path may import of ours. A path counts
// for itself, with /… at its end for its folders too; the first rule that fits
// a package is its rule.
type room struct {
	path string
	may  []string
}

// anything may be imported.
const anything = "…"

// rooms is the table of the architecture: who may import whom.
func rooms() []room {
	speech := []string{"blocks", "blocks/expression", "phone"}
	sending := append([]string{"flows", "engine", "engine/policy", "engine/group", "channels"}, speech...)
	return []room{
		{"main", []string{"app", "app/heap"}},
		{"app/…", []string{anything}},
		{"console/…", []string{anything}},
		{"bench/…", []string{anything}},
		{"soak/…", []string{anything}},
		{"docs/…", []string{anything}},
		{"scripts/…", nil},

		{"phone", nil},
		{"migrations/…", nil},
		{"blocks/expression", []string{"phone"}},
		{"blocks/foreign", []string{"blocks"}},
		{"blocks", []string{"blocks/expression", "phone"}},
		{"flows/…", speech},

		{"engine/group", nil},
		{"engine/policy", []string{"blocks", "engine"}},
		{"engine/notify", []string{"blocks", "engine"}},
		{"engine/outbox", sending},
		{"engine/inbox", append([]string{"engine/outbox"}, sending...)},
		{"engine/media", []string{"blocks", "engine", "channels"}},
		{"engine/clicks", []string{"engine", "engine/group"}},
		{"engine/broadcast", append([]string{"engine/outbox"}, sending...)},
		{"engine/simulate/…", append([]string{"engine/outbox", "engine/simulate"}, sending...)},
		{"engine/simulate", sending},
		{"engine", append([]string{"flows"}, speech...)},

		{"channels", []string{"blocks"}},
		{"channels/all", []string{anything}},
		{"channels/sandbox/…", []string{"blocks", "channels/…"}},
		{"channels/…", []string{"blocks", "channels"}}, // platforms

		{"store/…", append([]string{"flows", "engine/…", "channels", "migrations", "store/…"}, speech...)},
		{"worker", []string{"engine/…", "channels"}},
		{"server/…", []string{"blocks", "blocks/foreign", "phone", "flows", "engine/…", "channels", "server/…"}},
	}
}

// owners says which packages alone may use a library, in code that is not a
// test's.
func owners() map[string][]string {
	return map[string][]string{
		"github.com/expr-lang/expr":           {"blocks/expression"},
		"github.com/nyaruka/phonenumbers":     {"phone", "blocks/expression"},
		"gorm.io":                             {"store/…"},
		"github.com/glebarez":                 {"store/…", "soak/…"},
		"modernc.org":                         {"store/…"},
		"github.com/jackc/pgx":                {"store/…", "bench/…", "soak/…"},
		"github.com/pressly/goose":            {"store/…", "migrations/…"},
		"github.com/hibiken/asynq":            {"worker"},
		"github.com/alicebob/miniredis":       {"worker"},
		"github.com/redis/go-redis":           {"worker"},
		"github.com/go-redis/redis_rate":      {"worker"},
		"github.com/gofiber":                  {"server/…", "console", "app/…"},
		"github.com/valyala/fasthttp":         {"server/…", "app/…", "bench/…"},
		"github.com/danielgtaylor/huma":       {"server/…"},
		"github.com/alecthomas/kong":          {"app/…"},
		"github.com/mattn/go-runewidth":       {"app/…"},
		"github.com/prometheus/client_golang": {"worker", "server/…", "app/…"},
		"github.com/line":                     {}, // an oracle of tests
		"github.com/getkin/kin-openapi":       {}, // the same
		"github.com/google/go-cmp":            {}, // tests' alone
	}
}

func TestImportsFollowTheArchitecture(t *testing.T) {
	t.Parallel()
	found := imports(t)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule, known := ruleOf(name)
			if !known {
				t.Fatalf("no rule tells what %s may import: add it to the architecture and to this table", name)
			}
			for _, imported := range found[name] {
				if own, ours := strings.CutPrefix(imported, module); ours {
					own = strings.TrimPrefix(own, "/")
					if !slices.ContainsFunc(rule.may, func(p string) bool { return covers(p, own) }) {
						t.Errorf("%s imports %s", name, own)
					}
					continue
				}
				for library, may := range owners() {
					isIt := imported == library || strings.HasPrefix(imported, library+"/")
					if isIt && !isTestPackage(name) && !slices.ContainsFunc(may, func(p string) bool { return covers(p, name) }) {
						t.Errorf("%s uses %s, which belongs to %v", name, library, may)
					}
				}
			}
		})
	}
}

func ruleOf(name string) (room, bool) {
	if isTestPackage(name) {
		return room{name, []string{anything}}, true
	}
	for _, r := range rooms() {
		if covers(r.path, name) {
			return r, true
		}
	}
	return room{}, false
}

// isTestPackage reports whether a package exists for tests, as blockstest.
func isTestPackage(name string) bool { return strings.HasSuffix(path.Base(name), "test") }

func covers(pattern, name string) bool {
	if pattern == anything {
		return true
	}
	folder, deep := strings.CutSuffix(pattern, "/…")
	return name == folder || deep && strings.HasPrefix(name, folder+"/")
}

// imports returns what the code of each package imports, tests left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	root := ".."
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (strings.HasPrefix(e.Name(), ".") && file != root || e.Name() == "testdata"):
			return filepath.SkipDir
		case e.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		name := filepath.ToSlash(folder)
		if name == "." {
			name = "main"
		}
		found[name] = append(found[name], []string{}...)
		for _, i := range parsed.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			found[name] = append(found[name], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d packages found", len(found))
	}
	return found
}
