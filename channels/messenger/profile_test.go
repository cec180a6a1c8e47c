package messenger

import "testing"

func TestRecognizes(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"6408123456789012": true, "1": true,
		"": false, "U4af4980629": false, "64081234 56789012": false, "+6408": false, "６４０８": false,
	} {
		if got := new(Channel).Recognizes(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}
