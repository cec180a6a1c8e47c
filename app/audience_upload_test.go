package app

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// A list of a file has who is known once; the rows that mean nobody stand in a
// file of their own, all of them, and the first on the screen.
func TestUploadAListOfPeople(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	var known, meant strings.Builder
	known.WriteString("phone\n")
	meant.WriteString("Tel;Name\n")
	for i := range 300 {
		fmt.Fprintf(&known, "0912%06d\n", i)
		fmt.Fprintf(&meant, "0912%06d;x\n0912 %06d;again\n12;broken %d\n", i, i, i)
	}
	if out, errs, code := typed("contacts", "import", write(t, "known.csv", known.String())); code != exitFine {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	file := write(t, "meant.csv", meant.String())
	out, errs, code := typed("audience", "upload", file, "--phone=Tel", "--name=regulars")
	says(t, out, errs, code, ": 300 people of 900 rows; 300 for somebody again, 300 for nobody\n")
	says(t, out, errs, code, "written to "+file+".refused.csv, each with why: 300 rows for nobody\n")
	if lines := strings.Count(out, "this is not a phone number"); lines != shownRefusals {
		t.Errorf("%d refused rows are shown, want %d", lines, shownRefusals)
	}
	report, err := os.ReadFile(file + ".refused.csv")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(report), "\n"); lines != 301 || !strings.Contains(string(report), "\n901,,this is not a phone number,12\n") {
		t.Errorf("the report has %d lines: %.300s", lines, report)
	}
}

// A list has a name in the lists of them, also when nobody gave it one, and an
// empty file is said to be one at once.
func TestAListIsCalledAsItsFile(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	for file, want := range map[string]string{
		"regulars.csv":                         "regulars.csv",
		strings.Repeat("顧", 60) + "guests.csv": strings.Repeat("顧", 60) + "guests.csv",
		strings.Repeat("a", 120) + ".csv":      strings.Repeat("a", maxListName),
	} {
		out, errs, code := typed("audience", "upload", write(t, file, "phone\n0912345678\n"), "--json")
		says(t, out, errs, code, `"name": "`+want+`"`)
	}
	if out, errs, code := typed("audience", "upload", write(t, "empty.csv", "")); code != exitUsage || !strings.Contains(errs, "the file is empty") {
		t.Errorf("an empty file: %d %s%s", code, out, errs)
	}
}

// The bar counts the rows that were sent.
func TestTheMeterCountsRows(t *testing.T) {
	t.Parallel()
	f, err := os.Open(write(t, "people.csv", "phone\n"+strings.Repeat("0912345678\n", 99)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var drawn bytes.Buffer
	m, err := newLineMeter(f, &progress{out: &drawn})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(m, make([]byte, 6+49*11)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(drawn.String(), " 50%  50 of 100, rows") {
		t.Errorf("half of it is drawn as %q", drawn.String())
	}
	if _, err := io.Copy(io.Discard, m); err != nil || !strings.Contains(drawn.String(), "100%  100 of 100, rows") {
		t.Errorf("%v, all of it is drawn as %q", err, drawn.String())
	}
}
