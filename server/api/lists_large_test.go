package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
)

// brokenRows are rows of a file that mean nobody, each in another way, with the
// reason.
var brokenRows = [...]struct{ row, reason string }{
	{"x,12,,1", "this is not a phone number"},
	{"x,0912345678 0987654321,,1", "more than one phone number is given: send one"},
	{"\"x\"y,0912345678,,1", "a quote stands where none can, or is not closed on its line"},
	{"x,0912345678,", "the row has 3 columns, the header 4"},
	{"x,,,1", "the row names nobody"},
	{"x,,gone-%,1", "nobody with this external id is known"},
	{"x,0399%,,1", "nobody with this phone number is known"},
	{"caf\xe9,0912345678,,1", "a letter is not UTF-8: save the file as UTF-8, which spreadsheets call CSV UTF-8"},
	{"\"x,0912345678,,1", "a quote stands where none can, or is not closed on its line"},
	{strings.Repeat("x", 70_000) + ",0912345678,,1", "the line is longer than 64 KB"},
}

// listSize is how many rows the test of a large file has;
// TEST_IMPORT_ROWS=200000 is an old system's whole list.
func listSize(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TEST_IMPORT_ROWS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n%10_000 != 0 {
		t.Fatalf("TEST_IMPORT_ROWS=%s: %v, want tens of thousands", text, err)
	}
	return n
}

// A large file, of which one row in a hundred is broken, in ten ways, and most
// mean somebody again: everybody else is on the list once, and every broken row
// is told with its line and its reason.
func TestALargeListFile(t *testing.T) {
	t.Parallel()
	const everyBroken = 100
	rows := listSize(t)
	known := rows / 10
	h := newHarness(t)
	var people []engine.ImportRow
	for i := range known {
		own, number := fmt.Sprintf("crm-%d", i), fmt.Sprintf("+84912%06d", i)
		people = append(people, engine.ImportRow{ExternalID: own, Phone: number, Deltas: engine.Deltas{Facts: map[string]any{"external_id": own},
			Phones: []engine.Phone{{E164: number, Raw: number, Source: engine.PhoneImport}}}})
	}
	for part := range slices.Chunk(people, 500) {
		if _, err := h.db.ImportContacts(t.Context(), h.bot.ID, part, h.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	file := new(strings.Builder)
	fmt.Fprintln(file, "Khách,SĐT,external id,points")
	wrong := map[int64]string{} // reasons by line
	for i := range rows {
		n := i / everyBroken
		broken := brokenRows[n%len(brokenRows)]
		switch {
		case i%everyBroken == everyBroken-1:
			wrong[int64(i+2)] = broken.reason
			fmt.Fprintln(file, strings.ReplaceAll(broken.row, "%", fmt.Sprintf("%06d", n)))
		case i%2 == 0:
			fmt.Fprintf(file, "王小明,0912 %06d,,%d\n", i%known, i)
		default:
			fmt.Fprintf(file, "\"Mai, Lan\",,crm-%d,%d\n", i%known, i)
		}
	}
	r, err := http.NewRequest(http.MethodPost, "http://localhost/v1/bots/"+h.bot.ID+"/lists/csv?phone=S%C4%90T", strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("Authorization", "Bearer "+h.tokens["admin"])
	var made struct {
		ID                                string
		Rows, People, Duplicates, Refused int
	}
	read(t, textOf(t, h.do(t, r), http.StatusCreated), &made)
	meant := known/2 + known/2 - known/everyBroken // by phone those with even numbers, by id the others but those in whose place a broken row stands
	if made.Rows != rows || made.Refused != len(wrong) || made.People != meant || made.Duplicates != rows-len(wrong)-meant {
		t.Errorf("got %+v, want %d refused and %d people", made, len(wrong), meant)
	}
	told := map[int64]string{}
	for cursor := ""; ; {
		var page struct {
			Items []engine.RefusedRow
			Next  string `json:"next_cursor"`
		}
		read(t, textOf(t, h.call(t, "reader", http.MethodGet, "/lists/"+made.ID+"/refused?limit=200&cursor="+cursor, ""), http.StatusOK), &page)
		for _, row := range page.Items {
			told[row.Line] = row.Reason
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if d := cmp.Diff(wrong, told); d != "" {
		t.Errorf("refused rows (-want +got): %.2000s", d)
	}
}

func read(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
}
