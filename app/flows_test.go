package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFlowsCheckNeedsNoServer(t *testing.T) {
	t.Parallel()
	out, errs, code := typedIn(t, nil, "flows", "check", "../flows/examples")
	if code != 0 || !strings.HasPrefix(out, "3 files checked, 0 warnings") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
}

func TestFlowsCheckNamesEveryPlace(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "broken.json")
	text := "{\n  \"format\": 1,\n  \"flow\": \"x\",\n  \"blokcs\": [],\n  \"blocks\": [{ \"name\": \"a\", \"steps\": [{ \"type\": \"text\" }] }]\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := typedIn(t, nil, "flows", "check", folder)
	if code != exitRefused || !strings.Contains(out, file+":4:") || !strings.Contains(out, file+":5:") || !strings.Contains(errs, "in 1 file") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	out, _, code = typedIn(t, nil, "flows", "check", "--json", file)
	var answer struct {
		Problems []struct {
			Line    int    `json:"line"`
			Message string `json:"message"`
		} `json:"problems"`
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != exitRefused || len(answer.Problems) < 2 || answer.Problems[0].Line != 4 {
		t.Errorf("code %d, %v: %s", code, err, out)
	}
}

func TestFlowsCheckSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for path, want := range map[string]string{"/nowhere.json": "no file /nowhere.json", empty: "holds no .json file"} {
		if _, errs, code := typedIn(t, nil, "flows", "check", path); code != exitAbsent || !strings.Contains(errs, want) {
			t.Errorf("%s: code %d, %q", path, code, errs)
		}
	}
}

// A shell's *.json names the tests beside the flows, too.
func TestFlowsCheckLeavesTestsOut(t *testing.T) {
	t.Parallel()
	const examples = "../flows/examples/"
	out, errs, code := typedIn(t, nil, "flows", "check", examples+"coupon.json", examples+"coupon.test.json", examples+"donhang.json")
	if code != 0 || !strings.Contains(out, "2 files checked") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	if _, errs, code = typedIn(t, nil, "flows", "check", examples+"coupon.test.json"); code != exitUsage || !strings.Contains(errs, "play it with blockcast flows test") {
		t.Errorf("a test alone: code %d: %s", code, errs)
	}
}

func TestFlowsSchemaIsTheOneInTheRepository(t *testing.T) {
	t.Parallel()
	out, _, code := typedIn(t, nil, "flows", "schema")
	want, err := os.ReadFile("../flows/schema.json")
	if err != nil || code != 0 || out != string(want) {
		t.Errorf("code %d, %v: they differ", code, err)
	}
}
