package app

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// settingTag marks the flags that the environment and the configuration file
// may set too; its value secret means that a file may hold the value.
const (
	settingTag    = "setting"
	secretSetting = "secret"
	envPrefix     = "BLOCKCAST_"
	fileSuffix    = "_FILE"
	maxSecretFile = 64 << 10
)

// lookup finds a variable of the environment.
type lookup func(name string) (value string, found bool)

// settings answers for flags that were not given: first from the environment,
// then from the file.
type settings struct {
	lookup lookup
	path   string
	file   map[string]any
}

var _ kong.Resolver = (*settings)(nil)

// readSettings reads the configuration file at path, "" for none.
func readSettings(path string, env lookup) (*settings, error) {
	s := &settings{lookup: env, path: path}
	if path == "" {
		return s, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if err := json.Unmarshal(text, &s.file); err != nil {
		return nil, fmt.Errorf("read the configuration %s: %w", path, err)
	}
	return s, nil
}

// Validate refuses a file with a name that no setting has.
func (s *settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	walk(app.Node, func(f *kong.Flag) { known[fileKey(f)] = true })
	for _, name := range slices.Sorted(maps.Keys(s.file)) {
		if !known[name] {
			return fmt.Errorf("the configuration %s sets %q, which is no setting; blockcast config lists them", s.path, name)
		}
	}
	return nil
}

// Resolve implements kong.Resolver.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	if !isSetting(f) {
		return nil, nil
	}
	name := envName(f)
	direct, isDirect := s.lookup(name)
	isDirect = isDirect && direct != ""
	path, isFile := s.lookup(name + fileSuffix)
	isFile = isFile && path != "" && f.Tag.Get(settingTag) == secretSetting
	switch {
	case isDirect && isFile:
		return nil, fmt.Errorf("both %s and %s%s are set; keep one", name, name, fileSuffix)
	case isDirect:
		return direct, nil
	case isFile:
		return readSecret(path)
	}
	return s.file[fileKey(f)], nil
}

// readSecret reads a file that holds one value.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile))
	return strings.TrimSpace(string(text)), err
}

func isSetting(f *kong.Flag) bool { return f.Tag != nil && f.Tag.Has(settingTag) }

func envName(f *kong.Flag) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

func fileKey(f *kong.Flag) string { return strings.ReplaceAll(f.Name, "-", "_") }

// helpSetting ends a setting's help with the name it has in the environment.
func helpSetting(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if v.Flag == nil || !isSetting(v.Flag) {
		return help
	}
	return strings.TrimSpace(help + " ($" + envName(v.Flag) + ")")
}

// walk visits the settings among all flags, each once.
func walk(n *kong.Node, visit func(*kong.Flag)) {
	for _, f := range n.Flags {
		if isSetting(f) {
			visit(f)
		}
	}
	for _, child := range n.Children {
		walk(child, visit)
	}
}

// configFlag is the path the command line or the environment gives for the
// configuration file. It is needed before the flags can be read.
func configFlag(args []string, env lookup) string {
	for i, a := range args {
		if a == "--" {
			break
		}
		if v, found := strings.CutPrefix(a, "--config="); found {
			return v
		}
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	path, _ := env(envPrefix + "CONFIG")
	return path
}
