package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/all"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
	"github.com/blockcast/blockcast/engine/simulate/script"
	"github.com/blockcast/blockcast/flows"
)

// flowsTest plays the test scripts of flows.
type flowsTest struct {
	Path    []string `arg:"" help:"Test files, flow files with a test beside them, or folders of them."`
	Case    string   `placeholder:"WORDS" help:"Only the cases with these words in their name."`
	Verbose bool     `short:"v" help:"Name the cases that pass too."`
	JSON    bool     `name:"json" help:"As JSON."`
}

// Help is the long help of the command.
func (*flowsTest) Help() string {
	return `A test is JSON beside its flow, orders.test.json beside orders.json:

  {
    "bot": {"time_zone": "Asia/Taipei", "region": "TW"},
    "as": {"first_name": "Mai"},
    "stubs": [{"url": "https://shop.example.com/orders", "body": {"status": "packed"}}],
    "cases": [
      {"name": "asks where an order is", "steps": [
        {"say": "order", "expect": {"texts": ["Hi Mai, which one?"], "waits": "text"}},
        {"say": "A1024", "expect": {"contains": "packed", "attributes": {"order": "A1024"}, "waits": false}}
      ]}
    ]
  }

A step does one thing: say, tap (a title or number, with pick for a calendar), wait, send (with what the caller brings),
follow, unfollow, location, image, video, audio, file, sticker, referral, postback or hand_over.

What may be expected of it: texts, contains, lacks, buttons, attributes, tags, waits, block, outcome, events, requests,
subscribed, handed_over, warnings. In texts * stands for any text. A step also fails when the author would be told of a
mistake, or when no stub answers a request.

Each case begins anew on 2 March 2026, a Monday, at 9:00, unless "at" says otherwise. The whole form, for editors:
blockcast flows schema --tests. The command ends with 3 when a test fails.`
}

// testReport is what became of all tests.
type testReport struct {
	Files    int             `json:"files"`
	Passed   int             `json:"passed"`
	Failed   int             `json:"failed"`
	Cases    []script.Result `json:"cases"`
	Problems []flows.Problem `json:"problems,omitempty"` // of tests and flows that cannot be read
}

func (c *flowsTest) Run(ctx context.Context, p *Process) error {
	files, err := testFiles(c.Path)
	if err != nil {
		return err
	}
	report := &testReport{Files: len(files), Cases: []script.Result{}}
	for _, file := range files {
		if err := c.play(ctx, p, file, report); err != nil {
			return err
		}
	}
	if c.JSON {
		err = writeJSON(p.Out, report)
	} else {
		err = c.write(p.Out, report)
	}
	if err != nil {
		return err
	}
	return c.verdict(p, report)
}

// verdict ends the command: exitRefused when something does not hold.
func (c *flowsTest) verdict(p *Process, r *testReport) error {
	mistakes := 0
	for _, q := range r.Problems {
		if !q.Warning {
			mistakes++
		}
	}
	switch {
	case mistakes > 0:
		return exitWith(exitRefused, "%s and %s in %s", counted(r.Failed, "failed case"), counted(mistakes, "mistake"), counted(r.Files, "test file"))
	case r.Failed > 0:
		return exitWith(exitRefused, "%d of %s failed", r.Failed, counted(r.Failed+r.Passed, "case"))
	case r.Passed == 0:
		return exitWith(exitAbsent, "no case has %q in its name", c.Case)
	case c.JSON:
		return nil
	}
	_, err := fmt.Fprintf(p.Out, "%s in %s passed\n", counted(r.Passed, "case"), counted(r.Files, "file"))
	return err
}

// play plays the cases of one file that are wanted.
func (c *flowsTest) play(ctx context.Context, p *Process, file string, r *testReport) error {
	text, err := readFlow(p, file)
	if err != nil {
		return err
	}
	s, problems := script.Read(text, file)
	if s == nil {
		r.Problems = append(r.Problems, problems...)
		return nil
	}
	library, problems, err := publishBeside(p, s)
	r.Problems = append(r.Problems, problems...)
	if library == nil || err != nil {
		return err
	}
	chs, err := simulated([]string{s.Channel})
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	stage := script.Stage{Library: library, Channels: chs, Read: func(name string) ([]byte, error) {
		return readFlow(p, filepath.Join(filepath.Dir(file), name))
	}}
	for i := range s.Cases {
		if !strings.Contains(flows.Fold(s.Cases[i].Name), flows.Fold(c.Case)) {
			continue
		}
		result := s.Play(ctx, &s.Cases[i], stage)
		r.Cases = append(r.Cases, result)
		if result.Passed {
			r.Passed++
		} else {
			r.Failed++
		}
	}
	return nil
}

