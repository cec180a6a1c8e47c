package app

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/server/token"
)

// TestTokensMoveIn imports an old system's token, and gives it and another one
// new secrets: the old ones are good for as long as is said.
func TestTokensMoveIn(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	server := serving(t, data, "blockcast serves")
	defer server.stop()
	do := func(code int, want string, args ...string) string {
		t.Helper()
		out, errs, got := typedIn(t, nil, append(append([]string{"tokens"}, args...), "--data", data)...)
		if got != code || !strings.Contains(out+errs, want) {
			t.Fatalf("tokens %v: code %d, want %d and %q:\n%s%s", args, got, code, want, out, errs)
		}
		return out
	}
	if _, errs, code := typedIn(t, nil, "bots", "create", "Tiệm Sao Mai", "--data", data); code != 0 {
		t.Fatal(errs)
	}
	running, err := readRunning(data)
	if err != nil {
		t.Fatal(err)
	}
	opens := func(secret string) bool {
		t.Helper()
		bots, err := newClient(running.URL, secret).get(t.Context(), "/v1/bots")
		if err != nil {
			// A bot's own token may not list bots, which is another refusal than
			// that of a token that is not good.
			return !strings.Contains(err.Error(), token.Unknown)
		}
		return len(bots) > 0
	}

	old := "a1b2c3d4e5f6"
	do(exitFine, "may be guessed", "import", "old shop", old)
	do(exitFine, "imported long", "import", "long", "@"+write(t, "secret", strings.Repeat("k", 40)+"\n"))
	do(exitUsage, "too short", "import", "tiny", "abc")
	do(exitUsage, "without spaces", "import", "odd", "abc def ghi jkl")
	do(exitRefused, "has this secret already", "import", "twice", old)
	if !opens(old) {
		t.Error("an imported token opens nothing")
	}

	var rotated tokenView
	if err := json.Unmarshal([]byte(do(exitFine, "", "rotate", "old shop", "--json")), &rotated); err != nil || len(rotated.Token) != 64 {
		t.Fatalf("%+v, %v", rotated, err)
	}
	if !opens(old) || !opens(rotated.Token) {
		t.Error("within the overlap both secrets are good")
	}
	do(exitFine, "replaced, ends ", "list")
	second, _, _ := strings.Cut(do(exitFine, "keep it now", "rotate", "old shop", "--overlap", "0s"), "\n")
	if opens(rotated.Token) || !opens(second) || !opens(old) {
		t.Error("without an overlap the old secret ends at once, and no other")
	}
	do(exitAbsent, `no token "nobody"`, "rotate", "nobody")
	do(exitUsage, "up to 30d", "rotate", "long", "--overlap", "60d")
	do(exitFine, "revoked old shop", "revoke", "old shop")
	if opens(old) || opens(second) {
		t.Error("a revoked token is good")
	}
}
