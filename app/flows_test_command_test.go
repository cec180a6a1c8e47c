package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shopFiles writes a flow and its test into a folder.
func shopFiles(t *testing.T, test string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"shop.json": `{"format":1,"flow":"shop","attributes":{"size":"text"},
			"triggers":[{"on":"follow","block":"hi"},{"on":"default","block":"echo"}],
			"blocks":[{"name":"hi","steps":[{"type":"text","text":"Hi {{ first_name ?? 'you' }}","buttons":[{"title":"Size","goto":"size"}]}]},
			{"name":"size","steps":[{"type":"ask","text":"Which?","expect":"text","save_to":"size","timeout":"1h"},{"type":"text","text":"Size {{ size }}"}]},
			{"name":"echo","steps":[{"type":"request","url":"https://shop.example.com/q?a=1","save":{"size":"body.size"},"on_error":"hi"},{"type":"text","text":"You wrote {{ input }}, {{ size }}"}]}]}`,
		"shop.test.json": test,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestFlowsTestPlaysTheExamples(t *testing.T) {
	t.Parallel()
	out, errs, code := typedIn(t, nil, "flows", "test", "../flows/examples")
	if code != exitFine || !strings.HasSuffix(out, " cases in 3 files passed\n") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
}

const halfRight = `{"cases":[
  {"name":"greets Mai","as":{"first_name":"Mai"},"steps":[{"follow":true,"expect":{"texts":["Hi Mai"]}}]},
  {"name":"asks the size","steps":[{"follow":true},
    {"tap":"size","expect":{"texts":["Which one?"],
      "waits":"number"}}]}]}`

func TestFlowsTestNamesThePlace(t *testing.T) {
	t.Parallel()
	folder := shopFiles(t, halfRight)
	file := filepath.Join(folder, "shop.test.json")
	for _, path := range []string{folder, file, filepath.Join(folder, "shop.json")} {
		out, errs, code := typedIn(t, nil, "flows", "test", path)
		want := file + `:4:38: asks the size, step 2: message 1
    expected  “Which one?”
    but got   “Which?”
` + file + `:5:15: asks the size, step 2: waits
    expected  for number
    but got   waits for text in block "size", ends in 1h
    the clock Mon 2 Mar 2026, 09:00
`
		if code != exitRefused || out != want || !strings.Contains(errs, "1 of 2 cases failed") {
			t.Errorf("%s: code %d\n%s%s", path, code, out, errs)
		}
	}
	out, _, code := typedIn(t, nil, "flows", "test", "--json", file)
	var report testReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitRefused || report.Passed != 1 || report.Failed != 1 ||
		len(report.Cases) != 2 || len(report.Cases[1].Failures) != 2 || report.Cases[1].Failures[1].Line != 5 {
		t.Errorf("code %d, %v: %s", code, err, out)
	}
	out, _, code = typedIn(t, nil, "flows", "test", "-v", "--case", "GREETS", file)
	if code != exitFine || out != file+":2: passed: greets Mai\n1 case in 1 file passed\n" {
		t.Errorf("code %d: %s", code, out)
	}
	if _, errs, code := typedIn(t, nil, "flows", "test", "--case", "nowhere", file); code != exitAbsent || !strings.Contains(errs, "nowhere") {
		t.Errorf("code %d: %s", code, errs)
	}
}

// TestFlowsTestSaysWhatIsToCome shows a wait that ended too early.
func TestFlowsTestSaysWhatIsToCome(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"salon.json": `{"format":1,"flow":"salon","triggers":[{"on":"follow","block":"book"}],
			"blocks":[{"name":"book","steps":[{"type":"later","for":"1d","block":"remind"}]},
			{"name":"remind","steps":[{"type":"text","text":"Tomorrow!"}]}]}`,
		"salon.test.json": `{"bot":{"time_zone":"Asia/Taipei"},"cases":[{"name":"reminds","steps":[{"follow":true},{"wait":"23h","expect":{"texts":["Tomorrow!"]}}]}]}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _, code := typedIn(t, nil, "flows", "test", folder)
	const want = `
    but got   nothing more is said
    the clock Tue 3 Mar 2026, 08:00
    to come   block "remind" in 1h, on Tue 3 Mar 2026, 09:00
`
	if code != exitRefused || !strings.HasSuffix(out, want) {
		t.Errorf("code %d: %s", code, out)
	}
}

func TestFlowsTestSaysWhatCannotBePlayed(t *testing.T) {
	t.Parallel()
	plain := `{"cases":[{"name":"a","steps":[{"follow":true}]}]}`
	for name, c := range map[string]struct {
		test string
		code int
		want string
	}{
		"a broken test":      {`{"cases":[{"name":"a","steps":[{"tpa":1}]}]}`, exitRefused, `shop.test.json:1:33: a step has no "tpa" (did you mean "tap"`},
		"another flow":       {`{"flows":["away.json"],` + plain[1:], exitAbsent, `name the flow in "flows"`},
		"a channel unheard":  {`{"channel":"pigeon",` + plain[1:], exitUsage, `no channel "pigeon"`},
		"a flow of mistakes": {`{"flows":["shop.test.json"],` + plain[1:], exitRefused, "shop.test.json:1:"},
	} {
		folder := shopFiles(t, c.test)
		out, errs, code := typedIn(t, nil, "flows", "test", folder)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%s: code %d\n%s%s", name, code, out, errs)
		}
	}
	empty := t.TempDir()
	lonely := filepath.Join(empty, "lonely.json")
	for path, want := range map[string]string{empty: "holds no test", filepath.Join(empty, "x.test.json"): "no file"} {
		if _, errs, code := typedIn(t, nil, "flows", "test", path); code != exitAbsent || !strings.Contains(errs, want) {
			t.Errorf("%s: code %d, %s", path, code, errs)
		}
	}
	if err := os.WriteFile(lonely, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := typedIn(t, nil, "flows", "test", lonely); code != exitAbsent || !strings.Contains(errs, "lonely.test.json") {
		t.Errorf("code %d, %s", code, errs)
	}
}

func TestFlowsSchemaOfTests(t *testing.T) {
	t.Parallel()
	out, _, code := typedIn(t, nil, "flows", "schema", "--tests")
	want, err := os.ReadFile("../flows/test.schema.json")
	if err != nil || code != 0 || out != string(want) {
		t.Errorf("code %d, %v: they differ", code, err)
	}
}
