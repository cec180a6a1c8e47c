package app

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks/goldentest"
)

// TestConversations plays each input of testdata/simulate and compares what is
// shown with the golden beside it. An input's first line holds the arguments.
func TestConversations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/simulate/*.in")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d conversations, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".in"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, rest, _ := strings.Cut(string(text), "\n")
			words, err := quotedWords(first)
			if err != nil {
				t.Fatal(err)
			}
			out, errs, code := simulatedIn(t, rest, words...)
			if code != 0 {
				t.Fatalf("code %d: %s", code, errs)
			}
			goldentest.Compare(t, strings.TrimSuffix(file, ".in")+".out", []byte(out))
		})
	}
}

func simulatedIn(t *testing.T, input string, args ...string) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(t.Context(), append([]string{"flows", "simulate"}, args...), &Process{
		In: strings.NewReader(input), Out: &stdout, Err: &stderr, Lookup: func(string) (string, bool) { return "", false },
	})
	return stdout.String(), stderr.String(), code
}

func TestSimulationsThatCannotBegin(t *testing.T) {
	t.Parallel()
	folder := shopFiles(t, `{}`)
	shop := filepath.Join(folder, "shop.json")
	broken := write(t, "broken.json", `{"format":1,"flow":"x","blocks":[{"name":"a","steps":[{"type":"goto","block":"b"}]}]}`)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"/nowhere.json"}, exitAbsent, "no file /nowhere.json"},
		{[]string{broken}, exitRefused, broken + ":1:"},
		{[]string{shop, broken}, exitRefused, "name only those that belong together"},
		{[]string{shop, "--channel", "pigeon"}, exitUsage, `no channel "pigeon"`},
		{[]string{shop, "--as", "size"}, exitUsage, `--as: write NAME=VALUE, not "size"`},
		{[]string{shop, "--as", "siez=L"}, exitUsage, `no flow declares the attribute "siez" (did you mean "size"`},
		{[]string{shop, "--secret", "=x"}, exitUsage, "--secret: write NAME=VALUE"},
		{[]string{shop, "--stub", "https://x.example"}, exitUsage, "--stub: write URL=FILE"},
		{[]string{shop, "--stub", "x.example=404"}, exitUsage, "is no address"},
		{[]string{shop, "--stub", "https://x.example=nowhere.json"}, exitAbsent, "no file nowhere.json"},
		{[]string{shop, "--time-zone", "Mars"}, exitUsage, `"Mars" is no time zone`},
		{[]string{shop, "--at", "soon"}, exitUsage, `--at: "soon" is no moment`},
	} {
		out, errs, code := simulatedIn(t, "", c.args...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: code %d, %s%s", c.args, code, out, errs)
		}
	}
}

func TestARestartReadsTheFlowAgain(t *testing.T) {
	t.Parallel()
	shop := filepath.Join(shopFiles(t, `{}`), "shop.json")
	text, err := os.ReadFile(shop)
	if err != nil {
		t.Fatal(err)
	}
	// The input is read line by line: the file is another one by the time of
	// the second restart.
	in := &lineByLine{lines: []string{":follow\n", ":restart\n", ":follow\n", ":restart\n", ":follow\n"}, before: map[int]func(){
		1: func() { rewrite(t, shop, strings.Replace(string(text), "Hi ", "Good day ", 1)) },
		3: func() { rewrite(t, shop, "{") },
	}}
	var out, errs bytes.Buffer
	code := Main(t.Context(), []string{"flows", "simulate", shop, "--at", "2026-03-02"}, &Process{In: in, Out: &out, Err: &errs,
		Lookup: func(string) (string, bool) { return "", false }})
	if got := out.String(); code != 0 || strings.Count(got, "Hi you") != 1 || strings.Count(got, "Good day you") != 2 ||
		!strings.Contains(got, "goes on with the flows as they were") || !strings.Contains(errs.String(), shop+":1:") {
		t.Errorf("code %d:\n%s%s", code, got, errs.String())
	}
}

// lineByLine gives a line for each read, and does something before some.
type lineByLine struct {
	lines  []string
	before map[int]func()
	n      int
}

func (l *lineByLine) Read(b []byte) (int, error) {
	if do := l.before[l.n]; do != nil {
		do()
	}
	if l.n == len(l.lines) {
		return 0, io.EOF
	}
	l.n++
	return copy(b, l.lines[l.n-1]), nil
}

func rewrite(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

func TestQuotedWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``: ``, ` a  b `: `a|b`, `"a b" c`: `a b|c`, `x="1 2" 'y z'`: `x=1 2|y z`, `""`: ``, `a"b`: `!`, `đơn hàng`: `đơn|hàng`,
	} {
		words, err := quotedWords(text)
		got := strings.Join(words, "|")
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestLinesAreBrokenWhereTheyMayBe(t *testing.T) {
	t.Parallel()
	s := newChatScreen(nil)
	for text, want := range map[string]string{
		"":                    "",
		"abc def ghi":         "abc def|ghi",
		"abcdefghijkl":        "abcdefgh|ijkl",
		"中文字很長，也可以斷行":         "中文字很|長，也可|以斷行",
		"đơn hàng của":        "đơn hàng|của",
		"ab 中文字 cd":           "ab 中文|字 cd",
		"(中文)字很長很長":           "(中文)字|很長很長",
		"a b c d e f g h i j": "a b c d|e f g h|i j",
	} {
		if got := strings.Join(s.broken(text, 8), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzQuotedWords(f *testing.F) {
	f.Add(`"order shipped" a=1`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := quotedWords(text); err != nil {
			return
		}
		if _, err := readAct("send", text); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
