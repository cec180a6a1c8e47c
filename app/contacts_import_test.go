package app

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// importSize is how many rows the test of a large file has;
// TEST_IMPORT_ROWS=200000 is an old system's whole list.
func importSize(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TEST_IMPORT_ROWS")
	if text == "" {
		return 2_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// peopleFile is a CSV of n rows; every hundredth is broken, each in another way.
func peopleFile(t *testing.T, n int) (path string, broken int) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "people.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "Khách,SĐT,external id,Tags,points")
	wrong := []string{"x,12,crm-%d,,1", "x,0912345678 0987654321 / 0912345679,crm-%d,,1", "\"x\"y,,crm-%d,,1", "x,,crm-%d,,many", "x,,crm-%d", "%d,,,,1"}
	for i := range n {
		if i%100 == 99 {
			fmt.Fprintf(w, wrong[broken%len(wrong)]+"\n", i)
			broken++
			continue
		}
		fmt.Fprintf(w, "王小明 %d,09%08d,crm-%d,\"vip,%s\",%d\n", i, i, i, []string{"old", "new"}[i%2], i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path, broken
}

func TestALargeFileIsImportedTwiceWithoutHarm(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	n := importSize(t)
	file, broken := peopleFile(t, n)
	if _, errs, code := typed("attributes", "declare", "points", "--type=number"); code != exitFine {
		t.Fatalf("code %d, %s", code, errs)
	}
	brings := func(created, updated int) {
		t.Helper()
		out, errs, code := typed("contacts", "import", file, "--column", "SĐT=phone", "--column", "Khách=name")
		want := fmt.Sprintf("%d rows: %d new, %d known, %d refused\n", n, created, updated, broken)
		if code != exitRefused || !strings.HasPrefix(out, want) {
			t.Fatalf("code %d, %s%s, want %s", code, out, errs, want)
		}
	}
	brings(n-broken, 0)
	brings(0, n-broken)
	report, err := os.ReadFile(file + ".refused.csv")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(report), "\n"); lines != broken+1 {
		t.Errorf("the report has %d lines for %d refused rows", lines, broken)
	}
	for _, want := range []string{"refused_line,refused_field,refused_because,Khách,SĐT,external id,Tags,points\n", "101,phone,\"phone \"\"12\"\": this is not a phone number\",x,12,crm-99,,1\n", "more than one phone number", "a quote stands where none can", "needs a number but got the text", "has 3 columns, the header 5", "nothing says who this is"} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report lacks %q: %.2000s", want, report)
		}
	}
	if _, err := os.Stat(file + ".import.json"); !os.IsNotExist(err) {
		t.Errorf("the note is left: %v", err)
	}
	out, errs, code := typed("tags", "list")
	says(t, out, errs, code, fmt.Sprintf("vip   %d\n", n-broken))
}

// breaking is a server whose nth import call fails; it keeps the rows it took.
type breaking struct {
	*httptest.Server
	fail int
	rows []string
}

func newBreaking(t *testing.T, fail int) *breaking {
	t.Helper()
	b := &breaking{fail: fail}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/contacts/import") {
			_, _ = io.WriteString(w, `{"items": [{"id": "65f0c0ffee0000000000b071", "name": "shop"}]}`)
			return
		}
		if b.fail--; b.fail == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"status": 503, "detail": "not now"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		b.rows = append(b.rows, lines...)
		_ = json.NewEncoder(w).Encode(importAnswer{Created: len(lines)})
	}))
	t.Cleanup(b.Close)
	return b
}

func TestAnImportGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	const rows = 3*importRows + 7
	var text strings.Builder
	for n := range rows {
		fmt.Fprintf(&text, "{\"external_id\": \"crm-%d\"}\n", n)
	}
	file := write(t, "people.ndjson", text.String())
	b := newBreaking(t, 3)
	again := func(more ...string) (string, string, int) {
		return typedIn(t, nil, append([]string{"contacts", "import", file, "--url", b.URL, "--token", "t"}, more...)...)
	}
	if _, errs, code := again(); code != exitFailed || !strings.Contains(errs, "not now") || !strings.Contains(errs, "1000 rows are in") {
		t.Fatalf("code %d, %s", code, errs)
	}
	out, errs, code := again()
	if code != exitFine || !strings.Contains(errs, "going on after row 1000\n") || out != fmt.Sprintf("%d rows: %d new, 0 known, 0 refused\n", rows, rows) {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	if len(b.rows) != rows || b.rows[rows-1] != fmt.Sprintf(`{"external_id":"crm-%d"}`, rows-1) {
		t.Errorf("%d rows came, the last %s", len(b.rows), b.rows[len(b.rows)-1])
	}

	b.fail, b.rows = 2, nil
	if _, _, code := again(); code != exitFailed {
		t.Fatalf("code %d", code)
	}
	if err := os.WriteFile(file, []byte("{\"external_id\": \"other\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := again(); code != exitUsage || !strings.Contains(errs, "--again") {
		t.Errorf("a changed file: code %d, %s", code, errs)
	}
	if out, errs, code := again("--again", "--json"); code != exitFine || !strings.Contains(out, `"rows": 1`) {
		t.Errorf("from the start: code %d, %s%s", code, out, errs)
	}
}

func TestAFileWithoutAKeyIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBreaking(t, 1)
	_, errs, code := typedIn(t, nil, "contacts", "import", write(t, "people.csv", "name\nMai\n"), "--url", b.URL, "--token", "t")
	if code != exitUsage || !strings.Contains(errs, "no column says who somebody is") {
		t.Errorf("code %d, %s", code, errs)
	}
}

// Files that are not there, or are, are named in words before anything is done.
func TestFilesOfPeopleAreNamed(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	folder := t.TempDir()
	there := write(t, "people.csv", "phone\n")
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitAbsent, "blockcast: there is no file nobody.csv\n", []string{"contacts", "import", "nobody.csv"}},
		{exitAbsent, "blockcast: there is no file nobody.csv\n", []string{"audience", "upload", "nobody.csv"}},
		{exitAbsent, "there is no file nobody.png\n", []string{"media", "upload", "nobody.png"}},
		{exitUsage, folder + " is a folder: name the file in it\n", []string{"contacts", "import", folder}},
		{exitUsage, there + " is there already, and is not written over", []string{"contacts", "export", there}},
		{exitAbsent, "there is no folder " + filepath.Join(folder, "none") + " to write people.csv into\n", []string{"contacts", "export", filepath.Join(folder, "none", "people.csv")}},
	} {
		if out, errs, code := typed(c.args...); code != c.code || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%v: code %d, %s%s, want %d and %s", c.args, code, out, errs, c.code, c.want)
		}
	}
}
