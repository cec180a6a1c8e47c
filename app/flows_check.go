package app

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/engine/simulate/script"
	"github.com/blockcast/blockcast/flows"
)

type flowsSchema struct {
	Tests bool `help:"The schema of test scripts instead."`
}

func (c *flowsSchema) Run(p *Process) error {
	schema := flows.Schema()
	if c.Tests {
		var err error
		if schema, err = script.Schema(); err != nil {
			return err
		}
	}
	_, err := p.Out.Write(schema)
	return err
}

type flowsCheck struct {
	Path    []string `arg:"" help:"Flow files, or folders of them."`
	Channel []string `placeholder:"KIND" help:"Also say what the channel, such as line, shows in another way than it is written, and what takes several calls there."`
	JSON    bool     `name:"json" help:"As JSON."`
}

func (c *flowsCheck) Run(p *Process) error {
	files, err := flowFiles(c.Path)
	if err != nil {
		return err
	}
	catalog, err := c.catalog()
	if err != nil {
		return err
	}
	problems := []flows.Problem{}
	for _, file := range files {
		text, err := readFlow(p, file)
		if err != nil {
			return err
		}
		_, found := flows.Check(text, file, catalog)
		problems = append(problems, found...)
	}
	if c.JSON {
		if err := writeJSON(p.Out, map[string]any{"files": len(files), "problems": problems}); err != nil {
			return err
		}
	} else if err := writeProblems(p.Out, problems); err != nil {
		return err
	}
	return judge(len(files), problems, p, c.JSON)
}

// catalog is what files alone are checked against: the channels that are named.
func (c *flowsCheck) catalog() (flows.Catalog, error) {
	var catalog flows.Catalog
	if len(c.Channel) == 0 {
		return catalog, nil
	}
	list, err := simulated(c.Channel)
	if err != nil {
		return catalog, err
	}
	for _, ch := range list {
		kind := string(ch.Kind())
		catalog.Channels = append(catalog.Channels, kind)
		catalog.Displays = append(catalog.Displays, outbox.Display(ch))
		if policy.Windowed(kind, time.Now()) {
			catalog.Windowed = append(catalog.Windowed, kind)
		}
		if ch.Limits().Templates {
			catalog.Templated = append(catalog.Templated, kind)
		}
	}
	return catalog, nil
}

// judge ends a check: with a word about it, and exitRefused for mistakes.
func judge(files int, problems []flows.Problem, p *Process, quiet bool) error {
	if mistakes := mistakesIn(problems); mistakes > 0 {
		return exitWith(exitRefused, "%s in %s", counted(mistakes, "mistake"), counted(files, "file"))
	}
	if quiet {
		return nil
	}
	_, err := fmt.Fprintf(p.Out, "%s checked, %s\n", counted(files, "file"), counted(len(problems), "warning"))
	return err
}

// mistakesIn counts the problems that are no warnings.
func mistakesIn(problems []flows.Problem) int {
	n := 0
	for _, q := range problems {
		if !q.Warning {
			n++
		}
	}
	return n
}

// writeProblems prints one problem a line, as compilers do, so that editors
// find the places.
func writeProblems(w io.Writer, problems []flows.Problem) error {
	var b strings.Builder
	for _, q := range problems {
		level := ""
		if q.Warning {
			level = "warning: "
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s%s", q.File, q.Line, q.Column, level, q.Message)
		if q.Hint != "" {
			fmt.Fprintf(&b, " (%s)", q.Hint)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
