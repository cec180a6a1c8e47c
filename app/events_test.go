package app

import (
	"strings"
	"testing"
)

func TestAnEventNeedsAPersonWhoIsKnown(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	if _, errs, code := typed("events", "post", "order_paid"); code != exitUsage || !strings.Contains(errs, "to whom") {
		t.Errorf("nobody: code %d, %s", code, errs)
	}
	if _, errs, code := typed("events", "post", "order_paid", "--user=U1"); code != exitUsage || !strings.Contains(errs, "--user needs --account") {
		t.Errorf("a user of no account: code %d, %s", code, errs)
	}
	if _, errs, code := typed("events", "post", "order_paid", "--phone=0912345678"); code != exitAbsent || !strings.Contains(errs, "+886912345678") {
		t.Errorf("a number nobody has: code %d, %s", code, errs)
	}
}
