package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// A Page that Meta bars is paused before it tries anything, and the owner reads
// why; forgiven and set active again, it sends what has waited.
func TestBarredPageWaits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		w.foreseen = "the platform warns"
		mai := w.onPage(0)
		_, err := w.line.Write(t.Context(), page, mai, "size")
		w.must(err)
		w.got(mai, 1)
		w.must(w.line.Enforce(t.Context(), page, sandbox.PolicyBlock, "The bot sent spam."))
		var a struct {
			ID, State, Reason string
			Notice            *struct{ Code, Message string }
		}
		w.must(json.Unmarshal([]byte(w.cli("accounts", "show", w.page, "--json")), &a))
		if a.State != "paused" || !strings.Contains(a.Reason, "The bot sent spam.") || a.Notice == nil || a.Notice.Code != "policy_enforcement" {
			t.Fatalf("the account is %+v", a)
		}
		if list := w.cli("accounts", "list"); !strings.Contains(list, "The bot sent spam.") {
			t.Errorf("the list says nothing of it: %s", list)
		}
		_, err = w.line.Write(t.Context(), page, mai, "hello")
		w.must(err)
		w.must(w.line.Enforce(t.Context(), page, sandbox.PolicyUnblock, ""))
		if n := w.line.Counts().Refused[403]; n != 0 {
			t.Errorf("%d calls were tried while it was barred", n)
		}
		a.Notice = nil
		w.cli("accounts", "resume", w.page)
		w.got(mai, 2)
		w.must(json.Unmarshal([]byte(w.cli("accounts", "show", w.page, "--json")), &a))
		if a.State != "active" || a.Notice != nil {
			t.Errorf("after it was resumed the account is %+v", a)
		}
	})
}
