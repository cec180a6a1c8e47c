package app

import (
	"strings"
	"testing"
)

// shopFolder is a data folder with one bot, and what types a command on it.
func shopFolder(t *testing.T) (typed func(args ...string) (out, errs string, code int)) {
	t.Helper()
	data := t.TempDir()
	typed = func(args ...string) (string, string, int) {
		t.Helper()
		return typedIn(t, map[string]string{"BLOCKCAST_DATA": data}, args...)
	}
	if out, errs, code := typed("bots", "create", "日日小舖", "--region", "TW"); code != exitFine {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	return typed
}

// says holds what a command prints, the zone of whoever looks aside.
func says(t *testing.T, out, errs string, code int, want string) {
	t.Helper()
	if code != exitFine || !strings.Contains(out, want) {
		t.Errorf("code %d, %s%s, want %q", code, out, errs, want)
	}
}

func TestASecretIsSetListedAndDeleted(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	const value = "sk-from-a-file"
	out, errs, code := typed("secrets", "set", "shop_key", "@"+write(t, "key", value+"\n"))
	says(t, out, errs, code, "set shop_key\n")
	out, errs, code = typed("secrets", "list")
	says(t, out, errs, code, "\nshop_key  ")
	out, errs, code = typed("secrets", "list", "--json")
	says(t, out, errs, code, `"name": "shop_key"`)
	if strings.Contains(out, value) {
		t.Errorf("the list shows the value: %s", out)
	}
	if _, errs, code := typed("secrets", "set", "shop key", "x"); code != exitUsage || !strings.Contains(errs, "letters, digits") {
		t.Errorf("a name with a space: code %d, %s", code, errs)
	}
	out, errs, code = typed("secrets", "delete", "shop_key")
	says(t, out, errs, code, "deleted shop_key\n")
	if _, errs, code := typed("secrets", "delete", "shop_key"); code != exitAbsent || !strings.Contains(errs, `no secret "shop_key"`) {
		t.Errorf("deleted twice: code %d, %s", code, errs)
	}
}
