package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/engine/simulate/script"
	"github.com/blockcast/blockcast/flows"
)

// flowsCommands check and publish flows.
type flowsCommands struct {
	Schema   flowsSchema   `cmd:"" help:"Print the JSON Schema of a flow, for editors. Needs no server."`
	Check    flowsCheck    `cmd:"" help:"Check flow files and say everything that is wrong. Needs no server."`
	Simulate flowsSimulate `cmd:"" help:"Talk with flow files in the terminal. Needs no server."`
	Test     flowsTest     `cmd:"" help:"Play the test scripts of flow files. Needs no server."`
	Push     flowsPush     `cmd:"" help:"Store flow files as drafts."`
	Publish  flowsPublish  `cmd:"" help:"Let a flow's draft answer people."`
	Diff     flowsDiff     `cmd:"" help:"Compare two versions of a flow, or one with the draft."`
	Restore  flowsRestore  `cmd:"" help:"Make a published version the draft again."`
	List     flowsList     `cmd:"" help:"List the flows."`
	Versions flowsVersions `cmd:"" help:"List a flow's published versions."`
	Show     flowsShow     `cmd:"" help:"Print a flow's draft, or one of its versions."`
}

// maxFlowFile is the most the API takes.
const maxFlowFile = 8 << 20

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

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// persons counts people in words.
func persons[N int | int64](n N) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
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

// flowFiles lists the files that paths mean: a folder all the .json in it that
// are no tests, "-" the input.
func flowFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		if path == "-" {
			files = append(files, path)
			continue
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, exitWith(exitAbsent, "there is no file %s", path)
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		inside, err := filepath.Glob(filepath.Join(path, "*.json"))
		if err != nil {
			return nil, err
		}
		inside = slices.DeleteFunc(inside, func(f string) bool { return strings.HasSuffix(f, script.Suffix) })
		if len(inside) == 0 {
			return nil, exitWith(exitAbsent, "the folder %s holds no .json file", path)
		}
		slices.Sort(inside)
		files = append(files, inside...)
	}
	return files, nil
}

func readFlow(p *Process, file string) ([]byte, error) {
	var r io.Reader
	if file == "-" {
		r = p.In
	} else {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFlowFile+1))
	if err == nil && len(text) > maxFlowFile {
		err = fmt.Errorf("%s is larger than %d MB", file, maxFlowFile>>20)
	}
	return text, err
}

type flowView struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Published int       `json:"published"`
	UpdatedAt time.Time `json:"updated_at"`
}

type versionView struct {
	Number    int       `json:"number"`
	Author    string    `json:"author"`
	Note      string    `json:"note"`
	Checksum  string    `json:"checksum"`
	CreatedAt time.Time `json:"created_at"`
}

type flowsPush struct {
	botConnection `embed:""`
	Path          []string `arg:"" help:"Flow files, or folders of them."`
	Publish       bool     `help:"Publish them at once."`
	Note          string   `help:"What has changed, with --publish."`
}

func (c *flowsPush) Run(ctx context.Context, p *Process, s *settings) error {
	files, err := flowFiles(c.Path)
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		for _, file := range files {
			text, err := readFlow(p, file)
			if err != nil {
				return err
			}
			name, mistakes, err := s.push(ctx, file, text)
			if err != nil {
				return err
			}
			if !c.Publish {
				continue
			}
			if mistakes > 0 {
				return exitWith(exitRefused, "%s is not published: %s", name, counted(mistakes, "mistake"))
			}
			if err := s.publish(ctx, name, c.Note); err != nil {
				return err
			}
		}
		return nil
	})
}

// push stores one file as its flow's draft. It returns the flow's name and how
// many mistakes keep it from being published.
func (s *botSession) push(ctx context.Context, file string, text []byte) (flow string, mistakes int, err error) {
	var head struct {
		Flow string `json:"flow"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Flow == "" {
		_, problems := flows.Check(text, file, flows.Catalog{})
		return "", 0, errors.Join(writeProblems(s.p.Err, problems), exitWith(exitRefused, "%s cannot be read as a flow", file))
	}
	raw, err := s.call(ctx, "PUT", s.path("flows", head.Flow), json.RawMessage(text))
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w", file, err)
	}
	draft, err := decode[struct {
		Problems []flows.Problem `json:"problems"`
	}](raw, nil)
	if err != nil {
		return "", 0, err
	}
	for i := range draft.Problems {
		draft.Problems[i].File = file
	}
	return head.Flow, mistakesIn(draft.Problems), s.show(raw, func() error {
		return errors.Join(writeProblems(s.p.Out, draft.Problems), s.line("%s: stored the draft of %s", file, head.Flow))
	})
}

type flowsPublish struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name."`
	Note          string `help:"What has changed."`
}

func (c *flowsPublish) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error { return s.publish(ctx, c.Flow, c.Note) })
}

func (s *botSession) publish(ctx context.Context, flow, note string) error {
	body := map[string]any{}
	if note != "" {
		body["note"] = note
	}
	raw, err := s.post(ctx, s.path("flows", flow, "publish"), body)
	if exitCode(err) == exitUsage { // the command line is right, the flow is not
		return exitWith(exitRefused, "%v", err)
	}
	v, err := decode[versionView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error { return s.line("published version %d of %s", v.Number, flow) })
}

type flowsList struct {
	botConnection `embed:""`
}

func (c *flowsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "PUBLISHED", "CHANGED", "ID")
		return showList(ctx, s.session, s.path("flows"), maxItems, t, func(f flowView) []string {
			published := "no"
			if f.Published > 0 {
				published = "version " + strconv.Itoa(f.Published)
			}
			return []string{f.Name, published, s.moment(f.UpdatedAt), f.ID}
		})
	})
}

type flowsVersions struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name."`
}

func (c *flowsVersions) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("VERSION", "PUBLISHED", "BY", "NOTE", "CHECKSUM")
		return showList(ctx, s.session, s.path("flows", c.Flow, "versions"), maxItems, t, func(v versionView) []string {
			return []string{strconv.Itoa(v.Number), s.moment(v.CreatedAt), v.Author, v.Note, v.Checksum[:min(12, len(v.Checksum))]}
		})
	})
}

type flowsShow struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name."`
	Version       int    `help:"A published version. Default: the draft."`
}

func (c *flowsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		parts := []string{"flows", c.Flow}
		if c.Version > 0 {
			parts = append(parts, "versions", strconv.Itoa(c.Version))
		}
		raw, err := s.get(ctx, s.path(parts...))
		v, err := decode[struct {
			Draft    json.RawMessage `json:"draft"`
			Document json.RawMessage `json:"document"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			text := v.Document
			if len(text) == 0 {
				text = v.Draft
			}
			_, err := fmt.Fprintf(s.p.Out, "%s\n", strings.TrimSpace(string(text)))
			return err
		})
	})
}
