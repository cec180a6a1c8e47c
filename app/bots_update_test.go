package app

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestBotsUpdateChangesWhatIsSaid holds that settings are changed one by one.
func TestBotsUpdateChangesWhatIsSaid(t *testing.T) {
	t.Parallel()
	s := serving(t, filepath.Join(t.TempDir(), "data"), "bots create")
	for _, args := range [][]string{
		{"bots", "create", "Shop"},
		{"bots", "update", "--set", "all_channels=true", "--name", "The shop"},
		{"bots", "update", "--set", "month_day=true", "--value", `stylists=["Anna","Bo"]`, "--value", "open=from nine"},
	} {
		if _, errs, code := typedIn(t, nil, append(args, "--data", s.data)...); code != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
	}
	out, errs, code := typedIn(t, nil, "bots", "show", "--data", s.data)
	if code != 0 || !strings.Contains(out, "The shop") || !strings.Contains(out, `"all_channels":true`) || !strings.Contains(out, `"month_day":true`) ||
		!strings.Contains(out, `"open":"from nine"`) || !strings.Contains(out, `"stylists":["Anna","Bo"]`) {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	for want, args := range map[string][]string{
		"say what to change": {"bots", "update"},
		"all_chanels":        {"bots", "update", "--set", "all_chanels=true"},
		"settings.broadcasts.frequency_caps[1].most: between 1": {"bots", "update", "--set", `broadcasts={"frequency_caps": [{"most": 1, "days": 7}, {"most": 0, "days": 1}]}`},
	} {
		if _, errs, code := typedIn(t, nil, append(args, "--data", s.data)...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%v: code %d, %s; want %s", args, code, errs, want)
		}
	}
}