// publishBeside publishes the flows a script is for; warnings about them are
// for "flows check" to tell.
func publishBeside(p *Process, s *script.Script) (*engine.Library, []flows.Problem, error) {
	names := s.Flows
	if len(names) == 0 {
		names = []string{strings.TrimSuffix(filepath.Base(s.File), script.Suffix) + ".json"}
	}
	var files []string
	for _, name := range names {
		files = append(files, filepath.Join(filepath.Dir(s.File), name))
	}
	library, problems, err := publishFiles(p, files)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, exitWith(exitAbsent, `%s: %v; name the flow in "flows"`, s.File, err)
	}
	return library, slices.DeleteFunc(problems, func(q flows.Problem) bool { return q.Warning }), err
}

// publishFiles reads flow files as the flows of one bot.
func publishFiles(p *Process, files []string) (*engine.Library, []flows.Problem, error) {
	var documents []simulate.Document
	for _, file := range files {
		text, err := readFlow(p, file)
		if err != nil {
			return nil, nil, err
		}
		documents = append(documents, simulate.Document{File: file, Text: text})
	}
	library, problems := simulate.Publish(documents)
	return library, problems, nil
}

// simulated returns channels by name; "" is the first there is.
func simulated(kinds []string) ([]channels.Channel, error) {
	list, err := all.New(all.Config{Client: newPlatformClient(1)})
	if err != nil {
		return nil, err
	}
	var out []channels.Channel
	for _, kind := range kinds {
		if kind == "" {
			kind = string(list.Kinds()[0])
		}
		ch, ok := list.Get(channels.Kind(kind))
		if !ok {
			return nil, noChannel(kind, channelKinds())
		}
		out = append(out, ch)
	}
	return out, nil
}

// testFiles lists the tests that paths mean: a folder all in it, a flow the one
// beside it.
func testFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, exitWith(exitAbsent, "there is no file %s", path)
		case err != nil:
			return nil, err
		case info.IsDir():
			inside, err := filepath.Glob(filepath.Join(path, "*"+script.Suffix))
			if err != nil {
				return nil, err
			}
			if len(inside) == 0 {
				return nil, exitWith(exitAbsent, "the folder %s holds no test: a file whose name ends in %s", path, script.Suffix)
			}
			slices.Sort(inside)
			files = append(files, inside...)
		case strings.HasSuffix(path, script.Suffix):
			files = append(files, path)
		default:
			beside := strings.TrimSuffix(path, ".json") + script.Suffix
			if _, err := os.Stat(beside); err != nil {
				return nil, exitWith(exitAbsent, "%s has no test: there is no file %s", path, beside)
			}
			files = append(files, beside)
		}
	}
	return files, nil
}

// write prints failures one a place, as compilers do, so that editors find
// them.
func (c *flowsTest) write(w io.Writer, r *testReport) error {
	var b strings.Builder
	for _, result := range r.Cases {
		if result.Passed && c.Verbose {
			fmt.Fprintf(&b, "%s:%d: passed: %s\n", result.File, result.Line, oneLine(result.Case))
		}
		for _, f := range result.Failures {
			writeFailure(&b, f)
		}
		writeClock(&b, result)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return writeProblems(w, r.Problems)
}

func writeFailure(b *strings.Builder, f script.Failure) {
	fmt.Fprintf(b, "%s:%d:%d: %s", f.File, f.Line, f.Column, oneLine(f.Case))
	if f.Step > 0 {
		fmt.Fprintf(b, ", step %d", f.Step)
	}
	fmt.Fprintf(b, ": %s\n", f.What)
	if f.Want != "" {
		fmt.Fprintf(b, "    expected  %s\n", hanging(f.Want))
	}
	if f.Got != "" {
		fmt.Fprintf(b, "    but got   %s\n", hanging(f.Got))
	}
}

// writeClock says when a case failed, and what would still have come: of a wait
// that ends too early that is most of the answer.
func writeClock(b *strings.Builder, r script.Result) {
	if r.Clock == "" {
		return
	}
	fmt.Fprintf(b, "    the clock %s\n", r.Clock)
	for _, words := range r.Planned {
		fmt.Fprintf(b, "    to come   %s\n", oneLine(words))
	}
}

// hanging indents the lines of a text after its first one.
func hanging(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = oneLine(lines[i])
	}
	return strings.Join(lines, "\n              ")
}
