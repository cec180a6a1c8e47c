package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/app"
)

// ours begins a line that runs this program.
var ours = regexp.MustCompile(`^(?:blockcast|go run \.) (.*)$`)

// TestCommands looks every command that a page prints up in the program's own
// help: the command and all its flags must be there.
func TestCommands(t *testing.T) {
	t.Parallel()
	for _, p := range read(t) {
		for _, s := range snippets(p.have) {
			if s.language != "sh" {
				continue
			}
			for _, line := range strings.Split(joined(s.text), "\n") {
				m := ours.FindStringSubmatch(strings.TrimSpace(line))
				if m == nil {
					continue
				}
				t.Run(p.name+" "+m[1], func(t *testing.T) {
					t.Parallel()
					command, flags := takeApart(m[1])
					text, err := help(command...)
					if err != nil {
						t.Fatal(err)
					}
					usage, _, _ := strings.Cut(text, "\n")
					if strings.Contains(usage, "<command>") || !strings.HasPrefix(usage, "Usage: blockcast ") {
						t.Fatalf("%q is no command: %s", m[1], usage)
					}
					for _, f := range flags {
						if !regexp.MustCompile(`(?m)^\s.*` + regexp.QuoteMeta(f) + `\b`).MatchString(text) {
							t.Errorf("%q has no flag %s", strings.Join(command, " "), f)
						}
					}
				})
			}
		}
	}
}

// joined puts lines together that a backslash cuts.
func joined(text string) string {
	return regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, " ")
}

// takeApart finds the command's words and its flags in a line. A command has
// at most two words, and no argument of ours looks like one.
func takeApart(line string) (command, flags []string) {
	for _, word := range strings.Fields(line) {
		switch {
		case strings.HasPrefix(word, "--"):
			name, _, _ := strings.Cut(word, "=")
			flags = append(flags, name)
		case len(command) < 2 && len(flags) == 0 && regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(word):
			command = append(command, word)
		}
	}
	return command, flags
}

// TestChecks runs every flows check of a page on the document before it and
// compares what the page says it prints.
func TestChecks(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, p := range read(t) {
		document, file := "", ""
		for _, s := range snippets(p.have) {
			switch {
			case s.language == "json" && strings.Contains(s.text, `"format"`):
				document = s.text
			case s.language == "sh" && strings.Contains(s.text, "flows check "):
				_, file, _ = strings.Cut(strings.TrimSpace(s.text), "flows check ")
			case s.language == "text" && file != "":
				ran++
				name, doc := file, document
				t.Run(fmt.Sprintf("%s line %d", p.name, s.line), func(t *testing.T) {
					t.Parallel()
					if got := printed(t, name, doc); got != s.text {
						t.Errorf("it prints\n%sthe page says\n%s", got, s.text)
					}
				})
				file = ""
			default:
				file = ""
			}
		}
	}
	if ran < 2 {
		t.Errorf("only %d checks were run", ran)
	}
}

// printed is what flows check prints about a document.
func printed(t *testing.T, file, document string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, file), []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &app.Process{In: strings.NewReader(""), Out: &out, Err: &out, Lookup: func(string) (string, bool) { return "", false }}
	app.Main(context.Background(), []string{"flows", "check", filepath.Join(folder, file)}, p)
	text, _, _ := strings.Cut(out.String(), "blockcast: ") // how many there are is said on the other stream
	return strings.ReplaceAll(text, folder+string(filepath.Separator), "")
}
