package app

import (
	"strings"
	"testing"
)

func TestATagIsListedRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	if _, errs, code := typed("contacts", "create", "小華", "--tag", "新客人", "--tag", "vip"); code != exitFine {
		t.Fatalf("code %d, %s", code, errs)
	}
	out, errs, code := typed("tags", "list")
	says(t, out, errs, code, "NAME    PEOPLE\nvip     1\n新客人  1\n") // three letters as wide as six
	out, errs, code = typed("tags", "show", "VIP")
	says(t, out, errs, code, "vip: 1 person\nnothing names it\n")
	out, errs, code = typed("tags", "rename", "新客人", "老客人")
	says(t, out, errs, code, "新客人 is now 老客人\n")
	if _, errs, code := typed("tags", "rename", "vip", "老客人"); code != exitRefused || !strings.Contains(errs, `"老客人" exists already`) {
		t.Errorf("a taken name: code %d, %s", code, errs)
	}
	out, errs, code = typed("tags", "delete", "vip", "--json")
	says(t, out, errs, code, `"deleted": true`)
	out, errs, code = typed("tags", "list", "--json")
	says(t, out, errs, code, `"name": "老客人"`)
}
