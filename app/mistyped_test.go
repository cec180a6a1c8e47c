package app

import "testing"

func TestWhoTypesWronglyIsToldWhereToLook(t *testing.T) {
	t.Parallel()
	for typed, want := range map[[2]string]string{
		{"lists"}:                     "blockcast: unexpected argument lists\n  blockcast --help tells what there is\n",
		{"segments", "create"}:        "blockcast: unexpected argument create\n  blockcast segments has list, show, save, delete, estimate\n",
		{"segments", "lst"}:           "blockcast: unexpected argument lst, did you mean \"list\"?\n  blockcast segments has list, show, save, delete, estimate\n",
		{"version", "two"}:            "blockcast: unexpected argument two\n  blockcast version --help tells what there is\n",
		{"version", "--nothing-such"}: "blockcast: unknown flag --nothing-such\n",
	} {
		args := typed[:]
		if typed[1] == "" {
			args = args[:1]
		}
		if _, errs, code := typedIn(t, nil, args...); code != exitUsage || errs != want {
			t.Errorf("%v: code %d, %q", typed, code, errs)
		}
	}
}
